"""Offers become prices: shared out to the cent, never below zero, the same in whatever order they were proposed."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from core.checkout.pricing import apply, share
from core.i18n import _
from core.types import Line, Offer

lines_of = st.lists(st.integers(0, 10**6), min_size=1, max_size=8)


def basket(*amounts: int) -> list[Line]:
    return [Line(n, f"K{n}", "Ware", amount) for n, amount in enumerate(amounts, start=1)]


def offer(name: str, amount: int, *lines: int, priority: int = 100, group: str = "") -> Offer:
    return Offer(name, _("Sample"), amount, lines=lines, priority=priority, group=group)


def test_largest_remainder_first_then_the_earlier() -> None:
    assert share(100, [1, 1, 1]) == [34, 33, 33]
    assert share(200, [1, 1, 1]) == [67, 67, 66]
    assert share(1, [2, 3]) == [0, 1]
    assert share(10, [0, 5, 0]) == [0, 10, 0]
    assert share(7, []) == []
    assert share(7, [0, 0]) == [7, 0]
    assert share(0, [1, 2]) == [0, 0]


@given(st.integers(0, 10**15), st.lists(st.integers(0, 10**15), min_size=1, max_size=20))
def test_parts_are_whole_fair_and_add_up(amount: int, weights: list[int]) -> None:
    parts = share(amount, weights)

    assert sum(parts) == amount
    assert all(type(part) is int and part >= 0 for part in parts)
    if total := sum(weights):
        assert all(abs(part * total - amount * weight) < total for part, weight in zip(parts, weights, strict=True))
        assert all(part == 0 for part, weight in zip(parts, weights, strict=True) if not weight)


@given(lines_of, st.integers(0, 10**6))
def test_nobody_gets_more_off_than_the_line_costs(amounts: list[int], off: int) -> None:
    off = min(off, sum(amounts))
    assert all(part <= amount for part, amount in zip(share(off, amounts), amounts, strict=True))


def test_one_offer_over_the_basket() -> None:
    priced, (applied,) = apply(basket(3000, 1000), [("p", offer("x", 1000))])

    assert [(line.amount, line.discount) for line in priced] == [(2250, 750), (750, 250)]
    assert (applied.amount, applied.by_line) == (1000, ((1, 750), (2, 250)))


def test_only_the_named_lines() -> None:
    priced, (applied,) = apply(basket(3000, 1000, 500), [("p", offer("x", 900, 2, 3, 99))])

    assert [line.amount for line in priced] == [3000, 400, 200]
    assert applied.by_line == ((2, 600), (3, 300))


def test_a_line_named_twice_is_one_line() -> None:
    priced, (applied,) = apply(basket(100, 100), [("p", offer("x", 500, 1, 1, 1))])

    assert [line.amount for line in priced] == [0, 100]
    assert (applied.amount, applied.by_line) == (100, ((1, 100),))


def test_one_after_the_other_by_priority_then_plugin_then_name() -> None:
    offers = [
        ("b", offer("1", 600)),
        ("a", offer("2", 600)),
        ("a", offer("1", 600)),
        ("z", offer("9", 600, priority=1)),
    ]
    for _turn in range(5):
        random.shuffle(offers)
        priced, applied = apply(basket(1500), offers)
        assert [(item.plugin, item.offer.id, item.amount) for item in applied] == [
            ("z", "9", 600),
            ("a", "1", 600),
            ("a", "2", 300),
            ("b", "1", 0),
        ]
        assert [line.amount for line in priced] == [0]


def test_of_a_group_the_first_that_gives_anything() -> None:
    _priced, applied = apply(
        basket(1000),
        [
            ("p", offer("nothing", 500, 7, priority=1, group="g")),
            ("p", offer("first", 300, priority=2, group="g")),
            ("p", offer("second", 400, priority=3, group="g")),
            ("p", offer("other", 100, priority=4, group="h")),
        ],
    )

    assert [item.amount for item in applied] == [0, 300, 0, 100]


@given(lines_of, st.lists(st.tuples(st.integers(1, 10**6), st.sets(st.integers(1, 9))), max_size=6))
def test_prices_never_fall_below_zero_and_add_up(amounts: list[int], proposed: list[tuple[int, set[int]]]) -> None:
    offers = [("p", offer(str(n), off, *sorted(on))) for n, (off, on) in enumerate(proposed)]
    priced, applied = apply(basket(*amounts), offers)

    assert all(line.amount >= 0 for line in priced)
    assert sum(amounts) - sum(line.amount for line in priced) == sum(item.amount for item in applied)
    for line, amount in zip(priced, amounts, strict=True):
        assert line.amount + line.discount == amount
    assert all(sum(part for _line, part in item.by_line) == item.amount for item in applied)
