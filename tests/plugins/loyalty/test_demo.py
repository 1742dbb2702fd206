"""Sample rows: four tiers, some members above the lowest, and not a point more for any of them."""

from __future__ import annotations

from sqlalchemy import func, select

from core.models import Audit
from plugins.loyalty import demo
from plugins.loyalty.models import MemberTier, Rule, Tier
from tests.support.arrivals import parsed, sale
from tests.support.mall import Shop


def fill(shop: Shop) -> None:
    with shop.work() as uow:
        demo.fill(uow, mall_id=shop.mall_id)


def test_tiers_and_members_are_made_once(shop: Shop) -> None:
    shop.enrol(29)
    fill(shop)
    rows = shop.count(Audit)
    fill(shop)

    assert shop.all(select(Tier.name).order_by(Tier.rank)) == ["普通", "银卡", "金卡", "钻石卡"]
    by_tier = select(Tier.code, func.count()).join(MemberTier, MemberTier.tier_id == Tier.id).group_by(Tier.code)
    assert dict(shop.all(by_tier)) == {"silver": 9, "gold": 4, "diamond": 2}
    assert shop.count(Audit) == rows


def test_points_are_the_same_for_every_tier(shop: Shop) -> None:
    members = [*shop.members, *shop.enrol(11)]
    fill(shop)
    told = parsed(shop.take(*[sale(str(n), 12950, member=member) for n, member in enumerate(members)]))

    assert {answer["points"]["earned"] for answer in told} == {129}
    assert {answer["member"]["tier"] for answer in told} == {"ordinary", "silver", "gold", "diamond"}
    assert shop.count(Rule) == 0


def test_a_tier_of_one_s_own_stays(shop: Shop) -> None:
    with shop.work() as uow:
        uow.session.add(Tier(mall_id=shop.mall_id, code="gold", name="Ours", rank=7))
    fill(shop)

    assert shop.all(select(Tier.name).where(Tier.code == "gold")) == ["Ours"]
    assert shop.count(Tier) == 4
