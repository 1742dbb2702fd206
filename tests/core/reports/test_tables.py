"""Totals are the sums of the rows; a statement's opening and movements lead to its closing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import AtriumError
from core.i18n import Text
from core.reports import Column, Table
from core.reports.answering import fill
from core.types import LIMIT, MallFacts

MALL = MallFacts(1, "M001", "Sample mall", "CNY", "Asia/Shanghai", "zh")
AMOUNTS = st.integers(-LIMIT, LIMIT)


def column(name: str, kind: Any = "text", **more: Any) -> Column:
    return Column(name, Text(name), kind, **more)


@given(st.lists(st.tuples(st.sampled_from(["CNY", "JPY", "USD"]), AMOUNTS, st.one_of(st.none(), st.integers(0, 99)))))
def test_totals_are_the_sums_of_the_rows_currency_by_currency(drawn: list[tuple[str, int, int | None]]) -> None:
    rows = [{"currency": unit, "amount": amount, "count": count} for unit, amount, count in drawn]
    columns = (column("amount", "money", total=True), column("count", "count", total=True), column("currency"))

    totals = fill(Table(columns, rows), MALL).totals

    assert [line["currency"] for line in totals] == sorted({unit for unit, *_rest in drawn})
    for line in totals:
        mine = [row for row in rows if row["currency"] == line["currency"]]
        assert line["amount"] == sum(int(row["amount"] or 0) for row in mine)
        assert line["count"] == sum(int(row["count"] or 0) for row in mine)


@given(AMOUNTS, st.lists(AMOUNTS))
def test_opening_and_movements_lead_to_the_closing(opening: int, moves: list[int]) -> None:
    columns = (column("day", "date"), column("points", "points"), column("balance", "points"))
    rows = [{"day": None, "points": points} for points in moves]

    table = fill(Table(columns, rows, opening=opening, moves="points", running="balance"), MALL)

    assert table.first is not None
    assert table.last is not None
    assert table.first["balance"] == opening
    assert table.last["balance"] == opening + sum(moves)
    steps = [opening, *(row["balance"] for row in table.rows)]
    assert [later - before for before, later in zip(steps, steps[1:], strict=False)] == moves


def test_a_statement_that_does_not_add_up_is_not_printed() -> None:
    columns = (column("what"), column("points", "points"))
    table = Table(columns, [{"what": "x", "points": 5}], opening=10, closing=16, moves="points")

    with pytest.raises(AtriumError) as refusal:
        fill(table, MALL)

    assert refusal.value.reason_code == "does_not_add_up"


def test_more_rows_than_anybody_reads_are_refused() -> None:
    endless = ({"what": "x"} for _n in iter(int, 1))

    with pytest.raises(AtriumError) as refusal:
        fill(Table((column("what"),), endless), MALL)

    assert refusal.value.reason_code == "too_many_rows"
