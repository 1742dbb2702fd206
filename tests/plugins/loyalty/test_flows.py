"""Whole receipts: what the till is told is what was booked, whatever waits, expires, or was frozen in between."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from core import checkout, clock, settings
from core.errors import AtriumError
from core.models import Entry, Member
from core.types import MemberRef, Place, Tender
from plugins.loyalty import MANIFEST, services
from plugins.loyalty.models import Lot, LotUse
from plugins.loyalty.services import save_rule
from tests.support.arrivals import by_id, changed, give_back, key, paid, parsed, sale, void
from tests.support.mall import Shop, expect_sound


def put(shop: Shop, name: str, value: Any, store: int = 0) -> None:
    with shop.work() as uow:
        settings.put(uow, manifest=MANIFEST, name=name, place=Place(shop.mall_id, store), value=value)


def points(shop: Shop, *arrivals: Any) -> list[dict[str, Any]]:
    return [told["points"] for told in parsed(shop.take(*arrivals))]


def look(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = checkout.look_up(shop.house, shop.till(), ref=by_id(1))["points"]
    return {name: found[name] for name in ("balance", "usable", "usable_value")}


def standing(balance: int, usable: int) -> dict[str, int]:
    return {"balance": balance, "usable": usable, "usable_value": usable}


# --- quotes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tenders",
    [
        (Tender("cash", 17800),),
        (Tender("points", 300), Tender("cash", 17500)),
        (Tender("cash", 20000),),
    ],
)
def test_a_quote_promises_what_the_receipt_then_gives(shop: Shop, tenders: tuple[Tender, ...]) -> None:
    shop.send(sale("1", 50000, member=1))
    basket = sale("2", 12900, 4900, member=1, tenders=tenders, change=sum(t.amount for t in tenders) - 17800)

    promised = checkout.quote(shop.house, shop.till(), receipt=basket.receipt)["points"]
    (given,) = points(shop, basket)

    assert promised["earned"] == given["earned"] > 0
    assert promised["explain"] == given["explain"]


def test_what_a_basket_is_going_to_give_cannot_pay_for_it(shop: Shop) -> None:
    shop.send(sale("1", 5000, member=1))
    quoted = checkout.quote(shop.house, shop.till(), receipt=sale("2", 17800, member=1).receipt)["points"]

    assert (quoted["earned"], quoted["usable"], quoted["balance"]) == (178, 50, 50)
    assert shop.count(Lot) == 1


# --- pending ----------------------------------------------------------------------------------------------------------


def test_pending_points_are_in_the_balance_but_cannot_be_used(shop: Shop) -> None:
    put(shop, "pending_days", 7)
    (told,) = points(shop, sale("1", 10000, member=1))
    assert (told["balance"], told["usable"]) == (100, 0)
    assert look(shop) == standing(100, 0)

    refused = shop.send(paid("2", 0, points=1, member=1))
    assert isinstance(refused, AtriumError)
    assert refused.reason_code == "not_enough_points"
    with clock.stopped_at(clock.now() + timedelta(days=7)):
        assert look(shop) == standing(100, 100)
    expect_sound(shop)


def test_each_receipt_of_a_batch_tells_what_the_one_before_it_left(shop: Shop) -> None:
    shop.send(sale("0", 5000, member=1))
    put(shop, "pending_days", 7)

    told = points(shop, sale("1", 3000, member=1), sale("2", 2000, member=1), paid("3", 0, points=20, member=1))

    assert [(one["balance"], one["usable"]) for one in told] == [(80, 50), (100, 50), (80, 30)]
    assert look(shop) == standing(80, 30)


def test_a_returned_sale_takes_back_its_pending_points_and_leaves_the_usable_ones(shop: Shop) -> None:
    shop.send(sale("1", 10000, member=1))
    put(shop, "pending_days", 7)
    shop.send(sale("2", 6000, member=1))
    assert look(shop) == standing(160, 100)

    (told,) = points(shop, give_back("3", "2", back={1: 6000}))

    assert (told["balance"], told["usable"], told["earned"]) == (100, 100, -60)
    assert look(shop) == standing(100, 100)


# --- expired ----------------------------------------------------------------------------------------------------------


def test_expired_points_are_out_of_reach_before_the_night_books_them_out(shop: Shop) -> None:
    put(shop, "expiry_months", 1)
    shop.send(sale("1", 10000, member=1))

    with clock.stopped_at(clock.now() + timedelta(days=40)):
        assert look(shop) == standing(100, 0)
        refused = shop.send(paid("2", 0, points=1, member=1))
        assert isinstance(refused, AtriumError)
        assert refused.reason_code == "not_enough_points"


def test_points_that_come_back_after_their_last_day_are_not_usable(shop: Shop) -> None:
    """Spent in time, given back too late: they lie in their old lot, and expire once more."""
    put(shop, "expiry_months", 1)
    shop.send(sale("1", 10000, member=1))
    shop.send(paid("2", 0, points=60, member=1))
    spent = key("2")
    with clock.stopped_at(clock.now() + timedelta(days=40)):
        assert expire(shop) == 1
        assert look(shop) == standing(0, 0)
        (told,) = points(shop, void("3", spent))
        assert (told["balance"], told["usable"], told["spent"]) == (60, 0, -60)
        assert expire(shop) == 1
        assert expire(shop) == 0
        assert look(shop) == standing(0, 0)
    expect_sound(shop)


def expire(shop: Shop) -> int:
    with shop.work() as uow:
        return services.expire_lots(uow, mall_id=shop.mall_id, today=clock.today("Asia/Shanghai"))


# --- members ----------------------------------------------------------------------------------------------------------


def test_a_frozen_member_neither_earns_nor_pays_but_gives_back(shop: Shop) -> None:
    shop.send(sale("1", 10000, member=1))
    with shop.work() as uow:
        uow.session.get_one(Member, 1).status = "frozen"

    (told,) = points(shop, sale("2", 5000, member=1))
    assert (told["earned"], told["balance"], told["usable"], told["explain"]) == (0, 100, 0, ["此会籍已冻结。"])
    refused = shop.send(paid("3", 0, points=1, member=1))
    assert isinstance(refused, AtriumError)
    assert refused.reason_code == "member_frozen"
    assert points(shop, give_back("4", "1", back={1: 4000}))[0]["balance"] == 60
    expect_sound(shop)


def test_somebody_unknown_earns_nothing_and_no_lot_is_made(shop: Shop) -> None:
    (told,) = parsed([shop.send(changed(sale("1", 10000), member=MemberRef("phone", "17099999999")))])

    assert (told["member"], told["points"]["earned"]) == (None, 0)
    assert (shop.count(Lot), shop.entries()) == (0, [])


# --- the same round and round ---------------------------------------------------------------------------------------


def test_buying_and_returning_gains_nothing(shop: Shop) -> None:
    shop.send(sale("0", 10000, member=1))
    for turn in range(5):
        shop.send(sale(f"s{turn}", 3000, 199, member=1))
        shop.send(paid(f"p{turn}", 0, points=30, member=1))
        shop.send(give_back(f"a{turn}", f"s{turn}", back={1: 3000}))
        shop.send(void(f"v{turn}", f"p{turn}"))
        shop.send(give_back(f"b{turn}", f"s{turn}", back={2: 199}))

    assert look(shop) == standing(100, 100)
    expect_sound(shop)


def test_what_is_left_of_a_lot_follows_from_its_uses(shop: Shop) -> None:
    shop.send(sale("1", 10000, member=1))
    shop.send(paid("2", 1000, points=70, member=1))
    shop.send(give_back("3", "1", back={1: 6000}))
    shop.send(sale("4", 9000, member=1))
    shop.send(void("5", "2"))
    with clock.stopped_at(clock.now() + timedelta(days=400)):
        expire(shop)

    with shop.work() as uow:
        for lot in uow.session.scalars(select(Lot)):
            used = uow.session.scalar(select(func.sum(LotUse.points)).filter_by(lot_id=lot.id)) or 0
            at_once = select(Entry.id).filter_by(kind="loyalty.repay", receipt_id=lot.receipt_id)
            repaid = 20 if uow.session.scalar(at_once) else 0
            assert lot.remaining == lot.earned - repaid - used == 0
    expect_sound(shop)


# --- explained ------------------------------------------------------------------------------------------------------


def test_many_rules_at_once_are_all_named(shop: Shop) -> None:
    """More versions than an entry has room for: the lot and the reasons name every one, and a return finds them."""
    with shop.work() as uow:
        for number in range(12):
            code, name = f"campaign-of-the-week-{number:02d}", f"Campaign {number}"
            save_rule(uow, mall_id=shop.mall_id, code=code, name=name, kind="factor", factor_percent=110)
    (told,) = points(shop, sale("1", 10000, member=1))
    assert told["earned"] == 313

    rules = shop.ask(select(Lot.rules))
    entry = shop.ask(select(Entry.rule))
    reasons = json.loads(shop.ask(select(Entry.reasons)))
    assert len(rules.split()) == 13
    assert len(entry) <= 60
    assert entry.endswith("…")
    assert [reason.get("rule") for reason in reasons if "rule" in reason] == rules.split()
    assert points(shop, give_back("2", "1", back={1: 10000}))[0]["earned"] == -313
    expect_sound(shop)


def test_change_is_never_given_on_points(shop: Shop) -> None:
    shop.send(sale("1", 10000, member=1))
    refused = shop.send(sale("2", 50, member=1, tenders=(Tender("points", 80),), change=30))

    assert isinstance(refused, AtriumError)
    assert refused.reason_code == "points_exceed_total"
    assert look(shop) == standing(100, 100)
