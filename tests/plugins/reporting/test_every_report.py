"""Every report of every plugin runs without arguments, on nothing and on something, in both languages and all forms."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import pytest

from core import reports
from core.house import BUILTIN
from core.i18n import Text
from core.reports import Answered, Column, words
from tests.core.documents.looking import fonts_of, text_of
from tests.house.tree import ROOT
from tests.plugins.reporting.conftest import asked
from tests.support.i18n import catalogue_of, read, rooms
from tests.support.mall import Shop

NAMES = ("loyalty.by_store", "loyalty.member_statement", "pos_bridge.daily_statement", "reporting.sales")


def test_these_are_all(shop: Shop) -> None:
    ours = {package.rpartition(".")[2] for package in BUILTIN}
    assert tuple(one.name for one in reports.catalogue(shop.host) if one.plugin in ours) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_on_nothing(empty: Shop, name: str) -> None:
    answered = asked(empty, name)

    for locale in ("zh", "en"):
        page = reports.Paper(answered, locale).page()
        assert page["title"]
        assert all(part["empty"] for part in page["parts"])
    made = reports.make(answered, kind="csv", locale="zh")
    assert made.body.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_on_something_in_both_languages(shop: Shop, name: str) -> None:
    answered = asked(shop, name)

    assert any(table.rows for table in answered.tables)
    chinese, english = (reports.Paper(answered, locale).page() for locale in ("zh", "en"))
    assert chinese["title"] != english["title"]
    for part in (*chinese["parts"], *english["parts"]):
        width = len(part["heads"])
        assert all(len(row["cells"]) == width for row in part["rows"])
        assert all(len(cells) == width for cells in part["foot"])
    translated = {str(m.id): m.string for room in rooms(ROOT) for m in read(catalogue_of(room)) if m.id}
    assert all(translated[text.msgid] for text in texts_of(answered))


def texts_of(answered: Answered) -> list[Text]:
    columns: list[Column] = [column for table in answered.tables for column in table.columns]
    said: list[Any] = [answered.found.report.title, *(column.title for column in columns), *answered.notes]
    said += [label for label, _value in (*answered.facts, *answered.figures)]
    said += [value for table in answered.tables for row in table.rows for value in row.values()]
    return [text for text in said if isinstance(text, Text)]


@pytest.mark.parametrize("name", NAMES)
def test_totals_are_the_sums_of_the_rows(shop: Shop, name: str) -> None:
    for table in asked(shop, name).tables:
        for line in table.totals:
            for column in (column for column in table.columns if column.total):
                assert line[column.name] == sum(row.get(column.name) or 0 for row in table.rows)


@pytest.mark.parametrize("name", NAMES)
def test_the_workbook_holds_figures(shop: Shop, name: str) -> None:
    answered = asked(shop, name)

    book: Any = openpyxl.load_workbook(BytesIO(reports.make(answered, kind="xlsx", locale="zh").body))

    assert len(book.sheetnames) == len(answered.tables)
    for sheet, table in zip(book, answered.tables, strict=True):
        assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
        head = sheet.max_row - len(list(lines(table)))
        for place, column in enumerate(table.columns, start=1):
            cells = [sheet.cell(head + n, place).value for n in range(1, 1 + len(table.rows))]
            expected = [row.get(column.name) for row in table.rows]
            if column.kind == "money" and table.first is None:
                assert [None if value is None else round(value * 100) for value in cells] == expected


def lines(table: Any) -> list[Any]:
    return [*([table.first] if table.first else []), *table.rows, *([table.last] if table.last else []), *table.totals]


@pytest.mark.parametrize("name", NAMES)
def test_csv_holds_the_same(shop: Shop, name: str) -> None:
    answered = asked(shop, name)
    text = reports.make(answered, kind="csv", locale="en").body.decode("utf-8-sig")

    rows = list(csv.reader(StringIO(text, newline="")))

    table = answered.tables[0]
    start = next(place for place, row in enumerate(rows) if len(row) == len(table.columns))
    assert rows[start] == [words.head(column, currency="CNY", locale="en") for column in table.columns]
    money = [place for place, column in enumerate(table.columns) if column.kind == "money"]
    for row, cells in zip(table.rows, rows[start + 1 :], strict=False):
        for place in money:
            value = row[table.columns[place].name]
            assert (Decimal(cells[place]) * 100 if cells[place] else None) == value


@pytest.mark.parametrize("locale", ["zh", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_printed(sqlite_shop: Shop, name: str, locale: str) -> None:
    answered = asked(sqlite_shop, name)

    made = reports.make(answered, kind="pdf", locale=locale)

    assert made.missing == ()
    assert all(fonts_of(made.body).values())
    text = text_of(made.body)
    assert reports.Paper(answered, locale).title in text
    assert ("第 1 页，共 1 页" if locale == "zh" else "Page 1 of 1") in text
    if isinstance(answered.found.report, reports.Statement):
        assert f"#{answered.seal.seq}" in text if answered.seal else False
        assert answered.seal is None or answered.seal.chain.hex()[:4] in text
