"""A report as a file: PDF, Excel or CSV. Nothing is kept: the file goes to who asked for it, and the trail says so."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core import audit
from core.audit import Subject
from core.db import UnitOfWork
from core.documents import charts, lines, renderer
from core.errors import Invalid, Refused
from core.i18n import _
from core.reports import drawn, words
from core.reports.answering import Answered, Filled
from core.reports.describe import Column
from core.reports.paper import Paper

FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOST_AT_ONCE, MOST_ON_PAPER = 1_000, 5_000
"""Rows of a PDF: while somebody's browser waits, and where there is time. Whoever wants more wants a workbook."""
WIDTHS = {"text": 28, "date": 12, "time": 18, "money": 16, "percent": 10, "count": 12, "points": 12}


@dataclass(frozen=True, slots=True)
class File:
    """A finished file. `missing` are characters no font has (`U+20BB7`), printed as 〓."""

    name: str
    media_type: str
    body: bytes
    missing: tuple[str, ...] = ()


def make(answered: Answered, *, kind: str, locale: str, seconds: float = renderer.SECONDS) -> File:
    """The answer as 'pdf', 'xlsx' or 'csv'. `Refused`: too_many_rows, or as `documents.renderer` says."""
    if kind not in FORMATS:
        raise Invalid(_("A report comes as pdf, xlsx or csv."), code="no_such_format")
    paper = Paper(answered, locale)
    made = {"pdf": _printed, "xlsx": _counted, "csv": _written}[kind](paper, seconds)
    name = f"{answered.found.name}-{answered.asked.today:%Y%m%d}.{kind}"
    return File(name, FORMATS[kind], made.body, made.missing)


def note(uow: UnitOfWork, answered: Answered, *, kind: str) -> None:
    """Write into the audit trail that the report left the house as a file."""
    asked = answered.asked
    store = asked.store.id if asked.store else None
    given = {name: str(getattr(value, "code", value)) for name, value in asked.values.items() if value is not None}
    subject = Subject(answered.found.name, asked.member_id or "", asked.mall.id, store)
    audit.record(uow, action="exported", subject=subject, change=({}, {"format": kind, **given}))


def _printed(paper: Paper, seconds: float) -> renderer.Rendered:
    most = MOST_AT_ONCE if seconds <= renderer.SECONDS else MOST_ON_PAPER
    if sum(len(table.rows) for table in paper.answered.tables) > most:
        sentence = _("More than %(most)s rows do not go on paper. Choose Excel.", most=f"{most:,}")
        raise Refused(sentence, code="too_many_rows")
    page, assets = paper.page(), {}
    spec = drawn.chart_of(paper)
    if spec is not None:
        assets["chart"] = ("image/svg+xml", base64.b64encode(charts.svg(spec).encode()).decode())
        page["chart"] = {"asset": "chart", "sentence": spec["description"]}
    return renderer.render("pdf", {"page": page, "assets": assets}, seconds=seconds)


def _counted(paper: Paper, seconds: float) -> renderer.Rendered:
    """A workbook: a sheet with the facts above the first table, then one for each other table."""
    tables = enumerate(paper.answered.tables)
    sheets = [_sheet(paper, table, above=_above(paper) if place == 0 else []) for place, table in tables]
    made = paper.answered.asked.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return renderer.render("sheets", {"title": paper.title, "made": made, "sheets": sheets}, seconds=seconds)


def _sheet(paper: Paper, table: Filled, *, above: list[dict[str, Any]]) -> dict[str, Any]:
    columns, currency = paper.columns(table)
    digits = words.digits(currency or paper.mall.currency)
    rows = [{"cells": cells, "strong": strong} for cells, strong in paper.typed(table)]
    return {
        "name": paper.say(table.title or paper.title),
        "columns": [{"kind": c.kind, "width": WIDTHS[c.kind], "digits": digits} for c in columns],
        "head": len(above) + 1,
        "rows": [*above, *rows],
    }


def _above(paper: Paper) -> list[dict[str, Any]]:
    page = paper.page()
    told = [[page["title"]], [page["owner"]], [page["made"]], *page["facts"], *page["figures"], []]
    return [{"cells": [{"text": text} for text in line], "strong": place == 0} for place, line in enumerate(told)]


def _written(paper: Paper, seconds: float) -> renderer.Rendered:
    return renderer.Rendered(lines.render(_lines(paper)))


def _lines(paper: Paper) -> Iterator[list[lines.Cell]]:
    """One table under another, each with its title where there are several; nothing else, so that programs read it."""
    several = len(paper.answered.tables) > 1
    for place, table in enumerate(paper.answered.tables):
        if several:
            yield from ([[]] if place else [])
            yield [paper.say(table.title or "")]
        columns = paper.columns(table)[0]
        for cells, _strong in paper.typed(table):
            yield [_cell(value, column) for value, column in zip(cells, columns, strict=True)]


def _cell(value: Any, column: Column) -> lines.Cell:
    if isinstance(value, dict):
        return str(value["text"])
    if value is None or column.kind in ("text", "date", "time"):
        return None if value is None else str(value)
    return Decimal(str(value)) if column.kind in ("money", "percent") else int(value)
