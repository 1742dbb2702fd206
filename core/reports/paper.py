"""An answer in a reader's language: as plain texts for screen and paper, as typed cells for workbooks and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core import clock
from core.i18n import Text, _
from core.reports import words
from core.reports.answering import Answered, Filled
from core.reports.describe import Column, Row, Statement, Value
from core.types import MallFacts

HTML = {"zh": "zh-CN", "en": "en"}
CURRENCY = Column("currency", _("Currency"))
TIME = Column("", Text(""), "time")


@dataclass(frozen=True, slots=True)
class Paper:
    """An answer and the language it is read in ('zh' or 'en')."""

    answered: Answered
    locale: str

    @property
    def mall(self) -> MallFacts:
        """The mall the report is about."""
        return self.answered.asked.mall

    @property
    def title(self) -> str:
        """The report's title."""
        return self.say(self.answered.found.report.title)

    def say(self, text: Text | str) -> str:
        """A text in the reader's language."""
        return text.into(self.locale) if isinstance(text, Text) else text

    def page(self) -> dict[str, Any]:
        """The content of a page, as `core.documents.page` describes it; a chart is not in it."""
        return {
            "lang": HTML[self.locale],
            "title": self.title,
            "owner": self.mall.name,
            "made": self.say(_("Made %(time)s", time=self._time(self.answered.asked.now))),
            "facts": [*self._pairs(self.answered.facts), *self._currency()],
            "figures": self._pairs(self.answered.figures),
            "parts": [self._part(table) for table in self.answered.tables],
            "notes": [self.say(note) for note in self.answered.notes],
            "signatures": self._signatures(),
            "seal": self._seal(),
            "foot": self._foot(),
            "missing": self.say(_("No font has these characters; 〓 stands in their place: %(which)s", which="\n")),
            "page": self.say(_("Page %(page)s of %(pages)s", page="\n", pages="\n")).split("\n"),
        }

    def _time(self, value: datetime) -> str:
        return words.cell(value, TIME, zone=self.mall.zone, locale=self.locale)

    def _pairs(self, pairs: Iterable[tuple[Text, Value]]) -> list[list[str]]:
        how = {"currency": self.mall.currency, "zone": self.mall.zone, "locale": self.locale}
        return [[self.say(label), words.shown(value, **how)] for label, value in pairs]

    def _currency(self) -> list[list[str]]:
        if not any(column.kind == "money" for table in self.answered.tables for column in table.columns):
            return []
        return [[self.say(_("Currency")), words.currency_name(self.mall.currency, self.locale)]]

    def _foot(self) -> str:
        """Title and what was asked, so that a page that got lost says where it belongs."""
        asked, said = self.answered.asked, [self.title]
        if asked.store is not None:
            said.append(asked.store.code)
        if asked.member_id is not None:
            said.append(self.say(_("Member no. %(number)s", number=asked.member_id)))
        if (day := asked.values.get("day")) is not None:
            said.append(str(day))
        if (period := asked.values.get("period")) is not None:
            said.append(self.say(period.words()))
        return ("，" if self.locale == "zh" else ", ").join(said)

    def _signatures(self) -> list[list[str]]:
        report = self.answered.found.report
        signers = report.signatures if isinstance(report, Statement) else ()
        return [[self.say(who), self.say(_("Date"))] for who in signers]

    def _seal(self) -> list[str]:
        seal = self.answered.seal
        if not isinstance(self.answered.found.report, Statement):
            return []
        if seal is None:
            return [
                self.say(_("The books have no checkpoint yet.")),
                "",
                self.say(_("The worker seals what is booked.")),
            ]
        short = seal.chain.hex()[:32]
        digest = "sha-256 " + " ".join(short[place : place + 4] for place in range(0, len(short), 4)) + " …"
        line = _("Checkpoint of the books #%(seq)s, %(at)s", seq=f"{seal.seq:,}", at=self._time(seal.at))
        advice = _(
            "To check: run the offline verifier over an export of the books; its chain must hold this checkpoint."
        )
        return [self.say(line), digest, self.say(advice)]

    # --- tables as texts ----------------------------------------------------------------------------------------------

    def columns(self, table: Filled) -> tuple[list[Column], str]:
        """The columns, with one for the currency where rows are of several; and the one that all are of, or ""."""
        own = self.mall.currency
        if not any(column.kind == "money" for column in table.columns):
            return list(table.columns), own
        used = {row.get("currency", own) for row in table.rows} or {own}
        return (list(table.columns), used.pop()) if len(used) == 1 else ([*table.columns, CURRENCY], "")

    def _part(self, table: Filled) -> dict[str, Any]:
        columns, currency = self.columns(table)
        heads = [{"text": words.head(c, currency=currency, locale=self.locale), "num": c.num} for c in columns]
        return {
            "title": self.say(table.title or ""),
            "heads": heads,
            "rows": [{"cells": self._texts(row, columns), "strong": strong} for row, strong in lines_of(table)],
            "foot": [self._texts(_totalled(row, columns), columns) for row in table.totals],
            "empty": self.say(table.empty or _("Nothing in this period.")),
        }

    def _texts(self, row: Row, columns: list[Column]) -> list[str]:
        """A balance or a total has nothing to say in some columns; a row says a dash."""
        row = {"currency": self.mall.currency, **row}
        how = {"zone": self.mall.zone, "locale": self.locale, "currency": row["currency"]}
        return [words.cell(row[column.name], column, **how) if column.name in row else "" for column in columns]

    # --- tables as typed cells ----------------------------------------------------------------------------------------

    def typed(self, table: Filled) -> Iterator[tuple[list[Any], bool]]:
        """Head, rows and totals as cells for machines, and whether a line stands out.

        Decimal texts for money, fractions for percent, ISO texts for dates and times; `{"text": …}` for words that
        stand in columns of figures.
        """
        columns, currency = self.columns(table)
        yield [{"text": words.head(c, currency=currency, locale=self.locale)} for c in columns], True
        for row, strong in lines_of(table):
            yield self._cells(row, columns), strong
        for row in table.totals:
            yield self._cells(_totalled(row, columns), columns), True

    def _cells(self, row: Row, columns: list[Column]) -> list[Any]:
        row = {"currency": self.mall.currency, **row}
        return [self._cell(row.get(column.name), column, currency=row["currency"]) for column in columns]

    def _cell(self, value: Any, column: Column, *, currency: str) -> Any:
        if value is None:
            return None
        if isinstance(value, Text):
            return self.say(value) if column.kind == "text" else {"text": self.say(value)}
        if column.kind == "money":
            return words.exact(value, currency)
        if column.kind == "percent":
            return value / 10_000
        if column.kind == "time":
            wall = value.astimezone(clock.zone(self.mall.zone))
            return wall.replace(tzinfo=None, microsecond=0).isoformat(" ")
        return value.isoformat() if column.kind == "date" else value if column.num else str(value)


def lines_of(table: Filled) -> Iterator[tuple[Row, bool]]:
    """The rows with the opening and closing balances around them, which stand out."""
    if table.first is not None:
        yield table.first, True
    yield from ((row, False) for row in table.rows)
    if table.last is not None:
        yield table.last, True


def _totalled(row: Row, columns: list[Column]) -> Row:
    """A row of totals with the word for it in the first column that is free."""
    free = next((column for column in columns if not column.total and column.name != "currency"), None)
    return row if free is None else {**row, free.name: _("Total")}
