"""What is proposed for a sale, and what the till shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from core.types import Facts, Tender
from plugins.loyalty.rules import receipts
from plugins.loyalty.rules.earn import EarnRule
from plugins.loyalty.rules.lots import FOREVER
from tests.plugins.loyalty.counter import (
    DAY,
    DEBT,
    FROZEN,
    POINTS,
    facts_of,
    moved,
    new_lot,
    points_paid,
    receipt_of,
    told,
    transfers,
)

# --- a sale ---------------------------------------------------------------------------------------------------------


def test_a_sale_makes_one_entry_and_one_lot() -> None:
    facts = facts_of(receipt_of(12900, 4950))
    (earn,) = transfers(receipts.reward(facts))

    assert (earn.kind, str(earn.source), str(earn.target), earn.amount) == (
        "loyalty.earn",
        "loyalty.issued:11",
        "loyalty:7",
        178,
    )
    assert new_lot(facts) | {"id": 0, "entry_id": 0} == {
        "id": 0,
        "mall_id": 1,
        "member_id": 7,
        "entry_id": 0,
        "receipt_id": 1,
        "earned": 178,
        "remaining": 178,
        "available_on": DAY,
        "expires_on": date(2027, 11, 22),
        "rules": "base@1",
    }
    assert told(receipts.reward(facts))["earned"] == 178


@pytest.mark.parametrize(
    ("settings", "available", "expires"),
    [
        ({"pending_days": 7}, date(2026, 11, 29), date(2027, 11, 22)),
        ({"expiry_months": 0}, DAY, FOREVER),
        ({"expiry_months": 1, "pending_days": 60}, date(2027, 1, 21), date(2027, 1, 21)),
    ],
)
def test_when_points_can_be_used(settings: dict[str, Any], available: date, expires: date) -> None:
    made = new_lot(facts_of(receipt_of(5000), settings=settings))
    assert (made["available_on"], made["expires_on"]) == (available, expires)


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        (facts_of(receipt_of(99)), "0.99 paid is less than the 1.00 that give a point."),
        (facts_of(points_paid(5000)), "What is paid with points or coupons gives no points."),
        (facts_of(receipt_of(5000), member=FROZEN), "This membership is frozen."),
        (facts_of(receipt_of(0)), "Nothing was paid."),
        (facts_of(receipt_of(5000), EarnRule("x", 1, "base", store_id=99)), "No rule gives points here."),
    ],
)
def test_a_sale_that_gives_nothing_says_why(facts: Facts, sentence: str) -> None:
    assert moved(receipts.reward(facts)) == []
    assert [text.into("en") for text in told(receipts.reward(facts))["explain"]] == [sentence]


def test_nobody_earns_without_being_a_member_and_not_on_a_return() -> None:
    assert receipts.reward(facts_of(receipt_of(5000), member=None)) == []
    assert receipts.reward(facts_of(receipt_of(5000, kind="return"))) == []


def test_tax_beside_the_lines_and_change_give_no_points() -> None:
    paid = receipt_of(5000, tax=900, total=5900, tenders=(Tender("cash", 10000),), change=4100)
    assert moved(receipts.reward(facts_of(paid))) == [("loyalty.earn", 50)]


@pytest.mark.parametrize(("owed", "repaid"), [(30, 30), (50, 50), (80, 50)])
def test_a_debt_is_repaid_first(owed: int, repaid: int) -> None:
    facts = facts_of(receipt_of(5000), balances={DEBT: owed})

    assert moved(receipts.reward(facts)) == [
        ("loyalty.earn", 50),
        ("loyalty.repay", repaid),
        ("loyalty.settle", repaid),
    ]
    assert (new_lot(facts)["earned"], new_lot(facts)["remaining"]) == (50, 50 - repaid)


# --- what the till shows --------------------------------------------------------------------------------------------


def shown(**changes: Any) -> dict[str, Any]:
    return told(receipts.standing(facts_of(receipt_of(100), **changes)))


def test_the_till_shows_balance_usable_points_and_their_worth() -> None:
    assert shown(balances={POINTS: 1250}) == {"balance": 1250, "usable": 1250, "usable_value": 1250}
    assert shown(balances={POINTS: 1250}, own={"blocked": 250})["usable"] == 1000
    assert shown(balances={POINTS: 1250}, settings={"points_per_unit": 300})["usable_value"] == 416
    assert shown(balances={POINTS: 1250}, settings={"pay_with_points": False})["usable_value"] == 0
    assert shown(balances={POINTS: 0, DEBT: 8})["owed"] == 8
    assert shown() == {"balance": 0, "usable": 0, "usable_value": 0}


def test_a_frozen_member_can_use_nothing() -> None:
    assert shown(balances={POINTS: 50}, member=FROZEN) == {"balance": 50, "usable": 0, "usable_value": 0}


def test_pending_points_of_this_very_sale_are_in_the_balance_and_not_usable() -> None:
    facts = facts_of(receipt_of(5000), settings={"pending_days": 7}, balances={DEBT: 20})
    accepted = tuple(transfers(receipts.reward(facts)))
    after = replace(facts, accepted=accepted, balances={POINTS: 130, DEBT: 0})

    assert told(receipts.standing(after)) == {"balance": 130, "usable": 100, "usable_value": 100}


def test_nobody_is_shown_nothing() -> None:
    assert receipts.standing(facts_of(receipt_of(100), member=None)) == []
    assert receipts.standing(replace(facts_of(receipt_of(100)), own=None)) == []
