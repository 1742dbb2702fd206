"""Points as payment, and points that come back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import Refused
from core.types import AtLeast, Tender
from plugins.loyalty.rules import tenders
from tests.plugins.loyalty.counter import (
    DAY,
    FROZEN,
    facts_of,
    lot,
    moved,
    points_paid,
    receipt_of,
    sold_of,
    told,
    transfers,
)

# --- points as payment ----------------------------------------------------------------------------------------------


def test_the_points_that_expire_first_pay() -> None:
    mine = (lot(1, 100), lot(2, 60, until=date(2027, 1, 1)), lot(3, 99, since=DAY + timedelta(days=1)))
    (spend,) = transfers(tenders.tender(facts_of(points_paid(80), own={"lots": mine})))

    assert (spend.kind, spend.amount, spend.tender) == ("loyalty.spend", 80, 0)
    assert [(claim.key, claim.guard["remaining"]) for claim in spend.claims] == [(2, AtLeast(60)), (1, AtLeast(20))]
    assert [(row.values["lot_id"], row.values["points"]) for row in spend.inserts] == [(2, 60), (1, 20)]


def test_two_payments_on_one_receipt_take_different_points() -> None:
    paid = receipt_of(100, tenders=(Tender("points", 70), Tender("cash", 10), Tender("points", 20)))
    proposals = tenders.tender(facts_of(paid, own={"lots": (lot(1, 75), lot(2, 75))}))

    assert [(one.tender, one.key, one.amount) for one in transfers(proposals)] == [(0, "0", 70), (2, "2", 20)]
    assert [(c.key, c.guard["remaining"].amount) for one in transfers(proposals) for c in one.claims] == [
        (1, 70),
        (1, 5),
        (2, 15),
    ]
    assert told(proposals) == {"spent": 90}


@pytest.mark.parametrize(
    ("per_unit", "amount", "points"), [(100, 80, 80), (1, 100, 1), (1, 50, 1), (3, 100, 3), (3, 34, 2), (200, 5, 10)]
)
def test_an_amount_costs_whole_points_rounded_up(per_unit: int, amount: int, points: int) -> None:
    facts = facts_of(points_paid(amount), own={"lots": (lot(1, 1000),)}, settings={"points_per_unit": per_unit})
    assert moved(tenders.tender(facts)) == [("loyalty.spend", points)]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"member": None}, "points_need_member"),
        ({"member": FROZEN}, "member_frozen"),
        ({"settings": {"pay_with_points": False}}, "points_not_accepted"),
        ({"own": {"lots": (lot(1, 79),)}}, "not_enough_points"),
        ({"own": {"lots": (lot(1, 80, since=DAY + timedelta(days=1)),)}}, "not_enough_points"),
        ({"own": {"lots": (lot(1, 80, until=DAY - timedelta(days=1), since=date(2026, 1, 1)),)}}, "not_enough_points"),
        ({"settings": {"points_per_unit": 50}}, "points_mismatch"),
        ({"receipt": points_paid(0)}, "points_without_amount"),
        ({"receipt": receipt_of(50, tenders=(Tender("points", 80),), change=30)}, "points_exceed_total"),
    ],
)
def test_payments_that_are_refused(changes: dict[str, Any], code: str) -> None:
    given_facts = {"own": {"lots": (lot(1, 80),)}, "receipt": points_paid(80, points=80), **changes}
    with pytest.raises(Refused) as refusal:
        tenders.tender(facts_of(given_facts.pop("receipt"), **given_facts))
    assert refusal.value.reason_code == code


def test_a_receipt_without_points_among_its_payments_is_nobody_s_business() -> None:
    assert tenders.tender(facts_of(receipt_of(5000))) == []
    assert tenders.tender(facts_of(receipt_of(5000), member=None)) == []


# --- on a return ------------------------------------------------------------------------------------------------------


def refunded(
    amount: int, *, paid: tuple[Tender, ...], used: tuple[tuple[int, int], ...], points: int | None = None
) -> Any:
    taken = sum(part for _lot, part in used)
    sale = receipt_of(sum(one.amount for one in paid), tenders=paid)
    receipt = receipt_of(amount, kind="return", tenders=(Tender("points", amount, points),))
    own = {"used": used, "paid_points": taken}
    return tenders.tender(facts_of(receipt, own=own, settings={"points_per_unit": 7}, original=sold_of(sale)))


@pytest.mark.parametrize(
    ("amount", "points", "lots"),
    [(100, 300, [(2, 100), (1, 200)]), (50, 150, [(2, 100), (1, 50)]), (1, 3, [(2, 3)])],
)
def test_points_come_back_at_the_worth_they_paid_at_last_taken_first(
    amount: int, points: int, lots: list[tuple[int, int]]
) -> None:
    (refund,) = transfers(refunded(amount, paid=(Tender("points", 100), Tender("cash", 1)), used=((1, 200), (2, 100))))

    assert (refund.kind, refund.amount, refund.tender) == ("loyalty.refund", points, 0)
    assert [(row.values["lot_id"], -row.values["points"]) for row in refund.inserts] == lots


@pytest.mark.parametrize(
    ("amount", "points", "code"), [(101, None, "points_refund_exceeds"), (50, 149, "points_mismatch")]
)
def test_no_other_number_comes_back(amount: int, points: int | None, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        refunded(amount, paid=(Tender("points", 100),), used=((1, 300),), points=points)
    assert refusal.value.reason_code == code


def test_a_sale_paid_in_cash_gives_no_points_back() -> None:
    with pytest.raises(Refused) as refusal:
        refunded(50, paid=(Tender("cash", 100),), used=())
    assert refusal.value.reason_code == "points_refund_exceeds"
