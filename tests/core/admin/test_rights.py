"""Nobody gives more than they have, and nobody rules over somebody with a larger reach."""

from __future__ import annotations

import pytest
from flask_appbuilder.security.sqla.models import Role

from core import auth
from core.models import Mall
from core.services import create_mall
from tests.support.office import PASSWORD, Office


@pytest.fixture(scope="module", autouse=True)
def second_mall(office: Office) -> Mall:
    """Another mall, somebody who works in both, and a keeper of users in the first who is no administrator."""
    with office.town.work() as uow:
        other = create_mall(uow, name="Other mall")
        both = [(office.town.mall_id, 0), (other.id, 0)]
        auth.create_user(uow, username="group", password=PASSWORD, roles=["administrator"], reach=both)
        admin = uow.session.query(Role).filter_by(name="administrator").one()
        own = [one for one in admin.permissions if one.view_menu.name in ("core.user", "core.role")]
        uow.session.add(Role(name="keeper", permissions=own))
        uow.session.flush()
        auth.create_user(uow, username="keeper", password=PASSWORD, roles=["keeper"], reach=[(office.town.mall_id, 0)])
        return other


def test_a_user_with_a_larger_reach_is_not_there(office: Office) -> None:
    browser, theirs = office.browser("admin"), office.find_user("group")
    assert "group" not in browser.get("/users/list/").text.partition("<main")[2]
    assert browser.get(f"/users/edit/{theirs}").status_code == 404
    browser.get("/users/list/")
    assert (
        "Nothing was chosen"
        in browser.post("/users/do/renew", {"rowid": theirs, "sure": "yes"}, follow_redirects=True).text
    )
    assert office.browser("group").get("/").status_code == 200
    assert office.browser("group").get(f"/users/show/{office.find_user('admin')}").status_code == 200


def test_a_role_with_more_rights_cannot_be_given(office: Office) -> None:
    browser = office.browser("keeper")
    facts = {"username": "friend", "first_name": "", "password": PASSWORD, "places": []}
    browser.get("/users/add")
    refused = browser.post("/users/add", facts | {"role_names": ["administrator"]})
    assert "This role may do more than you: Administrator." in refused.text
    given = browser.post("/users/add", facts | {"role_names": ["keeper"]})
    assert given.status_code == 302
    friend = office.find_user("friend")
    browser.get(f"/users/edit/{friend}")
    refused = browser.post(f"/users/edit/{friend}", {"first_name": "", "role_names": ["keeper", "finance"]})
    assert "Finance" in refused.text
    assert [role.name for role in office.find_roles("friend")] == ["keeper"]


def test_two_malls_are_chosen_between(office: Office, second_mall: Mall) -> None:
    browser = office.browser("group")
    assert "All malls" in browser.get("/").text
    browser.get("/stores/add")
    assert "Choose a mall first" in browser.post("/stores/add", {"name": "X", "kind": "direct"}).text
    browser.post("/place", {"place": str(second_mall.id)})
    page = browser.get("/stores/list/").text.partition("<main")[2]
    assert "Store A" not in page
    browser.get("/stores/add")
    assert "S0001 X" in browser.post("/stores/add", {"name": "X", "kind": "direct"}, follow_redirects=True).text


def test_the_api_says_no_in_its_own_way(office: Office) -> None:
    client = office.app.test_client()
    for path in ("/api/v1/nothing", "/api/nothing"):
        answer = client.get(path, headers={"Accept-Language": "en"})
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
        assert answer.get_json()["code"] == "not_found"
