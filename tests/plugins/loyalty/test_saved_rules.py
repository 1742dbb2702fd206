"""Earning rules are written version by version; each holds for the receipts of its time."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from core.errors import Conflict, Invalid, NotFound
from core.services import create_mall
from plugins.loyalty import services
from plugins.loyalty.models import Lot, Rule, Tier
from tests.support.arrivals import parsed, sale
from tests.support.mall import Shop


def write(shop: Shop, code: str = "base", **figures: Any) -> None:
    with shop.work() as uow:
        services.save_rule(uow, mall_id=shop.mall_id, code=code, **figures)


def versions(shop: Shop, code: str = "base") -> list[tuple[int, int, bool]]:
    found = shop.all(select(Rule).filter_by(code=code).order_by(Rule.version))
    return [(rule.version, rule.points, rule.is_on) for rule in found]


def earned(shop: Shop, number: str, amount: int = 10000, **changes: Any) -> int:
    (told,) = parsed([shop.send(sale(number, amount, member=1, **changes))])
    return int(told["points"]["earned"])


# --- rules ----------------------------------------------------------------------------------------------------------


def test_an_edit_is_the_next_version_and_what_is_not_named_stays(shop: Shop) -> None:
    write(shop, points=3)
    write(shop, name="Points", per_amount=200)
    write(shop, is_on=False)

    assert versions(shop) == [(1, 1, True), (2, 3, True), (3, 3, True), (4, 3, False)]
    with shop.work() as uow:
        newest = services.newest_rule(uow, mall_id=shop.mall_id, code="base")
        assert newest is not None
        assert (newest.name, newest.per_amount, newest.points) == ("Points", 200, 3)


def test_the_first_rule_writes_down_what_held_before(shop: Shop) -> None:
    assert versions(shop) == []
    write(shop, "november", points=2)

    assert versions(shop) == [(1, 1, True)]
    assert versions(shop, "november") == [(1, 2, True)]


def test_a_new_version_holds_with_the_next_receipt(shop: Shop) -> None:
    assert earned(shop, "1") == 100
    write(shop, points=2)
    assert earned(shop, "2") == 200
    write(shop, is_on=False)
    assert earned(shop, "3") == 0
    write(shop, is_on=True, per_amount=1000)
    assert earned(shop, "4") == 20
    assert shop.all(select(Lot.rules).order_by(Lot.id)) == ["base@1", "base@2", "base@4"]


def test_switched_off_means_no_points_and_says_so(shop: Shop) -> None:
    write(shop, is_on=False)
    (told,) = parsed([shop.send(sale("1", 10000, member=1))])

    assert (told["points"]["earned"], told["points"]["explain"]) == (0, ["此处没有给积分的规则。"])
    assert told["rewards"] == "posted"
    assert shop.entries() == []


@pytest.mark.parametrize(
    ("code", "figures", "said"),
    [
        ("Base", {}, "bad_rule_code"),
        ("a b", {}, "bad_rule_code"),
        ("a@2", {}, "bad_rule_code"),
        ("x" * 31, {}, "bad_rule_code"),
        ("base", {"name": " "}, "name_missing"),
        ("base", {"points": -1}, "bad_points"),
        ("base", {"per_amount": 0}, "bad_points"),
        ("base", {"per_amount": 10**16}, "bad_points"),
        ("vip", {"kind": "factor", "factor_percent": -1}, "bad_factor"),
        ("vip", {"kind": "factor", "factor_percent": 10_001}, "bad_factor"),
        ("vip", {"kind": "magic"}, "unknown_rule_kind"),
        ("base", {"kind": "factor"}, "rule_kind_fixed"),
        ("x", {"starts_on": date(2026, 2, 1), "ends_on": date(2026, 1, 31)}, "bad_period"),
    ],
)
def test_a_rule_that_cannot_be(shop: Shop, code: str, figures: dict[str, Any], said: str) -> None:
    with pytest.raises(Invalid) as refusal:
        write(shop, code, **figures)
    assert refusal.value.reason_code == said
    assert shop.count(Rule) == 0


def test_a_rule_knows_only_its_own_mall(shop: Shop) -> None:
    with shop.work() as uow:
        other = create_mall(uow, name="Other mall")
        tier = Tier(mall_id=other.id, code="vip", name="VIP", rank=1)
        uow.session.add(tier)
        uow.session.flush()
        other_id, tier_id = other.id, tier.id

    with pytest.raises(NotFound):
        write(shop, "vip", kind="factor", tier_id=tier_id)
    with pytest.raises(NotFound), shop.work() as uow:
        services.save_rule(uow, mall_id=other_id, code="own", store_id=shop.stores[0])
    with shop.work() as uow:
        services.save_rule(uow, mall_id=other_id, code="base", points=50)
    assert earned(shop, "1") == 100


def test_a_new_rule_needs_a_code_of_its_own(shop: Shop) -> None:
    write(shop, "vip", kind="factor", factor_percent=200)
    with pytest.raises(Conflict) as refusal, shop.work() as uow:
        services.add_rule(uow, mall_id=shop.mall_id, code="vip", name="VIP", kind="factor")
    assert refusal.value.reason_code == "rule_exists"
