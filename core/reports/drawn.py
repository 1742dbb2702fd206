"""A report's chart, as a Vega-Lite specification with a sentence that says the same in words."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core.documents import charts
from core.i18n import _
from core.reports import words
from core.reports.describe import Chart, Column, Value
from core.reports.paper import Paper

LONGEST_BY_DAY = 62
"""A chart over more days than these shows months."""
MOST = 40
"""Bars that can be told apart; of more, the first."""

Sums = list[tuple[str, int]]


def chart_of(paper: Paper) -> dict[str, Any] | None:
    """The specification of the first table's chart; None where there is none, or nothing that one chart can show."""
    chart, table = paper.answered.found.report.chart, paper.answered.tables[0]
    if chart is None or not table.rows:
        return None
    by = {column.name: column for column in table.columns}
    currency = paper.columns(table)[1]
    y = by[chart.y]
    if y.kind == "money" and not currency:
        return None  # amounts of several currencies have no common height
    sums = _sums(paper, chart, x=by[chart.x])
    unit = words.unit(currency, paper.locale) if y.kind == "money" else paper.say(y.title)
    factor = 10 ** words.digits(currency) if y.kind == "money" else 1
    draw = charts.line if chart.kind == "line" else charts.bars
    points = [(label, value / factor) for label, value in sums]
    name = paper.answered.found.name.replace(".", "-")
    return draw(points, name=name, unit=unit, sentence=_sentence(paper, sums, y=y))


def _sums(paper: Paper, chart: Chart, *, x: Column) -> Sums:
    """The sum of `y` for each `x`; days without anything are zero, so that a gap can be seen."""
    values, by_month = paper.answered.asked.values, False
    sums: dict[str, int] = {}
    if x.kind == "date" and "period" in values:
        period = values["period"]
        days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
        by_month = len(days) > LONGEST_BY_DAY
        sums = {_label(day, by_month): 0 for day in days}
    for row in paper.answered.tables[0].rows:
        label = _label(row[x.name], by_month) if x.kind == "date" else paper.say(row[x.name])
        sums[label] = sums.get(label, 0) + (row.get(chart.y) or 0)
    return list(sums.items())[: None if x.kind == "date" else MOST]


def _label(day: Any, by_month: bool) -> str:
    return str(day)[:7] if by_month else str(day)[5:]


def _sentence(paper: Paper, sums: Sums, *, y: Column) -> str:
    how = {"currency": paper.mall.currency, "zone": paper.mall.zone, "locale": paper.locale}

    def show(value: int) -> str:
        return words.shown(Value(value, y.kind), **how)

    most, least = max(sums, key=lambda one: one[1]), min(sums, key=lambda one: one[1])
    said = _(
        "%(what)s: %(sum)s in all; most %(most)s (%(high)s), least %(least)s (%(low)s).",
        what=y.title,
        sum=show(sum(value for _label, value in sums)),
        most=most[0],
        high=show(most[1]),
        least=least[0],
        low=show(least[1]),
    )
    return paper.say(said)
