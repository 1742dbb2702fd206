"""The screens: an administrator writes rules and sets tiers, a cashier reaches none of it, a store sees its members."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from core import checkout, directory
from plugins.loyalty import services
from plugins.loyalty.models import Lot, MemberTier, Rule, Tier
from tests.support.arrivals import paid, sale
from tests.support.office import PHONES, Browser, Office

RULE = {"points": "1", "per_amount": "1.00", "factor_percent": "100", "store_id": "", "tier_id": ""}
PAGES = ("/points/rules/list/", "/points/tiers/list/", "/points/members/list/", "/points/lots/list/")


def rules(office: Office) -> list[tuple[str, int, int, bool]]:
    with office.town.work() as uow:
        found = uow.session.scalars(select(Rule).order_by(Rule.code, Rule.version))
        return [(rule.code, rule.version, rule.points, rule.is_on) for rule in found]


def add_tier(office: Office, code: str, *, rank: int) -> int:
    with office.town.work() as uow:
        tier = Tier(mall_id=office.town.mall_id, code=code, name=code.title(), rank=rank)
        uow.session.add(tier)
        uow.session.flush()
        return tier.id


def send(office: Office, store: str, *arrivals: Any) -> None:
    house = office.town.house
    till = directory.get(house.database).tills[office.tills[store]]
    for result in checkout.take(house, till, arrivals=arrivals, door=False):
        assert getattr(result, "status", None) == 201, result


def said(page: Any) -> str:
    """What a page says, without line breaks."""
    assert page.status_code == 200, page.text
    return " ".join(page.text.split())


def sent(browser: Browser, path: str, data: dict[str, Any]) -> Any:
    """Open a form, send it, and follow where it leads."""
    browser.get(path)
    answer = browser.post(path, data)
    return browser.get(answer.headers["Location"]) if answer.status_code == 302 else answer


# --- rules ------------------------------------------------------------------------------------------------------------


def test_an_administrator_writes_a_rule_and_sees_it_in_words(office: Office) -> None:
    vip = add_tier(office, "vip", rank=1)
    admin = office.browser("admin")
    assert "1 per 1.00 paid holds" in said(admin.get(PAGES[0]))

    typed = RULE | {"code": "vip", "kind": "factor", "name": "VIP twice", "factor_percent": "200", "tier_id": str(vip)}
    page = said(sent(admin, "/points/rules/add", typed))

    assert "VIP twice" in page
    assert "Times 2, only for Vip" in page
    assert rules(office) == [("base", 1, 1, True), ("vip", 1, 1, True)]
    listed = said(admin.get(PAGES[0]))
    assert "1 per 1.00 paid" in listed
    assert "Times 2, only for Vip" in listed


def test_a_change_is_the_next_version_and_the_page_tells_all_of_them(office: Office) -> None:
    admin = office.browser("admin")
    sent(admin, "/points/rules/add", RULE | {"code": "own", "kind": "base", "name": "Own", "points": "2"})
    own = office.find(Rule, code="own")

    page = said(sent(admin, f"/points/rules/edit/{own.id}", RULE | {"name": "Own", "points": "3", "per_amount": "10"}))

    assert rules(office)[1:] == [("own", 1, 2, True), ("own", 2, 3, True)]
    assert "3 per 10.00 paid" in page
    assert "2 per 1.00 paid" in page
    assert "¥1,000.00" in page
    assert ">300<" in page.replace(" ", "")
    listed = said(admin.get(PAGES[0]))
    assert "3 per 10.00 paid" in listed
    assert "2 per 1.00 paid" not in listed
    assert admin.get(f"/points/rules/show/{own.id}").status_code == 404
    (added,) = office.trail(record="loyalty_rule", record_id=str(office.find(Rule, code="own", version=2).id))
    assert (added.action, added.actor) == ("added", "user:admin")


def test_a_rule_is_switched_off_after_a_question_and_on_again(office: Office) -> None:
    admin = office.browser("admin")
    sent(admin, "/points/rules/add", RULE | {"code": "own", "kind": "base", "name": "Own"})

    def press(name: str, **more: str) -> Any:
        newest = _newest(office)
        admin.get(f"/points/rules/show/{newest}")
        return admin.post(f"/points/rules/do/{name}", {"rowid": str(newest), **more})

    assert "stops counting" in said(press("switch_off"))
    assert rules(office)[-1] == ("own", 1, 1, True)
    press("switch_off", sure="1")
    assert rules(office)[-1] == ("own", 2, 1, False)
    press("switch_on")
    assert rules(office)[-1] == ("own", 3, 1, True)


def _newest(office: Office) -> int:
    with office.town.work() as uow:
        newest = services.newest_rule(uow, mall_id=office.town.mall_id, code="own")
        return newest.id if newest else 0


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"code": "Own"}, "A code has small letters"),
        ({"points": "-1"}, "Points are not negative"),
        ({"per_amount": "0"}, "Points are not negative"),
        ({"per_amount": "1.001"}, "Type an amount such as"),
        ({"starts_on": "2026-02-01", "ends_on": "2026-01-01"}, "The last day is before the first."),
        ({"kind": "magic"}, "Not a valid choice"),
        ({"store_id": "999"}, "Not a valid choice"),
    ],
)
def test_a_rule_that_cannot_be_stays_in_the_form(office: Office, typed: dict[str, str], sentence: str) -> None:
    admin = office.browser("admin")
    page = sent(admin, "/points/rules/add", RULE | {"code": "own", "kind": "base", "name": "Own"} | typed)

    assert sentence in said(page)
    assert rules(office) == []


# --- tiers ------------------------------------------------------------------------------------------------------------


def test_tiers_are_made_and_kept_as_long_as_somebody_is_in_them(office: Office) -> None:
    admin = office.browser("admin")
    sent(admin, "/points/tiers/add", {"code": "gold", "name": "Gold", "rank": "2"})
    gold = office.find(Tier, code="gold")
    assert "There is a tier with this code already." in said(
        sent(admin, "/points/tiers/add", {"code": "gold", "name": "Gold again", "rank": "3"})
    )
    sent(admin, "/points/members/add", {"member": PHONES["A"], "tier_code": "gold"})

    admin.get(f"/points/tiers/delete/{gold.id}")
    refused = admin.post(f"/points/tiers/delete/{gold.id}")

    assert refused.status_code != 500
    assert office.find(Tier, code="gold") is not None


def test_a_member_s_tier_is_set_by_phone_or_card(office: Office) -> None:
    add_tier(office, "ordinary", rank=0)
    add_tier(office, "gold", rank=1)
    care = office.browser("care")

    page = said(sent(care, "/points/members/add", {"member": PHONES["A"], "tier_code": "gold"}))

    assert "Sample A" in page
    assert office.find(MemberTier, member_id=office.members["A"]) is not None
    assert office.find(MemberTier, member_id=office.members["B"]) is None
    assert "no single member" in said(sent(care, "/points/members/add", {"member": "17099999999", "tier_code": "gold"}))
    sent(care, f"/points/members/edit/{office.members['A']}", {"tier_code": "ordinary"})
    assert "Ordinary" in said(care.get(PAGES[2]))
    assert "Ordinary" in said(care.get(f"/members/show/{office.members['A']}"))


# --- points -----------------------------------------------------------------------------------------------------------


def test_a_lot_explains_each_of_its_points_in_both_languages(office: Office) -> None:
    member = office.members["A"]
    send(office, "A", sale("1", 12950, 99, member=member, till="TA"), paid("2", 0, points=30, member=member, till="TA"))
    lot = office.find(Lot, member_id=member)

    english = said(office.browser("admin").get(f"/points/lots/show/{lot.id}"))
    chinese = said(office.browser("admin", language="zh").get(f"/points/lots/show/{lot.id}"))

    for sentence in ("129.50 paid, at 1 per 1.00: +129.5", "0.99 paid, at 1 per 1.00: +0.99", "whole points: −0.49"):
        assert sentence in english
    assert "Paid with points" in english
    assert "base@1" in english
    for sentence in ("实付 129.50，每 1.00 积 1 分：+129.5", "向下取整：−0.49", "积分支付"):
        assert sentence in chinese


def test_the_member_s_page_shows_tier_points_and_the_last_movements(office: Office) -> None:
    member = office.members["A"]
    add_tier(office, "ordinary", rank=0)
    send(office, "A", sale("1", 12950, member=member, till="TA"), paid("2", 0, points=30, member=member, till="TA"))

    page = said(office.browser("admin").get(f"/members/show/{member}"))

    for part in ("Points and tier", "Ordinary", "Last points", "+129", "−30", ">99<"):
        assert part in page
    assert "Points and tier" in said(office.browser("admin").get(f"/members/show/{office.members['B']}"))
