"""Many at once: floors hold to the point, nobody waits in a circle, and the books add up afterwards."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import text

from core import clock
from core.errors import AtriumError
from core.models import Entry, Hold
from plugins.loyalty.services import Purpose, capture_points, hold_points, release_points
from tests.support.arrivals import paid, sale, today
from tests.support.mall import Shop, expect_sound

SPENDERS, TRIES = 16, 40


def spread(work: Callable[[int, int], Any], spenders: int = SPENDERS, tries: int = TRIES) -> Counter[Any]:
    """Let `spenders` threads do `work(spender, try)` each `tries` times; how often each outcome came."""

    def one(spender: int) -> list[Any]:
        return [work(spender, turn) for turn in range(tries)]

    with ThreadPoolExecutor(spenders) as many:
        return Counter(outcome for outcomes in many.map(one, range(spenders)) for outcome in outcomes)


def outcome(result: Any) -> Any:
    return result.reason_code if isinstance(result, AtriumError) else result.status


def test_a_hundred_points_pay_a_hundred_times(shop: Shop) -> None:
    shop.send(sale("earn", 10000, member=1))
    shop.send(paid("first", 0, points=1, member=1))  # so that the accounts of the store are there
    shop.send(sale("again", 100, member=1))

    found = spread(lambda spender, turn: outcome(shop.send(paid(f"{spender}-{turn}", 0, points=1, member=1))))

    assert found[201] == 100
    assert set(found) <= {201, "not_enough_points", "conflict"}
    assert shop.balance(1) == 0
    assert shop.count(Entry, kind="loyalty.spend") == 101
    expect_sound(shop)


def test_a_hundred_points_are_held_a_hundred_times(shop: Shop) -> None:
    shop.send(sale("earn", 10000, member=1))
    until = clock.now() + timedelta(minutes=5)

    def hold(spender: int, turn: int) -> Any:
        purpose = Purpose(shop.stores[0], f"pay:{spender}-{turn}", until)
        try:
            with shop.work() as uow:
                hold_points(uow, member_id=1, points=1, purpose=purpose, today=today())
        except AtriumError as refusal:
            return refusal.reason_code
        return "held"

    found = spread(hold)

    assert found["held"] == shop.count(Hold) == 100
    assert set(found) <= {"held", "not_enough_points", "not_enough", "conflict"}
    assert (shop.balance(1), shop.balance(1, "loyalty.held")) == (0, 100)
    expect_sound(shop)


def test_a_hold_is_captured_or_released_once(shop: Shop) -> None:
    shop.send(sale("earn", 10000, member=1))
    with shop.work() as uow:
        purpose = Purpose(shop.stores[0], "pay", clock.now() + timedelta(minutes=5))
        hold_id = hold_points(uow, member_id=1, points=60, purpose=purpose, today=today())

    def end(spender: int, _turn: int) -> Any:
        try:
            with shop.work() as uow:
                (capture_points if spender % 2 else release_points)(uow, hold_id=hold_id, today=today())
        except AtriumError as refusal:
            return refusal.reason_code
        return "captured" if spender % 2 else "released"

    found = spread(end, spenders=8, tries=2)

    assert found["captured"] + found["released"] == 1
    assert set(found) <= {"captured", "released", "hold_closed"}
    assert (shop.balance(1), shop.balance(1, "loyalty.held")) == (40 if found["captured"] else 100, 0)
    expect_sound(shop)


def test_overlapping_batches_never_wait_in_a_circle(shop: Shop) -> None:
    """1,000 batches of eight threads on the accounts of eleven members; fewer where one at a time may write."""
    members = [*shop.members, *shop.enrol(10)]
    shop.take(*[sale(f"open{member}", 100_00, member=member) for member in members])
    threads, batches = 8, 25 if shop.database.is_sqlite else 125

    def batch(spender: int, turn: int) -> Any:
        dice = random.Random(f"{spender}-{turn}")
        chosen = [dice.choice(members) for _n in range(dice.randint(2, 6))]
        receipts = [
            sale(f"{spender}-{turn}-{place}", 300, member=member)
            if dice.random() < 0.7
            else paid(f"{spender}-{turn}-{place}", 100, points=1, member=member)
            for place, member in enumerate(chosen)
        ]
        return tuple(outcome(result) for result in shop.take(*receipts))

    found = spread(batch, spenders=threads, tries=batches)

    outcomes = {one for outcomes in found for one in outcomes}
    assert outcomes == {201}
    if not shop.database.is_sqlite:
        with shop.database.reader.connect() as connection:
            query = text("select deadlocks from pg_stat_database where datname = current_database()")
            assert connection.scalar(query) == 0
    expect_sound(shop)
