"""Members at the desk: found exactly, listed by home and visits, masked, revealed with a reason."""

from __future__ import annotations

import pytest

from core.models import Card, Member
from tests.support.office import PHONES, Browser, Office, add_receipt

NEW = {"name": "New One", "gender": ""}


def look(browser: Browser, typed: str) -> str:
    browser.get("/find/")
    return browser.post("/find/", {"q": typed}, follow_redirects=True).text


@pytest.mark.parametrize("typed", [PHONES["B"], "+86 " + PHONES["B"], "170 0000 0002", "Sample B", "sample b"])
def test_a_desk_finds_a_member_of_any_store_exactly(office: Office, typed: str) -> None:
    page = look(office.browser("cashier"), typed)
    assert "170****0002" in page
    assert PHONES["B"] not in page.partition("<main")[2]


def test_a_desk_finds_by_card_and_by_the_last_four(office: Office) -> None:
    with office.town.work() as uow:
        number = str(uow.session.query(Card).filter_by(member_id=office.members["A"]).one().number)
    assert "Sample A" in look(office.browser("cashier"), number)
    assert "Sample A" in look(office.browser("cashier"), number[-4:])
    assert "Sample B" in look(office.browser("cashier"), "0002")


@pytest.mark.parametrize("typed", ["Sample", "1700000000", "17000000009", "9999", "%", "Sam%"])
def test_a_desk_finds_nobody_by_half(office: Office, typed: str) -> None:
    assert "Nobody fits" in look(office.browser("cashier"), typed)


def test_every_look_is_in_the_trail_and_what_was_typed_is_not(office: Office) -> None:
    look(office.browser("cashier"), PHONES["B"])
    row = office.trail(action="found")[0]
    assert (row.actor, row.record, row.record_id) == ("user:cashier", "core_member", str(office.members["B"]))
    assert PHONES["B"] not in row.before + row.after + row.reason


def test_whom_one_has_not_found_one_cannot_open(office: Office) -> None:
    browser, theirs = office.browser("cashier"), office.members["B"]
    assert browser.get(f"/members/show/{theirs}").status_code == 404
    look(browser, PHONES["B"])
    assert browser.get(f"/members/show/{theirs}").status_code == 200
    assert office.browser("cashier").get(f"/members/show/{theirs}").status_code == 404


def test_lists_follow_home_and_visits(office: Office) -> None:
    assert "Sample B" not in office.browser("manager").get("/members/list/").text
    add_receipt(office, "A", member="B", number="visit")
    page = office.browser("manager").get("/members/list/").text
    assert "Sample A" in page
    assert "Sample B" in page


def test_a_phone_is_shown_to_who_may_and_says_why(office: Office) -> None:
    browser, member = office.browser("care"), office.members["A"]
    address = f"/members/reveal/{member}"
    assert PHONES["A"] not in browser.get(f"/members/show/{member}").text
    asked = browser.post(address, {"column": "phone"})
    assert PHONES["A"] not in asked.text
    assert "To call the member back" in asked.text
    assert office.trail(action="revealed") == []
    shown = browser.post(address, {"column": "phone", "reason": "To call the member back"})
    assert PHONES["A"] in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    (row,) = office.trail(action="revealed")
    assert (row.actor, row.reason, row.after) == ("user:care", "To call the member back", '{"column": "phone"}')
    assert browser.get(address).status_code == 405
    assert browser.post(address, {"column": "person_key", "reason": "x"}).status_code == 404
    cashier = office.browser("cashier")
    look(cashier, PHONES["A"])
    assert cashier.post(address, {"column": "phone", "reason": "x"}).status_code == 403


def test_enrolling_makes_a_member_with_a_card_at_home_here(office: Office) -> None:
    browser = office.browser("manager")
    browser.get("/members/add")
    refused = browser.post("/members/add", NEW | {"phone": PHONES["A"]})
    assert "belongs to a member already" in refused.text
    assert 'value="New One"' in refused.text  # what was typed stays
    assert "not a telephone number" in browser.post("/members/add", NEW | {"phone": "12"}).text
    done = browser.post("/members/add", NEW | {"phone": "17000000009", "consent_sms": "y"})
    member = office.find(Member, name="New One")
    assert done.headers["Location"] == f"/members/show/{member.id}"
    assert (member.home_store_id, member.consent_sms, member.source) == (office.stores["A"], True, "desk")
    assert office.find(Card, member_id=member.id).state == "active"


def test_freezing_needs_a_reason_and_thaws_again(office: Office) -> None:
    browser, member = office.browser("care"), office.members["A"]
    browser.get(f"/members/show/{member}")
    asked = browser.post("/members/do/freeze", {"rowid": member})
    assert "Freeze this membership?" in asked.text
    browser.post("/members/do/freeze", {"rowid": member, "sure": "yes", "reason": ""})
    assert office.find(Member, id=member).status == "active"
    for state in ("frozen", "active"):
        browser.post("/members/do/freeze", {"rowid": member, "sure": "yes", "reason": "asked by phone"})
        assert office.find(Member, id=member).status == state
    assert office.trail(record="core_member", reason="asked by phone")


def test_a_member_is_changed_without_retyping_what_is_sealed(office: Office) -> None:
    browser, member = office.browser("care"), office.members["A"]
    browser.get(f"/members/edit/{member}")
    browser.post(f"/members/edit/{member}", {"name": "Sample A", "gender": "f", "new_email": "a@example.org"})
    with office.town.work() as uow:
        row = uow.session.get_one(Member, member)
        assert (row.phone, row.email, row.gender) == ("+86" + PHONES["A"], "a@example.org", "f")
