"""Who reaches the screens of loyalty: a cashier none, a store what is its own, and nobody where it is off."""

from __future__ import annotations

from datetime import date
from typing import Any

from core import enablement
from core.types import Place
from plugins.loyalty import services
from plugins.loyalty.models import Lot
from tests.support.office import Office

PAGES = ("/points/rules/list/", "/points/tiers/list/", "/points/members/list/", "/points/lots/list/")


def said(page: Any) -> str:
    """What a page says, without line breaks."""
    assert page.status_code == 200, page.text
    return " ".join(page.text.split())


def test_a_store_sees_the_points_of_its_own_members(office: Office) -> None:
    with office.town.work() as uow:
        for letter in "AB":
            uow.session.add(_lot(office, letter))
    with office.town.work() as uow:
        services.save_rule(uow, mall_id=office.town.mall_id, code="own", name="Own rule")
    manager = office.browser("manager")

    assert "Own rule" in said(manager.get(PAGES[0]))
    assert manager.get("/points/rules/add").status_code == 403
    assert manager.get(PAGES[3]).status_code == 403
    boss = said(office.browser("boss").get(PAGES[3]))
    assert "Sample A" in boss
    assert "Sample B" in boss


def _lot(office: Office, letter: str) -> Lot:
    number = ord(letter)
    days = {"available_on": date(2026, 1, 1), "expires_on": date(2099, 1, 1), "rules": "base@1"}
    owner = {"mall_id": office.town.mall_id, "member_id": office.members[letter]}
    return Lot(id=number, entry_id=number, receipt_id=None, earned=10, remaining=10, **owner, **days)


# --- who may ----------------------------------------------------------------------------------------------------------


def test_a_cashier_reaches_none_of_these_pages(office: Office) -> None:
    cashier = office.browser("cashier")
    menu = said(cashier.get("/"))
    for page in (*PAGES, "/points/rules/add", "/points/tiers/add", "/points/members/add"):
        assert cashier.get(page).status_code == 403, page
        assert page not in menu
    assert cashier.post("/points/rules/do/switch_off", {"rowid": "1", "sure": "1"}).status_code == 403


def test_a_general_manager_looks_and_changes_nothing(office: Office) -> None:
    boss = office.browser("boss")
    for page in PAGES:
        assert said(boss.get(page))
    for page in ("/points/rules/add", "/points/tiers/add", "/points/members/add"):
        assert boss.get(page).status_code == 403


def test_switched_off_the_screens_are_gone(office: Office) -> None:
    house = office.town.house
    with office.town.work() as uow:
        enablement.switch(uow, host=house.host, plugin="loyalty", place=Place(office.town.mall_id), on=False)
    admin = office.browser("admin")
    for page in PAGES:
        assert admin.get(page).status_code == 404
    assert "/points/" not in said(admin.get("/"))
    assert "Points and tier" not in said(admin.get(f"/members/show/{office.members['A']}"))
