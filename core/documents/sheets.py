"""Excel by openpyxl: figures are figures, dates are dates, and no text is ever a formula.

A task is `{"title", "made", "sheets": [{"name", "columns": [{"kind", "width", "digits"}], "rows": [...]}]}`; a row is
`{"cells": [...], "strong": true?}`. Money comes as a decimal text, percent as a fraction, dates and times as ISO texts;
a cell that is no figure (a title, a total's word) comes as `{"text": …}`.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

LONGEST = 32_000
_FIXED = (1980, 1, 1, 0, 0, 0)
_FORMATS = {"count": "#,##0", "points": "#,##0", "percent": "0.0%", "date": "yyyy-mm-dd", "time": "yyyy-mm-dd hh:mm"}
_STRONG, _RIGHT = Font(bold=True), Alignment(horizontal="right")


def render(task: Mapping[str, Any]) -> bytes:
    """The workbook; the same task gives the same bytes."""
    book = Workbook(write_only=True)
    for sheet in task["sheets"]:
        made = book.create_sheet(re.sub(r"[\[\]:*?/\\']", " ", sheet["name"])[:31].strip() or "1")
        for place, column in enumerate(sheet["columns"], start=1):
            made.column_dimensions[get_column_letter(place)].width = column["width"]
        if sheet.get("head"):
            made.freeze_panes = f"A{sheet['head'] + 1}"
        for row in sheet["rows"]:
            made.append(list(_cells(made, row, columns=sheet["columns"])))
    book.properties.title, book.properties.creator = task["title"], "Atrium"
    output = BytesIO()
    book.save(output)
    return _same(output.getvalue(), task["made"])


def _cells(sheet: Any, row: Mapping[str, Any], *, columns: list[Mapping[str, Any]]) -> Iterator[Any]:
    for value, column in zip(row["cells"], columns, strict=False):
        cell = _cell(sheet, value, column=column)
        if row.get("strong"):
            cell.font = _STRONG
        yield cell


def _cell(sheet: Any, value: Any, *, column: Mapping[str, Any]) -> Any:
    kind = column["kind"]
    if value is None:
        return WriteOnlyCell(sheet)
    if isinstance(value, Mapping) or kind == "text":
        told = isinstance(value, Mapping)
        cell = _text(sheet, value["text"] if told else value)
        if told and kind not in ("text", "date", "time"):
            cell.alignment = _RIGHT
        return cell
    cell = WriteOnlyCell(sheet, _figure(value, kind))
    digits = column.get("digits", 2)
    cell.number_format = _FORMATS.get(kind) or ("#,##0." + "0" * digits if digits else "#,##0")
    return cell


def _text(sheet: Any, value: Any) -> Any:
    """A text stays one, whatever it begins with: as its type says, and marked for whoever edits it."""
    cell = WriteOnlyCell(sheet)
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))[:LONGEST]
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def _figure(value: Any, kind: str) -> Any:
    if kind == "date":
        return date.fromisoformat(value)
    if kind == "time":
        return datetime.fromisoformat(value)
    return Decimal(value) if isinstance(value, str) else value


def _same(data: bytes, made: str) -> bytes:
    """The file with the task's time in the place of the clock's."""
    output = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as before, zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            body = before.read(name)
            if name == "docProps/core.xml":
                body = re.sub(rb"(<dcterms:(\w+)[^>]*>)[^<]*", rb"\g<1>" + made.encode(), body)
            item = zipfile.ZipInfo(name, _FIXED)
            item.compress_type = zipfile.ZIP_DEFLATED
            after.writestr(item, body)
    return output.getvalue()
