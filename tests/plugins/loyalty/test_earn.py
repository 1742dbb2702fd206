"""What a purchase gives: exact per line, floored once, every step named, nothing lost between the steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import Tender
from plugins.loyalty.rules import earn
from plugins.loyalty.rules.earn import DEFAULT, EarnRule, Terms
from tests.plugins.loyalty.counter import base, gain_of, lines_of

DAY = date(2026, 11, 22)
VIP = EarnRule("vip", 1, "factor", "VIP", factor_percent=200, tier_id=3)


def holding(*rules: EarnRule, store: int = 11, tier: int | None = None, on: date = DAY) -> Terms | None:
    return earn.terms(rules, store_id=store, tier_id=tier, on=on)


# --- points -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "terms", "points"),
    [
        ([12950], Terms(DEFAULT), 129),
        ([99], Terms(DEFAULT), 0),
        ([100], Terms(DEFAULT), 1),
        ([50, 50], Terms(DEFAULT), 1),
        ([99, 99, 99], Terms(DEFAULT), 2),
        ([0, 100, 0], Terms(DEFAULT), 1),
        ([], Terms(DEFAULT), 0),
        ([10**15], Terms(DEFAULT), 10**13),
        ([12950], Terms(DEFAULT, (VIP,)), 259),
        ([12950], Terms(DEFAULT, (VIP, replace(VIP, factor_percent=150))), 388),
        ([12950], Terms(DEFAULT, (replace(VIP, factor_percent=0),)), 0),
        ([12950], Terms(base(points=0)), 0),
        ([1000], Terms(base(per=300)), 3),
        ([100000], Terms(base(points=1, per=100000)), 1),
        ([99999], Terms(base(points=1, per=100000)), 0),
        ([1], Terms(base(points=7, per=1)), 7),
    ],
)
def test_points(amounts: list[int], terms: Terms, points: int) -> None:
    assert earn.points_for(terms, amounts) == points


def test_a_drugstore_receipt_keeps_its_fractions() -> None:
    """The shape of a real one, with figures of our own: 20 lines, 4 per 1.00, 116.12 paid, 464.48 exact, 464 booked."""
    prices = [25, 99, 149, 149, 199, 250, 299, 349, 399, 449, 499, 549, 599, 649, 699, 749, 999, 1250, 1499, 1753]
    terms = Terms(base(points=4))
    assert (len(prices), sum(prices)) == (20, 11612)

    exact = [Fraction(price) * terms.rate for price in prices]
    steps = earn.explain(terms, lines_of(*prices), paid=prices, currency="GBP")

    assert sum(exact) == Fraction(46448, 100)
    assert earn.points_for(terms, prices) == 464
    assert sum(floor(part) for part in exact) == 449  # what rounding line by line would have cost the member
    assert [gain_of(step) for step in steps[:2]] == [Fraction(1), Fraction(396, 100)]
    assert gain_of(steps[-1]) == Fraction(-48, 100)
    assert len(steps) == 21


# --- which rules ----------------------------------------------------------------------------------------------------


def test_a_mall_without_rules_gives_one_per_unit() -> None:
    assert holding(DEFAULT) == Terms(DEFAULT)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([base(), base("own", store_id=11)], "own"),
        ([base("a-mall"), base("z-own", store_id=11)], "z-own"),
        ([base(), base("other", store_id=12)], "base"),
        ([base(), base("vip", tier_id=3)], "vip"),
        ([base(), base("gold", tier_id=4)], "base"),
        ([base("own", store_id=11), base("vip", tier_id=3)], "own"),
        ([base("own", store_id=11), base("both", store_id=11, tier_id=3)], "both"),
        ([base(), base("november", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30))], "november"),
        ([base(), base("december", starts_on=date(2026, 12, 1))], "base"),
        ([base("second"), base("first")], "first"),
    ],
)
def test_the_nearest_base_rule_counts(rules: list[EarnRule], expected: str) -> None:
    for order in (rules, rules[::-1]):
        terms = holding(*order, tier=3)
        assert terms is not None
        assert terms.base.code == expected


@pytest.mark.parametrize(
    ("day", "holds"),
    [
        (date(2026, 10, 31), False),
        (date(2026, 11, 1), True),
        (date(2026, 11, 30), True),
        (date(2026, 12, 1), False),
    ],
)
def test_first_and_last_day_are_included(day: date, holds: bool) -> None:
    double = EarnRule(
        "double", 1, "factor", factor_percent=200, starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 30)
    )
    terms = holding(DEFAULT, double, on=day)
    assert terms is not None
    assert terms.factors == ((double,) if holds else ())


def test_every_factor_that_holds_counts_in_the_order_of_codes() -> None:
    double, other = EarnRule("double", 1, "factor", factor_percent=200), replace(VIP, code="gold", tier_id=4)
    terms = holding(VIP, double, DEFAULT, other, tier=3)
    assert terms == Terms(DEFAULT, (double, VIP))


def test_a_factor_is_for_its_tier_only() -> None:
    assert holding(DEFAULT, VIP) == Terms(DEFAULT)
    assert holding(DEFAULT, VIP, tier=4) == Terms(DEFAULT)
    assert holding(DEFAULT, VIP, tier=3) == Terms(DEFAULT, (VIP,))


def test_no_base_rule_no_points() -> None:
    assert holding() is None
    assert holding(VIP, base("own", store_id=12), tier=3) is None


def test_terms_are_found_again_by_their_versions() -> None:
    old, new = base(points=5), replace(base(points=9), version=2)
    terms = Terms(old, (VIP,))

    assert terms.references == "base@1 vip@1"
    assert earn.terms_named([old, new, VIP, replace(VIP, version=2)], terms.references) == terms
    assert earn.terms_named([], "base@1") == Terms(DEFAULT)


def test_an_entry_has_room_for_as_many_versions_as_fit() -> None:
    names = " ".join(f"campaign-{n:02d}@1" for n in range(9))
    assert earn.shortened("base@1 vip@1") == "base@1 vip@1"
    assert earn.shortened(names) == "campaign-00@1 campaign-01@1 campaign-02@1 campaign-03@1…"


# --- what was paid with ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amounts", "tenders", "paid"),
    [
        ([100, 200], [Tender("cash", 300)], [100, 200]),
        ([100, 200], [Tender("cash", 500)], [100, 200]),
        ([100, 200], [Tender("points", 300)], [0, 0]),
        ([100, 200], [Tender("gift_card", 100), Tender("cash", 200)], [100, 200]),
        ([100, 200], [Tender("coupon", 30), Tender("cash", 270)], [90, 180]),
        ([100, 200], [Tender("points", 30), Tender("cash", 270)], [90, 180]),
        ([100, 200], [Tender("points", 20), Tender("points", 10), Tender("cash", 270)], [90, 180]),
        ([333, 333, 334], [Tender("points", 100), Tender("cash", 900)], [300, 300, 300]),
        ([1, 1, 1], [Tender("points", 2), Tender("cash", 1)], [0, 0, 1]),
        ([100, 0], [Tender("points", 40), Tender("cash", 60)], [60, 0]),
        ([0, 0], [Tender("points", 0)], [0, 0]),
        ([100], [Tender("points", 110)], [0]),
        ([], [], []),
    ],
)
def test_paid_per_line(amounts: list[int], tenders: list[Tender], paid: list[int]) -> None:
    assert earn.paid_per_line(lines_of(*amounts), tenders) == paid


@given(st.lists(st.integers(0, 10**6), max_size=30), st.integers(0, 10**7))
def test_what_points_paid_is_taken_off_to_the_cent(amounts: list[int], points: int) -> None:
    paid = earn.paid_per_line(lines_of(*amounts), [Tender("points", points)])

    assert sum(paid) == max(0, sum(amounts) - points)
    assert all(0 <= left <= amount for left, amount in zip(paid, amounts, strict=True))
