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
from core.reports import paper, words
from core.reports.answering import Answered, Filled
from core.reports.describe import Column

FORMATS = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
MOST_ON_PAPER = 3_000
"""Rows of a PDF: some eighty pages. Whoever wants more wants a workbook."""
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
    name = f"{answered.found.name}-{answered.asked.now:%Y%m%d}.{kind}"
    if kind == "csv":
        return File(name, FORMATS[kind], lines.render(_lines(answered, locale)))
    if kind == "xlsx":
        return File(name, FORMATS[kind], renderer.render("sheets", _book(answered, locale), seconds=seconds).body)
    made = _printed(answered, locale, seconds)
    return File(name, FORMATS[kind], made.body, made.missing)


def note(uow: UnitOfWork, answered: Answered, *, kind: str) -> None:
    """Write into the audit trail that the report left the house as a file."""
    asked = answered.asked
    store = asked.store.id if asked.store else None
    given = {name: str(getattr(value, "code", value)) for name, value in asked.values.items() if value is not None}
    subject = Subject(answered.found.name, asked.member_id or "", asked.mall.id, store)
    audit.record(uow, action="exported", subject=subject, change=({}, {"format": kind, **given}))


def _printed(answered: Answered, locale: str, seconds: float) -> renderer.Rendered:
    if sum(len(table.rows) for table in answered.tables) > MOST_ON_PAPER:
        sentence = _("More than %(most)s rows do not go on paper. Choose Excel.", most=f"{MOST_ON_PAPER:,}")
        raise Refused(sentence, code="too_many_rows")
    page, assets = paper.page_of(answered, locale), {}
    spec = paper.chart_of(answered, locale)
    if spec is not None:
        drawn = base64.b64encode(charts.svg(spec).encode()).decode()
        assets["chart"] = ("image/svg+xml", drawn)
        page["chart"] = {"asset": "chart", "sentence": spec["description"]}
    return renderer.render("pdf", {"page": page, "assets": assets}, seconds=seconds)


def _book(answered: Answered, locale: str) -> dict[str, Any]:
    """A first sheet with the facts above the first table, then one for each other table."""
    title = answered.found.report.title.into(locale)
    sheets = []
    for place, table in enumerate(answered.tables):
        columns, currency = paper.columns_of(answered, table)
        rows = [{"cells": cells, "strong": strong} for cells, strong in paper.typed(answered, table, locale)]
        above = _above(answered, locale) if place == 0 else []
        name = table.title.into(locale) if table.title else title
        kinds = [_kind(column, currency or answered.asked.mall.currency) for column in columns]
        sheets.append({"name": name, "columns": kinds, "head": len(above) + 1, "rows": [*above, *rows]})
    made = answered.asked.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"title": title, "made": made, "sheets": sheets}


def _above(answered: Answered, locale: str) -> list[dict[str, Any]]:
    page = paper.page_of(answered, locale)
    told = [[page["title"]], [page["owner"]], [page["made"]], *page["facts"], *page["figures"], []]
    return [{"cells": [{"text": text} for text in line], "strong": place == 0} for place, line in enumerate(told)]


def _kind(column: Column, currency: str) -> dict[str, Any]:
    return {"kind": column.kind, "width": WIDTHS[column.kind], "digits": words.digits(currency)}


def _lines(answered: Answered, locale: str) -> Iterator[list[lines.Cell]]:
    """One table under another, each with its title where there are several; nothing else, so that programs read it."""
    several = len(answered.tables) > 1
    for place, table in enumerate(answered.tables):
        if several:
            yield from ([[]] if place else [])
            yield [table.title.into(locale) if table.title else ""]
        yield from _table(answered, table, locale)


def _table(answered: Answered, table: Filled, locale: str) -> Iterator[list[lines.Cell]]:
    columns, _currency = paper.columns_of(answered, table)
    for cells, _strong in paper.typed(answered, table, locale):
        yield [_cell(value, column) for value, column in zip(cells, columns, strict=True)]


def _cell(value: Any, column: Column) -> lines.Cell:
    if isinstance(value, dict):
        return str(value["text"])
    if value is None or column.kind == "text":
        return None if value is None else str(value)
    if column.kind == "percent":
        return Decimal(str(value))
    return Decimal(value) if column.kind == "money" else value
