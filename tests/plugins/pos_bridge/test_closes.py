"""The list of daily closes: for those who work off differences, in their own stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core import enablement
from core.types import Place
from plugins.pos_bridge import services
from plugins.pos_bridge.rules.closing import Count, Totals, compare
from tests.support.office import Office, add_receipt, furnish


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A back office with one receipt of 129.00 in store A; both tills closed their day."""
    made = furnish(database_url, tmp_path / "home")
    add_receipt(made, "A", total=12_900)
    with made.town.work() as uow:
        today = uow.now.date()
        said = Totals(sales=Count(2, 17_800), tenders={"cash": 17_800})
        services.close_day(uow, till_id=made.tills["A"], business_date=today, said=said)
        services.close_day(uow, till_id=made.tills["B"], business_date=today - timedelta(days=1), said=Totals())
    yield made
    made.town.house.database.dispose()


def test_a_manager_sees_the_differences_of_the_own_store(office: Office) -> None:
    browser = office.browser("manager")
    page = browser.get("/tills/closes/list/").text
    assert "¥178.00" in page
    assert "¥129.00" in page
    assert "¥49.00" in page
    assert "Differs" in page
    assert ">TA<" in page
    assert ">TB<" not in page
    shown = browser.get("/tills/closes/show/1").text
    for words in ("What was compared", "Sales", "cash", "¥178.00", "¥49.00"):
        assert words in shown
    assert browser.get("/tills/closes/show/2").status_code == 404


def test_in_chinese(office: Office) -> None:
    page = office.browser("admin", language="zh-CN").get("/tills/closes/list/").text
    for words in ("日结", "有差异", "一致", "收银机上报", "差额"):
        assert words in page


def test_nobody_else_and_nowhere_else(office: Office) -> None:
    assert office.browser("cashier").get("/tills/closes/list/").status_code == 403
    assert office.browser().get("/tills/closes/list/").status_code == 302
    with office.town.work() as uow:
        place = Place(office.town.mall_id, office.stores["A"])
        enablement.switch(uow, host=office.town.house.host, plugin="pos_bridge", place=place, on=False)
    assert office.browser("manager").get("/tills/closes/list/").status_code == 404
    assert "/tills/closes/" not in office.browser("manager").get("/").text


def test_nothing_is_changed_by_hand(office: Office) -> None:
    browser = office.browser("admin")
    for path in ("add", "edit/1", "delete/1"):
        assert browser.get(f"/tills/closes/{path}").status_code == 404


def test_what_a_till_does_not_say_is_not_compared() -> None:
    arrived = Totals(sales=Count(1, 100), tenders={"cash": 100})
    assert compare(Totals(sales=Count(1, 100)), arrived)["agrees"] is True
    said = Totals(sales=Count(1, 100), tenders={"wechat": 100})
    assert compare(said, arrived)["differences"] == {"tenders": {"cash": -100, "wechat": 100}}
    assert compare(Totals(), arrived)["differences"] == {"sales": {"count": -1, "total": -100}}
