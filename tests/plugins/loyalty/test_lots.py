"""Which points go first, how long they last, and where they come back to."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import AccountRef, Add, AtLeast, Claim, Fill, Insert, Transfer
from plugins.loyalty.rules import lots
from plugins.loyalty.rules.lots import FOREVER, LotFacts
from tests.plugins.loyalty.counter import lot

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("earned_on", "months", "last_day"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2027, 12, 31), 2, date(2028, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 5, 31), 6, date(2026, 11, 30)),
        (date(2026, 8, 15), 5, date(2027, 1, 15)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2026, 11, 22), 120, date(2036, 11, 22)),
        (date(2026, 11, 22), 0, FOREVER),
    ],
)
def test_the_last_day(earned_on: date, months: int, last_day: date) -> None:
    assert lots.expiry(earned_on, months) == last_day


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_the_last_day_is_the_same_day_of_a_later_month_or_that_month_s_last(earned_on: date, months: int) -> None:
    last = lots.expiry(earned_on, months)

    assert (last.year * 12 + last.month) - (earned_on.year * 12 + earned_on.month) == months
    assert last.day == min(earned_on.day, monthrange(last.year, last.month)[1])


@pytest.mark.parametrize(
    ("day", "usable"),
    [(date(2026, 11, 1), True), (date(2026, 10, 31), False), (date(2026, 11, 30), True), (date(2026, 12, 1), False)],
)
def test_points_can_be_used_on_their_first_and_their_last_day(day: date, usable: bool) -> None:
    assert LotFacts(1, 10, date(2026, 11, 1), date(2026, 11, 30)).usable(day) is usable


def test_nearest_expiry_first_then_oldest() -> None:
    later, never = lot(1, until=date(2027, 5, 1)), lot(3)
    soon, soon_too = (lot(number, until=date(2027, 1, 1)) for number in (2, 4))

    assert [one.id for one in lots.in_order([never, later, soon_too, soon])] == [2, 4, 1, 3]


def test_the_lot_of_the_returned_sale_goes_before_all_others() -> None:
    own, soon = lot(1, receipt_id=77), lot(2, until=date(2027, 1, 1), receipt_id=78)

    assert [one.id for one in lots.in_order([soon, own], first=77)] == [1, 2]


@pytest.mark.parametrize(
    ("points", "taken"),
    [
        (0, []),
        (1, [(1, 1)]),
        (10, [(1, 10)]),
        (11, [(1, 10), (3, 1)]),
        (30, [(1, 10), (3, 20)]),
        (99, [(1, 10), (3, 20)]),
    ],
)
def test_take(points: int, taken: list[tuple[int, int]]) -> None:
    assert lots.take([lot(1, 10), lot(2, 0), lot(3, 20)], points) == taken


@pytest.mark.parametrize(
    ("points", "back"),
    [
        (0, []),
        (5, [(2, 5)]),
        (20, [(2, 20)]),
        (25, [(2, 20), (1, 5)]),
        (30, [(2, 20), (1, 10)]),
        (99, [(2, 20), (1, 10)]),
    ],
)
def test_what_was_taken_last_comes_back_first(points: int, back: list[tuple[int, int]]) -> None:
    assert lots.give_back([(1, 10), (2, 20), (3, 0)], points) == back


def test_two_payments_share_what_was_taken() -> None:
    first, rest = lots.split([(1, 10), (2, 20)], 15)

    assert (first, rest) == ([(1, 10), (2, 5)], [(2, 15)])
    assert lots.split(rest, 15) == ([(2, 15)], [])


def test_what_is_written_of_it() -> None:
    (claim,), (back,) = lots.claims([(1, 10)]), lots.returns([(1, 10)])
    (row,) = lots.uses([(1, 10)], receipt_id=77, sign=-1)

    assert (claim.key, claim.guard, claim.changes) == (1, {"remaining": AtLeast(10)}, {"remaining": Add(-10)})
    assert (back.key, back.guard, back.changes) == (1, {}, {"remaining": Add(10)})
    assert row.values == {
        "id": Fill.NEW_ID,
        "lot_id": 1,
        "entry_id": Fill.ENTRY_ID,
        "receipt_id": 77,
        "points": -10,
    }


# --- what is decided and not written yet ----------------------------------------------------------------------------


def transfer(*parts: tuple[int, int], inserts: tuple[Insert, ...] = ()) -> Transfer:
    one, two = AccountRef("a", "member", 1, "points:1"), AccountRef("b", "store", 1, "points:1")
    claims = tuple(claim for n, change in parts for claim in _claims(n, change))
    return Transfer("loyalty.x", one, two, 1, claims=claims, inserts=inserts)


def _claims(number: int, change: int) -> tuple[Claim, ...]:
    return lots.returns([(number, change)]) if change > 0 else lots.claims([(number, -change)])


def test_lots_as_they_will_be() -> None:
    found = lots.after([lot(1, 10), lot(2, 0), lot(3, 5)], [transfer((1, -4), (2, 7)), transfer((1, -1))])

    assert [(one.id, one.remaining) for one in found] == [(1, 5), (2, 7), (3, 5)]


def test_only_what_cannot_be_used_today_is_blocked() -> None:
    tomorrow, yesterday = DAY + timedelta(days=1), DAY - timedelta(days=1)
    today, pending, gone = lot(1), lot(2, since=tomorrow), lot(3, since=yesterday, until=yesterday)
    new = [
        Insert("loyalty_lot", {"remaining": 100, "available_on": since, "expires_on": FOREVER})
        for since in (DAY, tomorrow)
    ]

    def blocked(*accepted: Transfer) -> int:
        return lots.blocked_by(accepted, [today, pending, gone], on=DAY)

    assert blocked() == 0
    assert blocked(transfer((1, -5), inserts=(new[0],))) == 0
    assert blocked(transfer((2, -5))) == -5
    assert blocked(transfer((3, 8))) == 8
    assert blocked(transfer((2, -5), inserts=(new[1],)), transfer((3, 8))) == 103
