"""An answer in a reader's language: as plain texts for screen and paper, as typed cells for workbooks and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from core import clock
from core.documents import charts
from core.i18n import Text, _, language
from core.reports import words
from core.reports.answering import Answered, Filled
from core.reports.describe import Column, Row, Statement, Value

HTML = {"zh": "zh-CN", "en": "en"}
LONGEST_BY_DAY = 62
"""A chart over more days than these shows months."""
CURRENCY = Column("currency", _("Currency"))


def page_of(answered: Answered, locale: str) -> dict[str, Any]:
    """The content of a page, as `core.documents.page` describes it; a chart is not in it."""
    with language(locale):
        title = str(answered.found.report.title)
        made = words.cell(answered.asked.now, _TIME, zone=answered.asked.mall.zone, locale=locale)
        return {
            "lang": HTML[locale],
            "title": title,
            "owner": answered.asked.mall.name,
            "made": str(_("Made %(time)s", time=made)),
            "facts": [*_pairs(answered, answered.facts, locale), _currency(answered, locale)],
            "figures": _pairs(answered, answered.figures, locale),
            "parts": [_part(answered, table, locale) for table in answered.tables],
            "notes": [str(note) for note in answered.notes],
            "signatures": _signatures(answered),
            "seal": _seal(answered, locale),
            "foot": _foot(answered, title, locale=locale),
            "page": str(_("Page %(page)s of %(pages)s", page="\n", pages="\n")).split("\n"),
        }


_TIME = Column("", Text(""), "time")


def _pairs(answered: Answered, pairs: Iterable[tuple[Text, Value]], locale: str) -> list[list[str]]:
    mall = answered.asked.mall
    return [
        [str(label), words.shown(value, currency=mall.currency, zone=mall.zone, locale=locale)]
        for label, value in pairs
    ]


def _currency(answered: Answered, locale: str) -> list[str]:
    return [str(_("Currency")), words.currency_name(answered.asked.mall.currency, locale)]


def _foot(answered: Answered, title: str, *, locale: str) -> str:
    """Title and first facts, so that a page that got lost says where it belongs."""
    asked, said = answered.asked, [title]
    if asked.store is not None:
        said.append(asked.store.code)
    if asked.member_id is not None:
        said.append(str(_("Member no. %(number)s", number=asked.member_id)))
    said += [str(value) for value in (asked.values.get("day"), asked.values.get("period")) if value is not None]
    return ("，" if locale == "zh" else ", ").join(said)


def _signatures(answered: Answered) -> list[list[str]]:
    report = answered.found.report
    return [[str(word), str(_("Date"))] for word in report.signatures] if isinstance(report, Statement) else []


def _seal(answered: Answered, locale: str) -> list[str]:
    if not isinstance(answered.found.report, Statement):
        return []
    if answered.seal is None:
        return [str(_("The books have no checkpoint yet.")), "", str(_("The worker seals what is booked."))]
    at = words.cell(answered.seal.at, _TIME, zone=answered.asked.mall.zone, locale=locale)
    short = answered.seal.chain.hex()[:32]
    digest = "sha-256 " + " ".join(short[place : place + 4] for place in range(0, len(short), 4)) + " …"
    line = _("Checkpoint of the books #%(seq)s, %(at)s", seq=f"{answered.seal.seq:,}", at=at)
    advice = _("To check: run the offline verifier over an export of the books; its chain must show this checkpoint.")
    return [str(line), digest, str(advice)]


# --- tables as texts ----------------------------------------------------------------------------------------------


def columns_of(answered: Answered, table: Filled) -> tuple[list[Column], str]:
    """The columns, with one for the currency where rows are of several, and the currency that all are of, or ""."""
    own = answered.asked.mall.currency
    if not any(column.kind == "money" for column in table.columns):
        return list(table.columns), own
    used = {row.get("currency", own) for row in table.rows} or {own}
    return (list(table.columns), used.pop()) if len(used) == 1 else ([*table.columns, CURRENCY], "")


def _part(answered: Answered, table: Filled, locale: str) -> dict[str, Any]:
    columns, currency = columns_of(answered, table)
    own = answered.asked.mall.currency

    def cells(row: Row) -> list[str]:
        """A balance or a total has nothing to say in some columns; a row says a dash."""
        how: dict[str, Any] = {"zone": answered.asked.mall.zone, "locale": locale}
        row = {"currency": own, **row}
        how["currency"] = row["currency"]
        return [words.cell(row[c.name], c, **how) if c.name in row else "" for c in columns]

    rows = [{"cells": cells(row), "strong": strong} for row, strong in lines_of(table)]
    return {
        "title": str(table.title) if table.title else "",
        "heads": [{"text": words.head(c, currency=currency, locale=locale), "num": c.num} for c in columns],
        "rows": rows,
        "foot": [_totalled(cells(row), columns) for row in table.totals],
        "empty": str(table.empty or _("Nothing in this period.")),
    }


def lines_of(table: Filled) -> Iterator[tuple[Row, bool]]:
    """The rows with the opening and closing balances around them, which stand out."""
    if table.first is not None:
        yield table.first, True
    yield from ((row, False) for row in table.rows)
    if table.last is not None:
        yield table.last, True


def _totalled(cells: list[str], columns: list[Column]) -> list[str]:
    place = next((n for n, column in enumerate(columns) if not column.total and column.name != "currency"), None)
    if place is not None:
        cells[place] = str(_("Total"))
    return cells


# --- tables as typed cells ----------------------------------------------------------------------------------------


def typed(answered: Answered, table: Filled, locale: str) -> Iterator[tuple[list[Any], bool]]:
    """Head, rows and totals as cells for machines, and whether a line stands out: decimal texts for money, fractions
    for percent, ISO texts for dates and times, mappings `{"text": …}` for words in columns of figures."""
    columns, currency = columns_of(answered, table)
    own, zone = answered.asked.mall.currency, answered.asked.mall.zone
    yield [{"text": words.head(c, currency=currency, locale=locale)} for c in columns], True
    for row, strong in lines_of(table):
        yield [_plain({"currency": own, **row}, column, zone=zone, locale=locale) for column in columns], strong
    for row in table.totals:
        cells = [_plain(row, column, zone=zone, locale=locale) for column in columns]
        place = next((n for n, column in enumerate(columns) if not column.total and column.name != "currency"), None)
        if place is not None:
            cells[place] = {"text": _("Total").into(locale)}
        yield cells, True


def _plain(row: Row, column: Column, *, zone: str, locale: str) -> Any:
    value = row.get(column.name)
    if value is None:
        return None
    if isinstance(value, Text):
        return value.into(locale) if column.kind == "text" else {"text": value.into(locale)}
    if column.kind == "money":
        return words.exact(value, row["currency"])
    if column.kind == "percent":
        return value / 10_000
    if column.kind == "time" and isinstance(value, datetime):
        return value.astimezone(clock.zone(zone)).replace(tzinfo=None, microsecond=0).isoformat(" ")
    return value.isoformat() if column.kind == "date" else value if column.num else str(value)


# --- charts -------------------------------------------------------------------------------------------------------


def chart_of(answered: Answered, locale: str) -> dict[str, Any] | None:
    """The Vega-Lite specification of the report's chart; None where there is none, or nothing to show."""
    chart = answered.found.report.chart
    if chart is None or not answered.tables[0].rows:
        return None
    table = answered.tables[0]
    by = {column.name: column for column in table.columns}
    currency = columns_of(answered, table)[1]
    if by[chart.y].kind == "money" and not currency:
        return None  # amounts of several currencies are no one height
    points = _points(answered, table, by[chart.x])
    factor = 10 ** -words.digits(currency) if by[chart.y].kind == "money" else 1
    draw = charts.line if chart.kind == "line" else charts.bars
    name = answered.found.name.replace(".", "-")
    unit = words.unit(currency, locale) if by[chart.y].kind == "money" else by[chart.y].title.into(locale)
    told = _sentence(answered, points, by[chart.y], locale=locale)
    return draw([(label, value * factor) for label, value in points], name=name, unit=unit, sentence=told)


