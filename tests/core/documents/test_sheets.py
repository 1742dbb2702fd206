"""Excel and CSV: figures are figures, and no text is ever a formula."""

from __future__ import annotations

import csv
import shutil
import subprocess
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.documents import lines, renderer

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "＝1+1", " =1", "a;=1", "\0=1"]
COLUMNS = [
    {"kind": "text", "width": 20},
    {"kind": "money", "width": 12, "digits": 2},
    {"kind": "points", "width": 12},
    {"kind": "percent", "width": 9},
    {"kind": "date", "width": 12},
    {"kind": "time", "width": 18},
]


def task(*texts: str) -> dict[str, Any]:
    head = {"cells": [{"text": column["kind"]} for column in COLUMNS], "strong": True}
    rows = [{"cells": [text, "-1234.56", 12345, 0.062, "2026-11-22", "2026-11-22 14:03:00"]} for text in texts]
    sheets = [{"name": "a/b:c", "head": 1, "columns": COLUMNS, "rows": [head, *rows]}]
    return {"title": "t", "made": "2026-11-22T06:03:00Z", "sheets": sheets}


def opened(body: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(body)).active


def test_cells_have_the_types_they_are() -> None:
    sheet = opened(renderer.render("sheets", task("茶")).body)

    assert sheet.title == "a b c"
    cells = [cell.value for cell in sheet[2]]
    assert cells == ["茶", -1234.56, 12345, 0.062, datetime(2026, 11, 22), datetime(2026, 11, 22, 14, 3)]
    assert [cell.number_format for cell in sheet[2]][1:4] == ["#,##0.00", "#,##0", "0.0%"]
    assert sheet.freeze_panes == "A2"


def test_no_text_is_a_formula() -> None:
    sheet = opened(renderer.render("sheets", task(*FORMULAS)).body)

    texts = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert [cell.data_type for cell in texts] == ["s"] * len(FORMULAS)
    assert [cell.value for cell in texts][:4] == FORMULAS[:4]
    assert all(cell.quotePrefix for cell in texts)


def test_the_same_book_has_the_same_bytes() -> None:
    assert renderer.render("sheets", task("x")).body == renderer.render("sheets", task("x")).body


@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
def test_libreoffice_finds_figures_and_no_formula(tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    book.write_bytes(renderer.render("sheets", task(*FORMULAS)).body)
    convert = ["soffice", "--headless", "--convert-to", "fods", "--outdir", str(tmp_path), str(book)]
    subprocess.run(convert, check=True, capture_output=True, timeout=120)

    flat = (tmp_path / "book.fods").read_text("utf-8")

    assert "table:formula" not in flat
    assert flat.count('office:value="-1234.56"') == len(FORMULAS)
    assert flat.count('office:date-value="2026-11-22"') == len(FORMULAS)


def test_csv_is_harmless_and_exact() -> None:
    body = lines.render([["名称", "金额"], *((text, Decimal("-1234.50")) for text in FORMULAS)])

    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(StringIO(body.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["名称", "金额"]
    assert [row[1] for row in rows[1:]] == ["-1234.50"] * len(FORMULAS)
    assert all(row[0].startswith("'") or row[0] == "a;=1" for row in rows[1:])
    assert rows[1][0] == "'=1+1"


def test_csv_keeps_quotes_and_line_ends_inside_a_cell() -> None:
    body = lines.render([['say "hi", twice\nnow', 1, None]])

    assert list(csv.reader(StringIO(body.decode("utf-8-sig"), newline=""))) == [['say "hi", twice\nnow', "1", ""]]
