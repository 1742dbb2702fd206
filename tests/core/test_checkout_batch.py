"""Many receipts at once: each gets its own answer, they see each other, and one bad one stops nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from core.errors import AtriumError
from core.models import ReceiptRow
from core.types import Tender
from tests.support.arrivals import changed, give_back, paid, parsed, sale, void
from tests.support.mall import Shop, expect_sound


def codes(results: list[Any]) -> list[Any]:
    """HTTP status of an answer, code of a refusal."""
    return [result.reason_code if isinstance(result, AtriumError) else result.status for result in results]


def test_one_bad_receipt_stops_nobody(shop: Shop) -> None:
    good = [sale(str(n), 1000 * n, member=1) for n in range(1, 5)]
    bad = [
        changed(good[0], total=999),
        changed(sale("x2", 500), tenders=(Tender("cash", 400),)),
        changed(sale("x3", 500), tenders=(Tender("gift_card", 500),)),
        paid("x4", 0, points=5000, member=1),
        changed(sale("x5", 500), currency="EUR"),
    ]

    results = shop.take(bad[0], good[0], bad[1], good[1], bad[2], good[2], bad[3], good[3], bad[4])

    refused = ["total_mismatch", "tenders_mismatch", "tender_not_accepted", "not_enough_points", "unknown_currency"]
    assert codes(results)[::2] == refused
    assert codes(results)[1::2] == [201] * 4
    assert shop.count(ReceiptRow) == 4
    assert shop.balance(1) == 100
    expect_sound(shop)


def test_receipts_of_one_member_see_each_other(shop: Shop) -> None:
    told = parsed(shop.take(*[sale(str(n), 1000, member=1) for n in range(1, 6)]))

    assert [answer["points"]["balance"] for answer in told] == [10, 20, 30, 40, 50]
    assert shop.balance(1) == 50
    expect_sound(shop)


def test_points_earned_in_a_batch_pay_in_the_same_batch(shop: Shop) -> None:
    earn, spend, again = (
        sale("1", 10000, member=1),
        paid("2", 0, points=60, member=1),
        paid("3", 0, points=60, member=1),
    )

    results = shop.take(earn, spend, again)

    # The second payment would need 60 of the 40 points that the first one left.
    assert codes(results) == [201, 201, "not_enough_points"]
    assert shop.balance(1) == 40
    expect_sound(shop)


def test_sale_return_and_void_in_one_batch(shop: Shop) -> None:
    results = shop.take(
        sale("1", 5000, 3000, member=1),
        give_back("2", "1", back={2: 3000}),
        sale("3", 700, member=1),
        void("4", "3"),
        give_back("5", "1", back={1: 5000}),
    )

    assert codes(results) == [201] * 5
    assert [answer["points"]["earned"] for answer in parsed(results)] == [80, -30, 7, -7, -50]
    assert shop.balance(1) == 0
    expect_sound(shop)


def test_the_return_before_its_sale_in_one_batch_finds_it(shop: Shop) -> None:
    results = shop.take(give_back("2", "1", back={1: 5000}), sale("1", 5000, member=1))

    assert codes(results) == [201, 201]
    assert shop.balance(1) == 0


def test_a_return_whose_sale_is_refused_in_the_same_batch_waits(shop: Shop) -> None:
    results = shop.take(sale("1", 5000, total=4000), give_back("2", "1", back={1: 5000}))

    assert codes(results) == ["total_mismatch", 202]
    assert shop.count(ReceiptRow) == 0


def test_an_empty_batch_is_answered(shop: Shop) -> None:
    assert shop.take() == []


def test_five_hundred_at_once(shop: Shop) -> None:
    members = [*shop.members, *shop.enrol(9)]
    results = shop.take(*[sale(str(n), 100 * (n % 7), member=members[n % 10]) for n in range(500)])

    assert codes(results) == [201] * 500
    assert shop.count(ReceiptRow) == 500
    assert sum(shop.balance(member) for member in members) == sum(n % 7 for n in range(500))
    expect_sound(shop)


@pytest.mark.parametrize("threads", [4])
def test_the_same_batches_at_once_in_other_orders(shop: Shop, threads: int) -> None:
    batch = [sale(str(n), 1000, member=shop.members[0] if n % 3 else None) for n in range(40)]

    def send(turn: int) -> list[Any]:
        results = shop.take(*(batch if turn % 2 else reversed(batch)))
        return results if turn % 2 else results[::-1]

    with ThreadPoolExecutor(threads) as many:
        answers = list(many.map(send, range(threads)))

    assert all({*codes(results)} <= {200, 201} for results in answers)
    assert all(len({results[n].body for results in answers}) == 1 for n in range(40))
    assert (shop.count(ReceiptRow), shop.balance(1)) == (40, 260)
    expect_sound(shop)
