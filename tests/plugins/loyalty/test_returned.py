"""What a return takes back: by the rules of the sale, exactly, whatever was spent in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.types import Facts, Receipt, Tender
from plugins.loyalty.rules import receipts, tenders
from plugins.loyalty.rules.earn import EarnRule
from tests.plugins.loyalty.counter import (
    back,
    facts_of,
    lot,
    moved,
    receipt_of,
    sold_of,
    told,
    transfers,
)

# --- a return -------------------------------------------------------------------------------------------------------


def returned(sale: Receipt, amounts: dict[int, int], *, before: tuple[int, ...] = (), **changes: Any) -> Facts:
    own = {"given": "base@1", "lots": (lot(1, 1000, receipt_id=1),), **changes.pop("own", {})}
    rules = changes.pop("rules", ())
    return facts_of(receipt_of(1, kind="return"), *rules, own=own, **back(sold_of(sale, before), amounts, **changes))


def test_a_return_takes_back_the_difference_of_two_prices() -> None:
    sale = receipt_of(150, 150, 150)
    assert moved(receipts.returned(returned(sale, {1: 150}))) == [("loyalty.take_back", 1)]
    assert moved(receipts.returned(returned(sale, {2: 150}, before=(150,)))) == [("loyalty.take_back", 2)]
    assert moved(receipts.returned(returned(sale, {3: 150}, before=(150, 150)))) == [("loyalty.take_back", 1)]
    assert moved(receipts.returned(returned(sale, {1: 49}))) == []


def test_a_return_is_reckoned_by_the_versions_of_the_sale() -> None:
    old = EarnRule("base", 2, "base", points=3, per_amount=100)
    vip = EarnRule("vip", 4, "factor", factor_percent=200, tier_id=3)
    rules = (old, replace(old, version=3, points=9), vip, replace(vip, version=5, factor_percent=1000))

    facts = returned(receipt_of(1000), {1: 1000}, rules=rules, own={"given": "base@2 vip@4"})

    (taken,) = transfers(receipts.returned(facts))
    assert (taken.amount, taken.rule) == (60, "base@2 vip@4")


def test_goods_paid_with_points_take_back_only_what_money_gave() -> None:
    sale = receipt_of(1000, 1000, tenders=(Tender("points", 1000), Tender("cash", 1000)))
    assert moved(receipts.returned(returned(sale, {1: 1000}))) == [("loyalty.take_back", 5)]


def test_a_sale_that_gave_nothing_takes_nothing_back() -> None:
    assert receipts.returned(returned(receipt_of(1000), {1: 1000}, own={"given": ""})) == []
    assert receipts.returned(returned(receipt_of(1000), {1: 1000}, member=None)) == []


def test_its_own_points_first_then_those_that_expire_first_the_rest_is_owed() -> None:
    soon, later = lot(5, 3, until=date(2027, 1, 1), receipt_id=9), lot(6, 2, until=date(2027, 5, 1), receipt_id=8)
    facts = returned(receipt_of(2000), {1: 2000}, own={"lots": (later, soon, lot(1, 7, receipt_id=1))})

    take, owe = transfers(receipts.returned(facts))

    assert [(claim.key, claim.guard["remaining"].amount) for claim in take.claims] == [(1, 7), (5, 3), (6, 2)]
    assert (take.kind, take.amount) == ("loyalty.take_back", 12)
    assert (owe.kind, str(owe.source), str(owe.target), owe.amount) == (
        "loyalty.owe",
        "loyalty.owed:1",
        "loyalty.debt:7",
        8,
    )
    assert told(receipts.returned(facts))["earned"] == -20


def test_points_that_come_back_with_the_return_are_there_to_be_taken() -> None:
    """The sale was paid with 40 points and gave 20, which are spent. Both in one return: nothing stays owed."""
    sale = receipt_of(2040, tenders=(Tender("points", 40), Tender("cash", 2000)))
    own = {"lots": (lot(1, 0, receipt_id=1), lot(4, 0)), "used": ((4, 40),), "paid_points": 40}
    facts = returned(sale, {1: 2040}, own=own)
    facts = replace(facts, receipt=receipt_of(2040, kind="return", tenders=sale.tenders))

    refund = transfers(tenders.tender(facts))
    (taken,) = transfers(receipts.returned(replace(facts, accepted=tuple(refund))))

    assert moved(refund) == [("loyalty.refund", 40)]
    assert ([claim.key for claim in taken.claims], taken.amount) == ([4], 20)


prices = st.lists(st.integers(0, 5000), min_size=1, max_size=6)


@given(prices, st.integers(0, 10_000), st.data())
def test_the_parts_of_a_sale_take_back_exactly_what_it_gave(amounts: list[int], points: int, data: Any) -> None:
    total, points = sum(amounts), min(points, sum(amounts))
    sale = receipt_of(*amounts, tenders=(Tender("points", points), Tender("cash", total - points)))
    gave = sum(amount for _kind, amount in moved(receipts.reward(facts_of(sale))))
    before, taken = [0] * len(amounts), 0
    order = data.draw(st.permutations([(n, part) for n, amount in enumerate(amounts) for part in _halves(amount)]))
    for place, part in order:
        proposals = receipts.returned(returned(sale, {place + 1: part}, before=tuple(before)))
        taken += sum(amount for _kind, amount in moved(proposals))
        before[place] += part
        assert 0 <= taken <= gave
    assert taken == gave


def _halves(amount: int) -> list[int]:
    return [amount // 2, amount - amount // 2]
