"""Goods come back: what the sale gave is taken back exactly, what paid for it is restored, never more than was sold."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from core import settings
from core.errors import AtriumError
from core.models import ReceiptLine, ReceiptRow
from core.types import Line, Place, Tender
from plugins.loyalty import MANIFEST
from plugins.loyalty.models import Lot
from tests.support.arrivals import changed, give_back, paid, parsed, sale, void
from tests.support.mall import Shop, expect_sound


def refusal(result: Any) -> str:
    assert isinstance(result, AtriumError), result
    return result.reason_code


def left_in_lots(shop: Shop) -> list[int]:
    return shop.all(select(Lot.remaining).order_by(Lot.id))


# --- points of the sale -------------------------------------------------------------------------------------------


def test_a_whole_return_takes_back_exactly_what_was_given(shop: Shop) -> None:
    shop.send(sale("1", 12950, member=1))

    (told,) = parsed([shop.send(give_back("2", "1", back={1: 12950}))])

    assert told["points"]["earned"] == -129
    assert told["points"]["balance"] == 0
    assert shop.entries() == ["loyalty.earn", "loyalty.take_back"]
    assert (shop.balance(1), left_in_lots(shop)) == (0, [0])
    expect_sound(shop)


def test_parts_add_up_to_the_whole(shop: Shop) -> None:
    """1.50 + 1.50 + 1.50 gave 4 points: the parts take back 4 in all, never 3 and never 5."""
    shop.send(sale("1", 150, 150, 150, member=1))

    told = parsed([shop.send(give_back(f"r{n}", "1", back={n: 150})) for n in (1, 2, 3)])

    assert [answer["points"]["earned"] for answer in told] == [-1, -2, -1]
    assert shop.balance(1) == 0
    expect_sound(shop)


def test_part_of_a_line_comes_back(shop: Shop) -> None:
    shop.send(sale("1", 1000, member=1))

    for number, amount in enumerate((1, 998, 1), start=2):
        assert shop.send(give_back(str(number), "1", back={1: amount})).status == 201

    assert shop.balance(1) == 0
    assert refusal(shop.send(give_back("9", "1", back={1: 1}))) == "return_exceeds_sale"
    expect_sound(shop)


def test_the_member_of_the_sale_gives_back_whoever_brings_the_goods(shop: Shop) -> None:
    (other,) = shop.enrol()
    shop.send(sale("1", 5000, member=1))
    shop.send(sale("2", 5000, member=other))

    told = shop.send(changed(give_back("3", "1", back={1: 5000}), member=sale("x", 1, member=other).receipt.member))

    assert json.loads(told.body)["member"]["id"] == 1
    assert (shop.balance(1), shop.balance(other)) == (0, 50)


def test_rules_of_the_day_of_the_sale_count(shop: Shop) -> None:
    from plugins.loyalty.services import save_rule

    shop.send(sale("1", 5000, member=1))
    with shop.work() as uow:
        save_rule(uow, mall_id=shop.mall_id, code="base", name="Base", kind="base", points=7, per_amount=100)
    (told,) = parsed([shop.send(sale("2", 1000, member=1))])
    assert told["points"]["earned"] == 70

    (told,) = parsed([shop.send(give_back("3", "1", back={1: 5000}))])

    assert told["points"]["earned"] == -50


# --- spent in between ---------------------------------------------------------------------------------------------


def test_what_was_spent_meanwhile_is_owed_and_repaid_by_the_next_sale(shop: Shop) -> None:
    shop.send(sale("1", 10000, member=1))
    shop.send(paid("2", 0, points=80, member=1))

    (told,) = parsed([shop.send(give_back("3", "1", back={1: 10000}))])

    assert (told["points"]["earned"], told["points"]["balance"], told["points"]["owed"]) == (-100, 0, 80)
    assert (shop.balance(1), shop.balance(1, "loyalty.debt")) == (0, 80)

    both = parsed([shop.send(sale("4", 5000, member=1)), shop.send(sale("5", 5000, member=1))])

    assert [answer["points"].get("owed", 0) for answer in both] == [30, 0]
    assert [answer["points"]["balance"] for answer in both] == [0, 20]
    assert (shop.balance(1), shop.balance(1, "loyalty.debt")) == (20, 0)
    assert left_in_lots(shop) == [0, 0, 20]
    expect_sound(shop)


def test_a_debt_is_repaid_once_by_many_sales_at_once(shop: Shop) -> None:
    shop.send(sale("1", 10000, member=1))
    shop.send(paid("2", 0, points=100, member=1))
    shop.send(give_back("3", "1", back={1: 10000}))
    assert shop.balance(1, "loyalty.debt") == 100

    with ThreadPoolExecutor(8) as many:
        results = list(many.map(lambda n: shop.send(sale(f"s{n}", 7000, member=1)), range(8)))

    assert [refusal(result) for result in results if isinstance(result, AtriumError)] == []
    assert (shop.balance(1, "loyalty.debt"), shop.balance(1)) == (0, 8 * 70 - 100)
    expect_sound(shop)


# --- points that paid ---------------------------------------------------------------------------------------------


def test_a_void_restores_the_very_lots(shop: Shop) -> None:
    for number, amount in (("1", 3000), ("2", 4000), ("3", 5000)):
        shop.send(sale(number, amount, member=1))
    shop.send(paid("4", 1000, points=50, member=1))
    assert left_in_lots(shop) == [0, 20, 50, 10]

    (told,) = parsed([shop.send(void("5", "4"))])

    assert told["points"]["balance"] == 120
    assert left_in_lots(shop) == [30, 40, 50, 0]
    assert shop.balance(1) == 120
    assert shop.entries()[-2:] == ["loyalty.refund", "loyalty.take_back"]
    expect_sound(shop)


def test_points_come_back_by_part_last_taken_first(shop: Shop) -> None:
    shop.send(sale("1", 3000, member=1))
    shop.send(sale("2", 4000, member=1))
    shop.send(paid("3", 0, points=50, member=1))
    assert left_in_lots(shop) == [0, 20]

    shop.send(give_back("4", "3", back={1: 30}, tenders=(Tender("points", 30),)))
    assert left_in_lots(shop) == [10, 40]
    shop.send(give_back("5", "3", back={1: 20}, tenders=(Tender("points", 20),)))
    assert left_in_lots(shop) == [30, 40]
    expect_sound(shop)


def test_no_more_points_come_back_than_paid(shop: Shop) -> None:
    shop.send(sale("1", 10000, member=1))
    shop.send(paid("2", 5000, points=50, member=1))

    for points in (51, 500):
        result = shop.send(give_back(f"r{points}", "2", back={1: points}, tenders=(Tender("points", points),)))
        assert refusal(result) == "points_refund_exceeds"

    assert shop.balance(1) == 100
    assert shop.count(ReceiptRow) == 2


def test_points_come_back_at_the_worth_they_paid_at(shop: Shop) -> None:
    """The mall changes what a point is worth between the sale and its void."""
    shop.send(sale("1", 10000, member=1))
    shop.send(sale("2", 50, member=1, tenders=(Tender("points", 50, points=50),)))
    shop.send(sale("3", 25, member=1, tenders=(Tender("points", 25),)))
    with shop.work() as uow:
        settings.put(uow, manifest=MANIFEST, name="points_per_unit", place=Place(shop.mall_id), value=200)

    assert shop.send(void("4", "2")).status == 201
    assert shop.send(void("5", "3")).status == 201

    assert shop.balance(1) == 100
    expect_sound(shop)


# --- never more than was sold -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (Line(1, "K1", "Ware", 5001, qty="1", original_line=1), "return_exceeds_sale"),
        (Line(1, "K1", "Ware", 5000, qty="2", original_line=1), "return_exceeds_sale"),
        (Line(1, "K7", "Ware", 100, qty="1"), "return_exceeds_sale"),
        (Line(1, "K1", "Ware", 100, qty="1", original_line=7), "unknown_line"),
    ],
)
def test_more_than_was_sold_is_refused(shop: Shop, line: Line, code: str) -> None:
    shop.send(sale("1", 5000, member=1))

    assert refusal(shop.send(give_back("2", "1", back={1: line.amount}, lines=(line,)))) == code

    assert (shop.count(ReceiptRow), shop.balance(1)) == (1, 50)


def test_goods_are_matched_by_what_they_are(shop: Shop) -> None:
    """Three of one kind were sold on two lines; two come back, without saying of which line."""
    tea = [Line(1, "TEA", "Tea", 3000, qty="1"), Line(2, "MUG", "Mug", 500), Line(3, "TEA", "Tea", 6000, qty="2")]
    shop.send(sale("1", 9500, member=1, lines=tuple(tea)))
    back = Line(1, "TEA", "Tea", 9000, qty="3")

    assert shop.send(give_back("2", "1", back={1: 9000}, lines=(back,))).status == 201

    returned = shop.all(
        select(ReceiptLine).join(ReceiptRow, ReceiptRow.id == ReceiptLine.receipt_id).filter_by(number="2")
    )
    assert [(row.original_line, row.amount, row.qty) for row in returned] == [(1, 3000, "1"), (3, 6000, "2")]
    assert shop.balance(1) == 5


def test_two_returns_of_the_same_goods_at_once_one_is_booked(shop: Shop) -> None:
    shop.send(sale("1", 5000, member=1))

    with ThreadPoolExecutor(8) as many:
        results = list(many.map(lambda n: shop.send(give_back(f"r{n}", "1", back={1: 5000})), range(8)))

    booked = [result for result in results if not isinstance(result, AtriumError)]
    assert [result.status for result in booked] == [201]
    assert {refusal(result) for result in results if isinstance(result, AtriumError)} == {"return_exceeds_sale"}
    assert (shop.count(ReceiptRow), shop.balance(1)) == (2, 0)
    expect_sound(shop)


def test_returns_of_different_goods_at_once_are_all_booked(shop: Shop) -> None:
    shop.send(sale("1", 1000, 1000, 1000, member=1))

    with ThreadPoolExecutor(3) as many:
        results = list(many.map(lambda n: shop.send(give_back(f"r{n}", "1", back={n: 1000})), (1, 2, 3)))

    assert [result.status for result in results] == [201, 201, 201]
    assert shop.balance(1) == 0
    expect_sound(shop)


# --- voids --------------------------------------------------------------------------------------------------------


def test_a_void_cancels_everything(shop: Shop) -> None:
    tenders = (Tender("bank_card", 5000), Tender("cash", 4000))
    shop.send(sale("1", 8000, tax=500, tenders=tenders, change=500, member=1))

    assert shop.send(void("2", "1")).status == 201

    row = shop.ask(select(ReceiptRow).filter_by(number="2"))
    assert (row.kind, row.total, row.tax, row.change_given) == ("void", 8500, 500, 500)
    assert shop.balance(1) == 0
    expect_sound(shop)


def test_a_second_void_is_refused(shop: Shop) -> None:
    shop.send(sale("1", 8000, member=1))
    shop.send(void("2", "1"))

    assert refusal(shop.send(void("3", "1"))) == "nothing_left"
    assert refusal(shop.send(void("4", "1", tenders=(Tender("cash", 0),)))) == "nothing_left"
    assert refusal(shop.send(give_back("5", "1", back={1: 1}))) == "return_exceeds_sale"
    assert shop.count(ReceiptRow) == 2


def test_a_void_after_a_part_came_back_says_how_the_rest_is_paid(shop: Shop) -> None:
    shop.send(sale("1", 5000, 3000, member=1))
    shop.send(give_back("2", "1", back={2: 3000}))

    assert refusal(shop.send(void("3", "1"))) == "void_needs_tenders"
    assert refusal(shop.send(void("4", "1", total=8000, tenders=(Tender("cash", 8000),)))) == "void_total"
    assert shop.send(void("5", "1", total=5000, tenders=(Tender("cash", 5000),))).status == 201

    assert shop.balance(1) == 0
    expect_sound(shop)


@pytest.mark.parametrize("tenders", [4999, 5001])
def test_a_void_pays_back_what_was_paid(shop: Shop, tenders: int) -> None:
    shop.send(sale("1", 5000, member=1))

    assert refusal(shop.send(void("2", "1", tenders=(Tender("cash", tenders),), total=0))) == "tenders_mismatch"
    assert shop.send(void("3", "1", tenders=(Tender("cash", 5000),), total=5000)).status == 201


def test_a_return_of_another_store_does_not_find_the_sale(shop: Shop) -> None:
    shop.send(sale("1", 5000, member=1))
    foreign = give_back("2", replace(sale("1", 1).receipt.key, till="T01"), back={1: 5000}, till="T21")

    assert shop.send(foreign, till="T21").status == 202
    assert shop.balance(1) == 50
