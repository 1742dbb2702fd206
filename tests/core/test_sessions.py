"""Web sessions: a row for whoever is signed in, nothing for guests and tills, and no write for looking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core import clock, vault
from core.models import WebSession
from tests.support.office import PASSWORD, Browser, Office, furnish


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    made = furnish(database_url, tmp_path / "home")
    yield made
    made.town.house.database.dispose()


def cookie(browser: Browser) -> str:
    """The name of the browser's session."""
    found = browser.client.get_cookie("atrium")
    return found.value if found is not None else ""


def rows(office: Office) -> list[WebSession]:
    with office.town.work() as uow:
        return list(uow.session.query(WebSession).order_by(WebSession.id))


def writes(office: Office, step: Any) -> list[str]:
    """The writing statements that a step causes."""
    seen: list[str] = []

    def note(*happened: Any) -> None:
        statement = str(happened[2])
        if statement.lstrip().split(None, 1)[0].lower() in ("insert", "update", "delete"):
            seen.append(statement)

    engine = office.town.house.database.writer
    event.listen(engine, "before_cursor_execute", note)
    try:
        step()
    finally:
        event.remove(engine, "before_cursor_execute", note)
    return seen


def test_a_guest_has_no_row_and_a_signed_in_browser_has_one(office: Office) -> None:
    browser = office.browser()
    browser.get("/login/")
    assert rows(office) == []
    browser.sign_in("admin")
    (row,) = rows(office)
    assert row.user_id == office.find_user("admin")
    token = cookie(browser)
    assert token.encode() not in row.token_hash
    assert row.token_hash == vault.current().token_hash(token)
    assert browser.client.get_cookie("atrium-guest") is None


def test_the_cookie_is_for_this_host_and_no_script(office: Office) -> None:
    browser = office.browser()
    browser.get("/login/")
    plain = browser.post("/login/", {"username": "admin", "password": PASSWORD}).headers.getlist("Set-Cookie")
    assert [one.partition("=")[0] for one in plain] == ["atrium", "atrium-guest"]
    assert all("HttpOnly" in one and "SameSite=Lax" in one and "Path=/" in one for one in plain)
    office.app.config["ATRIUM_PLAIN_HTTP"] = False
    browser = office.browser()
    browser.client.environ_base["wsgi.url_scheme"] = "https"
    secure = browser.get("/login/", base_url="https://localhost").headers.getlist("Set-Cookie")
    assert secure[0].startswith("__Host-atrium-guest=")
    assert all("Secure" in one and "Domain" not in one for one in secure)


def test_looking_writes_nothing_within_a_minute_and_one_touch_after(office: Office) -> None:
    start = clock.now()
    with clock.stopped_at(start):
        browser = office.browser("admin")
    with clock.stopped_at(start + timedelta(seconds=59)):
        assert writes(office, lambda: [browser.get(path) for path in ("/", "/stores/list/", "/audit/list/")]) == []
    with clock.stopped_at(start + timedelta(seconds=61)):
        touched = writes(office, lambda: [browser.get(path) for path in ("/", "/stores/list/")])
    assert [statement.split()[:2] for statement in touched] == [["UPDATE", "core_session"]]


def test_a_session_ends_when_idle_for_an_hour_and_after_twelve_in_any_case(office: Office) -> None:
    start = clock.now()
    with clock.stopped_at(start):
        idle, busy = office.browser("admin"), office.browser("admin")
    for half_hours in range(1, 24):
        with clock.stopped_at(start + timedelta(minutes=30 * half_hours)):
            assert busy.get("/").status_code == 200
    with clock.stopped_at(start + timedelta(minutes=61)):
        assert idle.get("/").status_code == 302
    with clock.stopped_at(start + timedelta(hours=12, seconds=1)):
        assert busy.get("/").status_code == 302


def test_a_copied_cookie_is_worth_nothing_after_signing_out(office: Office) -> None:
    browser = office.browser("admin")
    copied = cookie(browser)
    thief = office.browser()
    thief.client.set_cookie("atrium", copied)
    assert thief.get("/").status_code == 200
    browser.post("/logout/")
    assert rows(office) == []
    thief.client.set_cookie("atrium", copied)
    assert thief.get("/").status_code == 302


def test_a_name_given_before_signing_in_is_not_the_one_after(office: Office) -> None:
    browser = office.browser()
    browser.client.set_cookie("atrium", "chosen-by-somebody-else")
    browser.sign_in("admin")
    assert cookie(browser) != "chosen-by-somebody-else"
    first = cookie(browser)
    browser.post("/logout/")
    browser.sign_in("admin")
    assert cookie(browser) != first
    assert len(rows(office)) == 1


def test_a_guest_cannot_write_a_user_into_their_cookie(office: Office) -> None:
    sessions: Any = office.app.session_interface
    signer = sessions._guests.get_signing_serializer(office.app)
    forged = signer.dumps({"_user_id": "1", "_fresh": True, "locale": "en"})
    browser = office.browser()
    browser.client.set_cookie("atrium-guest", forged)
    assert browser.get("/").status_code == 302


def test_tills_and_files_have_no_session(office: Office) -> None:
    browser = office.browser("admin")
    seen = writes(office, lambda: browser.get("/api/v1/openapi.json"))
    answer = browser.get("/api/v1/openapi.json")
    assert (answer.status_code, answer.headers.getlist("Set-Cookie"), seen) == (200, [], [])
    with browser.client.get("/static/atrium/look.css") as sheet:
        assert (sheet.status_code, sheet.headers.getlist("Set-Cookie")) == (200, [])


def test_what_is_stored_is_little(office: Office) -> None:
    browser = office.browser("admin")
    for path in ("/stores/list/", "/members/list/", "/receipts/list/"):
        browser.get(path)
    (row,) = rows(office)
    assert "page_history" not in row.data
    assert len(row.data) < 400


def test_a_barred_user_is_out_at_once(office: Office) -> None:
    browser, admin = office.browser("boss"), office.browser("admin")
    user = office.find_user("boss")
    admin.get(f"/users/show/{user}")
    admin.post("/users/do/bar", {"rowid": user, "sure": "yes", "reason": "left the house"})
    assert browser.get("/").status_code == 302
    assert office.browser("boss").get("/").status_code == 302
