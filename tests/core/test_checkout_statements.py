"""What a receipt costs in statements. A figure here that grows is a till that waits longer, in every store.

A sale of a known member: three questions in one trip, the rules' own reading, and one conditional write. On PostgreSQL
the write is one statement, on SQLite a short series, the same however many receipts are in the batch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import checkout, ids
from tests.support.arrivals import give_back, paid, sale
from tests.support.mall import Shop
from tests.support.statements import Asked, counted

WARM = 7
"""Calls before one is counted: the process then knows accounts and rules, PostgreSQL has prepared what it is asked."""


def cost(shop: Shop, make: Callable[[int], Any]) -> Asked:
    till = shop.till()
    for turn in range(WARM):
        checkout.take(shop.house, till, arrivals=make(turn))
    shop.database.memory.pop("ids")  # and has a whole block of ids to hand out
    ids.draw(shop.database, 1)
    with counted(shop.database) as asked:
        results = checkout.take(shop.house, till, arrivals=make(WARM))
    assert {result.status for result in results} <= {200, 201}
    return asked


def most(shop: Shop, *, sqlite: int, postgresql: tuple[int, int]) -> tuple[int, ...]:
    """The most statements on SQLite; statements and trips on PostgreSQL."""
    return (sqlite,) if shop.database.is_sqlite else postgresql


def figures(shop: Shop, asked: Asked) -> tuple[int, ...]:
    return (asked.statements,) if shop.database.is_sqlite else (asked.statements, asked.trips)


@pytest.fixture
def rich(shop: Shop) -> Shop:
    """Ten members, the first of them with 10,000 points from one big sale."""
    shop.enrol(9)
    shop.send(sale("start", 1_000_000, member=1))
    return shop


def test_a_sale_of_a_known_member(rich: Shop) -> None:
    asked = cost(rich, lambda n: [sale(f"a{n}", 1000, 2000, member=1)])

    assert figures(rich, asked) == most(rich, sqlite=19, postgresql=(5, 3)), asked.texts


def test_a_sale_of_a_stranger(rich: Shop) -> None:
    asked = cost(rich, lambda n: [sale(f"b{n}", 1000, 2000)])

    assert figures(rich, asked) == most(rich, sqlite=11, postgresql=(3, 2)), asked.texts


def test_a_repeated_receipt_only_reads(rich: Shop) -> None:
    asked = cost(rich, lambda _n: [sale("start", 1_000_000, member=1)])

    assert figures(rich, asked) == most(rich, sqlite=3, postgresql=(3, 1)), asked.texts


def test_points_that_pay_cost_one_more_reading(rich: Shop) -> None:
    asked = cost(rich, lambda n: [paid(f"c{n}", 100, points=1, member=1)])

    assert figures(rich, asked) == most(rich, sqlite=22, postgresql=(6, 4)), asked.texts


def test_a_return(rich: Shop) -> None:
    asked = cost(rich, lambda n: [give_back(f"d{n}", "start", back={1: 100})])

    # The sale with its lines, tenders and earlier returns; the context; lots and their use; the write.
    assert figures(rich, asked) == most(rich, sqlite=28, postgresql=(13, 10)), asked.texts


def test_a_hundred_receipts_cost_what_ten_do(rich: Shop) -> None:
    def batch(prefix: str, size: int) -> Callable[[int], Any]:
        members = rich.members
        return lambda n: [sale(f"{prefix}{n}-{i}", 1000, member=members[i % 10]) for i in range(size)]

    one, ten, hundred = (cost(rich, batch(f"e{size}-", size)) for size in (1, 10, 100))

    assert figures(rich, hundred) == figures(rich, ten) == figures(rich, one), hundred.texts
    assert figures(rich, hundred) == most(rich, sqlite=19, postgresql=(5, 3))


def test_who_pays_ten_times_in_a_batch_costs_ten_receipts(rich: Shop) -> None:
    """Each rests on the one before it, so they are taken one by one; none is read for again and again."""
    one = cost(rich, lambda n: [paid(f"f{n}", 100, points=1, member=1)])
    ten = cost(rich, lambda n: [paid(f"g{n}-{i}", 100, points=1, member=1) for i in range(10)])

    assert figures(rich, ten) == tuple(10 * figure for figure in figures(rich, one)), ten.texts
