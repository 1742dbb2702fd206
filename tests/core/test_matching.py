"""Which sold lines a return takes back: by line where it says so, else by what it is; never beyond what was sold."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from core.checkout.matching import match
from core.errors import AtriumError, Refused
from core.types import Line, Original, Receipt, ReceiptKey, Sold

KEY = ReceiptKey("T01", date(2026, 11, 22), "1")
TEA, MUG, TWO_TEAS = Line(1, "TEA", "Tea", 3000), Line(2, "MUG", "Mug", 500), Line(3, "TEA", "Tea", 6000, qty="2")


def sold(*lines: Line, back: dict[int, tuple[int, str]] | None = None) -> Original:
    came = back or {}
    kept = tuple(Sold(line, *came.get(line.line, (0, "0"))) for line in lines)
    total = sum(line.amount for line in lines)
    return Original(1, KEY, clock.now(), total, 1, kept, (), len(came))


def given_back(*lines: Line, kind: Any = "return") -> Receipt:
    return Receipt(KEY, clock.now(), kind, "CNY", lines, (), sum(line.amount for line in lines), original=KEY)


def back(sku: str, amount: int, qty: str = "1", of: int | None = None) -> Line:
    return Line(1, sku, "Ware", amount, qty=qty, original_line=of)


def found(*lines: Line, original: Original) -> list[tuple[int | None, int, str]]:
    return [(line.original_line, line.amount, line.qty) for line in match(given_back(*lines), original)]


def refused(*lines: Line, original: Original) -> str:
    with pytest.raises(AtriumError) as error:
        match(given_back(*lines), original)
    return error.value.reason_code


def test_by_the_line_that_it_names() -> None:
    assert found(back("TEA", 6000, "2", of=3), original=sold(TEA, MUG, TWO_TEAS)) == [(3, 6000, "2")]
    assert refused(back("TEA", 3001, "1", of=1), original=sold(TEA, MUG, TWO_TEAS)) == "return_exceeds_sale"
    assert refused(back("TEA", 1, "1", of=9), original=sold(TEA)) == "unknown_line"


def test_by_what_it_is_the_exact_line_first() -> None:
    assert found(back("TEA", 6000, "2"), original=sold(TEA, MUG, TWO_TEAS)) == [(3, 6000, "2")]
    assert found(back("TEA", 3000, "1.000"), original=sold(TEA, MUG, TWO_TEAS)) == [(1, 3000, "1.000")]


def test_spread_over_several_lines_in_the_order_sold() -> None:
    assert found(back("TEA", 9000, "3"), original=sold(TEA, MUG, TWO_TEAS)) == [(1, 3000, "1"), (3, 6000, "2")]
    assert refused(back("TEA", 9001, "3"), original=sold(TEA, MUG, TWO_TEAS)) == "return_exceeds_sale"
    assert refused(back("TEA", 9000, "4"), original=sold(TEA, MUG, TWO_TEAS)) == "return_exceeds_sale"


def test_two_lines_of_one_receipt_share_what_was_sold() -> None:
    assert found(back("TEA", 3000), back("TEA", 6000, "2"), original=sold(TEA, MUG, TWO_TEAS)) == [
        (1, 3000, "1"),
        (3, 6000, "2"),
    ]
    assert refused(back("MUG", 300, "0"), back("MUG", 201, "0"), original=sold(MUG)) == "return_exceeds_sale"


def test_what_came_back_before_is_gone() -> None:
    before = sold(TEA, back={1: (1000, "0")})
    assert found(back("TEA", 2000, "1"), original=before) == [(1, 2000, "1")]
    assert refused(back("TEA", 2001, "1"), original=before) == "return_exceeds_sale"
    assert refused(back("CUP", 1), original=before) == "return_exceeds_sale"


def test_weighed_goods_come_back_by_weight() -> None:
    meat = Line(1, "MEAT", "Meat", 1999, qty="0.735")
    assert found(back("MEAT", 999, "0.300"), original=sold(meat)) == [(1, 999, "0.300")]
    assert refused(back("MEAT", 999, "0.736"), original=sold(meat)) == "return_exceeds_sale"


def test_a_void_takes_all_that_is_left() -> None:
    receipt = given_back(kind="void")
    before = sold(TEA, MUG, TWO_TEAS, back={1: (3000, "1"), 3: (1000, "0.5")})

    left = [(line.line, line.original_line, line.amount, line.qty) for line in match(receipt, before)]
    assert left == [(2, 2, 500, "1"), (3, 3, 5000, "1.5")]
    assert match(receipt, sold(TEA, back={1: (3000, "1")})) == ()


def test_a_gift_comes_back_for_nothing() -> None:
    gift = Line(1, "GIFT", "Gift", 0)
    assert found(back("GIFT", 0, "1"), original=sold(gift)) == [(1, 0, "1")]
    assert refused(back("GIFT", 0, "2"), original=sold(gift)) == "return_exceeds_sale"


@given(
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 500), st.integers(0, 5)), min_size=1, max_size=5),
    st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 900), st.integers(0, 8)), min_size=1, max_size=4),
)
def test_never_more_and_never_something_else(
    goods: list[tuple[str, int, int]], wanted: list[tuple[str, int, int]]
) -> None:
    original = sold(*[Line(n, sku, sku, amount, qty=str(qty)) for n, (sku, amount, qty) in enumerate(goods, start=1)])
    try:
        taken = match(given_back(*[back(sku, amount, str(qty)) for sku, amount, qty in wanted]), original)
    except Refused:
        return
    assert sum(line.amount for line in taken) == sum(amount for _sku, amount, _qty in wanted)
    assert sum(Decimal(line.qty) for line in taken) == sum(qty for _sku, _amount, qty in wanted)
    for entry in original.lines:
        mine = [line for line in taken if line.original_line == entry.line.line]
        assert sum(line.amount for line in mine) <= entry.line.amount
        assert sum(Decimal(line.qty) for line in mine) <= Decimal(entry.line.qty)
        assert {line.sku for line in mine} <= {entry.line.sku}
