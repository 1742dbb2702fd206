"""Signing in and out, the language, the place, one's own password. Nothing changes by a GET."""

from __future__ import annotations

import pytest

from core.models import WebSession
from tests.support.office import PASSWORD, Office


def test_a_guest_sees_nothing_but_the_door(office: Office) -> None:
    guest = office.browser()
    for rule in office.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.startswith(("/api/", "/static/")):
            continue
        path = rule.rule.replace("<pk>", "1").replace("<name>", "loyalty").replace("<path:filename>", "x")
        answer = guest.get(path)
        if rule.rule == "/login/":
            assert answer.status_code == 200
        else:
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/login/"), rule


def test_a_guest_changes_nothing(office: Office) -> None:
    guest = office.browser()
    guest.get("/login/")
    for rule in office.app.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.rule.startswith("/api/") or rule.rule in ("/login/", "/language"):
            continue
        path = rule.rule.replace("<pk>", "1").replace("<name>", "close")
        answer = guest.post(path)
        assert (answer.status_code, answer.headers.get("Location")) in [(302, "/login/"), (404, None)], rule


def test_after_signing_in_one_is_where_one_wanted_to_go(office: Office) -> None:
    browser = office.browser()
    asked = browser.get("/stores/list/?state=open")
    assert asked.headers["Location"] == "/login/?next=/stores/list/?state%3Dopen"
    browser.get(asked.headers["Location"])
    answer = browser.post(asked.headers["Location"], {"username": "admin", "password": PASSWORD})
    assert answer.headers["Location"] == "/stores/list/?state=open"


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "\t/x"]
)
def test_the_way_back_never_leaves_the_house(office: Office, wanted: str) -> None:
    browser = office.browser()
    browser.get("/login/")
    answer = browser.client.post(
        "/login/",
        query_string={"next": wanted},
        data={"csrf_token": browser.token, "username": "admin", "password": PASSWORD},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


def test_a_wrong_password_says_the_same_as_a_wrong_name(office: Office) -> None:
    said = []
    for name, password in (("admin", "wrong password 1"), ("someone", PASSWORD), ("admin", "")):
        browser = office.browser()
        browser.get("/login/")
        answer = browser.post("/login/", {"username": name, "password": password})
        said.append((answer.status_code, "do not belong together" in answer.text))
    assert said == [(401, True), (401, True), (200, False)]  # an empty one is not even tried


def test_signing_out_is_a_post(office: Office) -> None:
    browser = office.browser("boss")
    assert browser.get("/logout/").status_code == 405
    assert browser.get("/").status_code == 200
    assert browser.post("/logout/").headers["Location"] == "/login/"
    assert browser.get("/").status_code == 302


def test_the_language_is_the_browsers_until_somebody_chooses(office: Office) -> None:
    for header, lang in {
        "zh-CN,zh;q=0.9": "zh-CN",
        "zh-Hans-CN": "zh-CN",
        "zh-CN,en;q=0.5": "zh-CN",
        "en-GB": "en",
        "de, en;q=0.3": "en",
        "fr": "zh-CN",
        "": "zh-CN",
    }.items():
        assert f'<html lang="{lang}"' in office.browser(language=header).get("/login/").text, header
    browser = office.browser("admin")
    assert browser.post("/language", {"language": "zh", "next": "/stores/list/"}).headers["Location"] == "/stores/list/"
    assert "门店" in browser.get("/stores/list/").text
    assert browser.get("/language").status_code == 405
    assert browser.post("/language", {"language": "fr"}).status_code == 400
    browser.post("/logout/")
    assert "登录" in browser.get("/login/").text


def test_a_store_narrows_what_one_sees(office: Office) -> None:
    browser = office.browser("admin")
    assert all(store in browser.get("/stores/list/").text for store in ("Store A", "Store B"))
    place = f"{office.town.mall_id}:{office.stores['B']}"
    browser.post("/place", {"place": place, "next": "/stores/list/"})
    page = browser.get("/tills/list/").text
    assert "TB" in page
    assert ">TA<" not in page
    browser.post("/place", {"place": f"{office.town.mall_id}"})
    assert ">TA<" in browser.get("/tills/list/").text


def test_nobody_goes_where_they_do_not_reach(office: Office) -> None:
    browser = office.browser("manager")
    for place in (f"{office.town.mall_id}:{office.stores['B']}", "99", "99:99", f"{office.town.mall_id}:x"):
        answer = browser.post("/place", {"place": place})
        assert answer.status_code in (302, 404)
        assert ">TB<" not in browser.get("/tills/list/").text


def test_who_works_nowhere_sees_an_empty_house(office: Office) -> None:
    browser = office.browser("nobody")
    assert browser.get("/").status_code == 200
    browser.get("/find/")
    assert "Sample A" not in browser.post("/find/", {"q": "Sample A"}, follow_redirects=True).text
    assert "0" in browser.get("/receipts/list/").text


def test_a_new_password_ends_all_other_sessions(office: Office) -> None:
    here, there = office.browser("care"), office.browser("care")
    here.get("/password/")
    wrong = here.post("/password/", {"old": "x", "new": "another long one", "again": "another long one"})
    assert "until now is not right" in wrong.text
    assert "at least 12" in here.post("/password/", {"old": PASSWORD, "new": "short", "again": "short"}).text
    weak = here.post("/password/", {"old": PASSWORD, "new": "password1234!", "again": "password1234!"})
    assert "first that are tried" in weak.text
    done = here.post("/password/", {"old": PASSWORD, "new": "another long one", "again": "another long one"})
    assert done.headers["Location"] == "/"
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert office.browser("care").get("/").status_code == 302
    assert office.find(WebSession) is not None
