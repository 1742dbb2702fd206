"""What belongs to another store does not exist: on no list, no record, no form, no button, under no number."""

from __future__ import annotations

import pytest

from core.models import Till
from tests.support.office import Office, add_receipt


def test_lists_show_ones_own_store_only(office: Office) -> None:
    add_receipt(office, "A", number="mine")
    add_receipt(office, "B", number="theirs")
    page = office.browser("manager").get("/receipts/list/").text
    assert "mine" in page
    assert "theirs" not in page
    stores = office.browser("manager").get("/stores/list/").text
    assert "Store A" in stores
    assert "Store B" not in stores


@pytest.mark.parametrize("step", ["show", "edit"])
def test_another_stores_till_is_not_there(office: Office, step: str) -> None:
    browser = office.browser("manager")
    assert browser.get(f"/tills/{step}/{office.tills['A']}").status_code == 200
    assert browser.get(f"/tills/{step}/{office.tills['B']}").status_code == 404
    assert browser.get(f"/tills/{step}/999999").status_code == 404
    assert browser.get(f"/tills/{step}/x").status_code == 404
    assert browser.get(f"/tills/{step}/1,2").status_code == 404


def test_another_stores_till_cannot_be_changed(office: Office) -> None:
    browser, theirs = office.browser("manager"), office.tills["B"]
    browser.get("/tills/list/")
    assert browser.post(f"/tills/edit/{theirs}", {"model": "stolen"}).status_code == 404
    answer = browser.post("/tills/do/revoke", {"rowid": theirs, "sure": "yes"}, follow_redirects=True)
    assert "Nothing was chosen" in answer.text
    till = office.find(Till, id=theirs)
    assert (till.model, till.state) == ("", "active")


def test_a_form_cannot_move_a_row_to_another_store(office: Office) -> None:
    browser, mine = office.browser("manager"), office.tills["A"]
    browser.get(f"/tills/edit/{mine}")
    data = {"model": "M1", "max_future_hours": 24, "max_past_days": 35, "store_id": office.stores["B"], "mall_id": 99}
    assert browser.post(f"/tills/edit/{mine}", data).status_code == 302
    till = office.find(Till, id=mine)
    assert (till.model, till.store_id, till.mall_id) == ("M1", office.stores["A"], office.town.mall_id)


def test_a_new_row_stands_where_one_works(office: Office) -> None:
    admin = office.browser("admin")
    admin.get("/tills/add")
    refused = admin.post("/tills/add", {"code": "T77", "model": ""})
    assert "Choose a store first" in refused.text
    assert office.find(Till, code="T77") is None
    manager = office.browser("manager")
    manager.get("/tills/add")
    manager.post("/tills/add", {"code": "T78", "model": "", "store_id": office.stores["B"]})
    assert office.find(Till, code="T78").store_id == office.stores["A"]


def test_a_choice_offers_only_what_one_reaches(office: Office) -> None:
    page = office.browser("manager").get("/receipts/list/").text
    assert "Store A" in page
    assert "Store B" not in page


def test_the_trail_of_another_store_is_not_there(office: Office) -> None:
    with office.town.work() as uow:
        from core import auth

        auth.set_roles(uow, user_id=office.find_user("manager"), roles=["store_manager", "auditor"])
        uow.session.get_one(Till, office.tills["B"]).model = "changed in B"
    (theirs,) = office.trail(record="core_till", record_id=str(office.tills["B"]), action="changed")
    browser = office.browser("manager")
    assert browser.get("/audit/list/").status_code == 200
    assert browser.get(f"/audit/show/{theirs.id}").status_code == 404
    assert office.browser("admin").get(f"/audit/show/{theirs.id}").status_code == 200


def test_roles_decide_what_one_may_do(office: Office) -> None:
    boss, cashier = office.browser("boss"), office.browser("cashier")
    assert boss.get("/tills/list/").status_code == 200
    assert [boss.get(path).status_code for path in ("/tills/add", "/users/add", "/stores/add")] == [403, 403, 403]
    assert boss.post("/tills/do/revoke", {"rowid": office.tills["A"], "sure": "yes"}).status_code == 403
    assert boss.post("/modules/switch", {"plugin": "loyalty", "to": "off", "sure": "yes"}).status_code == 403
    for path in ("/members/list/", "/users/list/", "/audit/list/", "/modules/", "/tills/list/", "/entries/list/"):
        assert cashier.get(path).status_code == 403, path
    menu = cashier.get("/").text.partition("</nav>")[0]
    assert "Find a member" in menu
    assert "Receipts" in menu
    assert [word in menu for word in ("Settings", "Books", "Cards", "Audit")] == [False] * 4
