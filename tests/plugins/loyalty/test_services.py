"""Tiers are set by hand, points are held and counted: each with what it refuses."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core import clock, ledger
from core.errors import AtriumError, Conflict, NotFound, Refused
from core.models import Hold, Member
from core.services import create_mall
from plugins.loyalty import services
from plugins.loyalty.models import Lot, LotUse, MemberTier, Tier
from plugins.loyalty.rules.accounts import points_of
from plugins.loyalty.services import Purpose
from tests.support.arrivals import paid, parsed, sale, today
from tests.support.mall import Shop, expect_sound

TOMORROW = timedelta(days=1)


def write(shop: Shop, code: str = "base", **figures: Any) -> None:
    with shop.work() as uow:
        services.save_rule(uow, mall_id=shop.mall_id, code=code, **figures)


def add_tier(shop: Shop, code: str, *, rank: int) -> int:
    with shop.work() as uow:
        tier = Tier(mall_id=shop.mall_id, code=code, name=code.title(), rank=rank)
        uow.session.add(tier)
        uow.session.flush()
        return tier.id


def earned(shop: Shop, number: str, amount: int = 10000, **changes: Any) -> int:
    (told,) = parsed([shop.send(sale(number, amount, member=1, **changes))])
    return int(told["points"]["earned"])


# --- tiers ----------------------------------------------------------------------------------------------------------


def test_a_tier_factor_doubles_the_points_of_its_members(shop: Shop) -> None:
    (other,) = shop.enrol()
    add_tier(shop, "ordinary", rank=0)
    vip = add_tier(shop, "vip", rank=1)
    write(shop, "vip", name="VIP", kind="factor", factor_percent=200, tier_id=vip)
    with shop.work() as uow:
        services.set_tier(uow, member_id=1, mall_id=shop.mall_id, tier_code="vip", today=today())

    told = parsed(shop.take(sale("1", 12950, member=1), sale("2", 12950, member=other)))

    assert [(one["points"]["earned"], one["member"]["tier"]) for one in told] == [(259, "vip"), (129, "ordinary")]
    assert told[0]["points"]["explain"] == ["实付 129.50，每 1.00 积 1 分：+129.5", "VIP，2 倍：+129.5"]


def test_who_was_never_put_into_a_tier_is_in_the_lowest(shop: Shop) -> None:
    with shop.work() as uow:
        assert services.tier_of(uow, member_id=1, mall_id=shop.mall_id) is None
    add_tier(shop, "gold", rank=2)
    lowest = add_tier(shop, "ordinary", rank=0)
    write(shop, "welcome", name="Welcome", kind="factor", factor_percent=300, tier_id=lowest)

    assert earned(shop, "1", 1000) == 30
    with shop.work() as uow:
        tier = services.tier_of(uow, member_id=1, mall_id=shop.mall_id)
        assert tier is not None
        assert tier.code == "ordinary"


def test_a_tier_is_kept_since_its_first_day(shop: Shop) -> None:
    for code in ("silver", "gold"):
        add_tier(shop, code, rank=1)

    def put(code: str, on: date) -> tuple[str, date]:
        with shop.work() as uow:
            row = services.set_tier(uow, member_id=1, mall_id=shop.mall_id, tier_code=code, today=on)
            return row.tier.code, row.since

    assert put("silver", date(2026, 1, 1)) == ("silver", date(2026, 1, 1))
    assert put("silver", date(2026, 2, 1)) == ("silver", date(2026, 1, 1))
    assert put("gold", date(2026, 3, 1)) == ("gold", date(2026, 3, 1))
    assert shop.count(MemberTier) == 1


def test_neither_an_unknown_tier_nor_a_member_of_another_mall(shop: Shop) -> None:
    add_tier(shop, "gold", rank=1)
    with shop.work() as uow:
        other = create_mall(uow, name="Other mall").id
    for member, mall, code, said in (
        (1, shop.mall_id, "platinum", "tier_not_found"),
        (1, other, "gold", "member_not_found"),
        (99, shop.mall_id, "gold", "member_not_found"),
    ):
        with pytest.raises(NotFound) as refusal, shop.work() as uow:
            services.set_tier(uow, member_id=member, mall_id=mall, tier_code=code, today=today())
        assert refusal.value.reason_code == said
    assert shop.count(MemberTier) == 0


# --- holds ----------------------------------------------------------------------------------------------------------


def hold(shop: Shop, points: int, reference: str = "pay-1") -> int:
    with shop.work() as uow:
        purpose = Purpose(shop.stores[0], reference, uow.now + timedelta(minutes=10))
        return services.hold_points(uow, member_id=1, points=points, purpose=purpose, today=today())


def left(shop: Shop) -> list[int]:
    with shop.work() as uow:
        return list(uow.session.scalars(select(Lot.remaining).order_by(Lot.id)))


def test_held_points_are_out_of_reach_until_they_come_back(shop: Shop) -> None:
    earned(shop, "1", 3000)
    earned(shop, "2", 4000)
    hold_id = hold(shop, 50)

    assert (shop.balance(1), shop.balance(1, "loyalty.held"), left(shop)) == (20, 50, [0, 20])
    refused = shop.send(paid("3", 0, points=21, member=1))
    assert isinstance(refused, AtriumError)
    assert refused.reason_code == "not_enough_points"
    with shop.work() as uow:
        services.release_points(uow, hold_id=hold_id, today=today())
    assert (shop.balance(1), shop.balance(1, "loyalty.held"), left(shop)) == (70, 0, [30, 40])
    expect_sound(shop)


def test_captured_points_are_spent(shop: Shop) -> None:
    earned(shop, "1", 3000)
    hold_id = hold(shop, 20)
    with shop.work() as uow:
        services.capture_points(uow, hold_id=hold_id, today=today())

    assert (shop.balance(1), shop.balance(1, "loyalty.held"), left(shop)) == (10, 0, [10])
    with pytest.raises(Refused), shop.work() as uow:
        services.release_points(uow, hold_id=hold_id, today=today())
    expect_sound(shop)


def test_holds_that_are_refused(shop: Shop) -> None:
    earned(shop, "1", 3000)
    with pytest.raises(Refused) as refusal:
        hold(shop, 31)
    assert refusal.value.reason_code == "not_enough_points"
    hold(shop, 10)
    with pytest.raises(Conflict):
        hold(shop, 10)
    with shop.work() as uow:
        uow.session.get_one(Member, 1).status = "frozen"
    with pytest.raises(Refused) as refusal:
        hold(shop, 10, "pay-2")
    assert refusal.value.reason_code == "member_frozen"
    assert (shop.count(Hold), shop.balance(1), left(shop)) == (1, 20, [20])
    expect_sound(shop)


# --- totals ---------------------------------------------------------------------------------------------------------


def test_what_a_member_has(shop: Shop) -> None:
    earned(shop, "1", 3000)
    with shop.work() as uow:
        found = services.points_of_member(uow, member_id=1, mall_id=shop.mall_id, today=today())
        later = services.points_of_member(uow, member_id=1, mall_id=shop.mall_id, today=date(9999, 1, 1))
        assert ledger.balance(uow, points_of(1, shop.mall_id)) == 30
    assert (found.balance, found.usable, found.pending, found.owed, found.next_points) == (30, 30, 0, 0, 30)
    assert found.next_expiry is not None
    assert found.next_expiry > clock.today("Asia/Shanghai") + TOMORROW
    assert (later.usable, later.next_expiry, later.next_points) == (0, None, 0)


def test_totals_for_the_books(shop: Shop) -> None:
    earned(shop, "1", 10000)
    shop.send(paid("2", 5000, points=30, member=1))
    with shop.work() as uow:
        totals = services.count_points(uow)
        kept = services.members_with_points(uow, mall_id=shop.mall_id)
    assert totals == {"points_earned": 150, "points_spent": 30, "points_balance": 120}
    assert kept == (1, 120)
    assert shop.count(LotUse) == 1