def _points(answered: Answered, table: Filled, x: Column) -> list[tuple[str, int]]:
    chart = answered.found.report.chart
    assert chart is not None  # noqa: S101 - asked before
    sums: dict[str, int] = {}
    by_month = False
    if x.kind == "date" and "period" in answered.asked.values:
        period = answered.asked.period
        days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
        by_month = len(days) > LONGEST_BY_DAY
        sums = {_label(day, by_month): 0 for day in days}
    for row in table.rows:
        label = _label(row[x.name], by_month) if x.kind == "date" else str(row[x.name])
        sums[label] = sums.get(label, 0) + (row.get(chart.y) or 0)
    return list(sums.items())


def _label(day: Any, by_month: bool) -> str:
    return str(day)[:7] if by_month else str(day)[5:]


def _sentence(answered: Answered, points: list[tuple[str, int]], y: Column, *, locale: str) -> str:
    mall = answered.asked.mall

    def show(value: int) -> str:
        return words.shown(Value(value, y.kind), currency=mall.currency, zone=mall.zone, locale=locale)

    most, least = max(points, key=lambda point: point[1]), min(points, key=lambda point: point[1])
    said = _(
        "%(what)s: %(sum)s in all; most %(most)s (%(high)s), least %(least)s (%(low)s).",
        what=y.title,
        sum=show(sum(value for _label, value in points)),
        most=most[0],
        high=show(most[1]),
        least=least[0],
        low=show(least[1]),
    )
    return said.into(locale)
