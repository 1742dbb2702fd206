"""Where each point comes from: steps that add up, in words; and why there was none."""

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


# --- the explanation ------------------------------------------------------------------------------------------------


def test_an_explanation_reads_like_this() -> None:
    terms = Terms(DEFAULT, (VIP,))
    steps = earn.explain(terms, lines_of(12925, 0, 4900), paid=[12925, 0, 4900], currency="CNY")

    assert [step.text.into("en") for step in steps] == [
        "129.25 paid, at 1 per 1.00: +129.25",
        "49.00 paid, at 1 per 1.00: +49",
        "VIP, times 2: +178.25",
        "Rounded down to whole points: −0.5",
    ]
    assert [(step.line, step.rule) for step in steps] == [(1, "base@1"), (3, "base@1"), (None, "vip@1"), (None, None)]
    assert earn.points_for(terms, [12925, 0, 4900]) == 356


def test_the_example_of_the_readme() -> None:
    basket = lines_of(12925, 4900)
    paid = earn.paid_per_line(basket, [Tender("points", 2000), Tender("bank_card", 15825)])
    terms = Terms(DEFAULT, (VIP,))
    steps = earn.explain(terms, basket, paid=paid, currency="CNY")

    assert paid == [11475, 4350]
    assert [float(gain_of(step)) for step in steps] == [114.75, 43.5, 158.25, -0.5]
    assert earn.points_for(terms, paid) == 316


def test_amounts_are_written_as_the_currency_has_them() -> None:
    (step,) = earn.explain(Terms(DEFAULT), lines_of(1200), paid=[1200], currency="JPY")
    assert step.text.into("en") == "1200 paid, at 1 per 100: +12"


amounts_paid = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)
factors = st.lists(st.integers(0, 1000).map(lambda p: replace(VIP, factor_percent=p)), max_size=4).map(tuple)
bases = st.builds(base, points=st.integers(0, 50), per=st.integers(1, 10_000))


@given(amounts_paid, st.builds(Terms, bases, factors))
def test_the_steps_add_up_to_the_points(paid: list[int], terms: Terms) -> None:
    steps = earn.explain(terms, lines_of(*paid), paid=paid, currency="CNY")

    assert sum(gain_of(step) for step in steps) == earn.points_for(terms, paid)
    assert all(-1 < gain_of(step) < 0 for step in steps if step.rule is None)
    assert [step.line for step in steps if step.line] == [n for n, amount in enumerate(paid, start=1) if amount]


@given(amounts_paid, st.builds(Terms, bases, factors))
def test_floored_once_and_never_more_than_exact(paid: list[int], terms: Terms) -> None:
    exact = sum((amount * terms.rate for amount in paid), Fraction(0))
    points = earn.points_for(terms, paid)

    assert points <= exact < points + 1
    assert points >= sum(floor(amount * terms.rate) for amount in paid)


# --- why nothing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "amounts", "paid", "sentence"),
    [
        (Terms(DEFAULT), [99], [99], "0.99 paid is less than the 1.00 that give a point."),
        (Terms(DEFAULT, (VIP,)), [40], [40], "0.40 paid is less than the 0.50 that give a point."),
        (Terms(base(points=3, per=1000)), [300], [300], "3.00 paid is less than the 3.34 that give a point."),
        (Terms(DEFAULT), [500], [0], "What is paid with points or coupons gives no points."),
        (Terms(DEFAULT), [0, 0], [0, 0], "Nothing was paid."),
        (Terms(base("fuel", points=0)), [500], [500], "fuel gives no points."),
        (Terms(DEFAULT, (replace(VIP, factor_percent=0),)), [500], [500], "VIP gives no points."),
        (None, [500], [500], "No rule gives points here."),
    ],
)
def test_why_nothing(terms: Terms | None, amounts: list[int], paid: list[int], sentence: str) -> None:
    assert earn.why_nothing(terms, lines_of(*amounts), paid=paid, currency="CNY").into("en") == sentence
