"""CSV that a spreadsheet opens without harm: UTF-8 with a mark, and no cell that it would take for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import StringIO

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
"""What a formula begins with, in some spreadsheet or other."""

Cell = str | int | Decimal | None


def render(rows: Iterable[Sequence[Cell]]) -> bytes:
    """The rows as CSV: texts in quotation marks, figures without; an apostrophe before a text that begins badly."""
    output = StringIO()
    writer = csv.writer(output, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
    return b"\xef\xbb\xbf" + output.getvalue().encode("utf-8", "replace")


def harmless(cell: Cell) -> str | int | Decimal:
    """The cell as it is written."""
    if cell is None:
        return ""
    if not isinstance(cell, str):
        return cell
    cell = cell.replace("\0", "")
    return "'" + cell if cell.lstrip(" \u00a0\u3000").startswith(FORMULA) else cell
