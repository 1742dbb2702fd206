"""Every page, in both languages: it opens, says nothing raw, holds nothing inline, and asks the database little."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from tests.support.office import Office, add_receipt

RAW = re.compile(r">\s*(True|False|None|\[[A-Z]\w+\]|&lt;\w+[^&]*&gt;)\s*<")
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+=\"|\sstyle=|<style|javascript:", re.I)
PARAMETERS = {"<pk>": "1", "<name>": "loyalty"}


def pages(office: Office) -> Iterator[str]:
    for rule in office.app.url_map.iter_rules():
        parameters = re.findall(r"<[^>]+>", rule.rule)
        mine = not rule.rule.startswith(("/api/", "/static/")) and set(parameters) <= PARAMETERS.keys()
        if "GET" in (rule.methods or ()) and mine:
            path = rule.rule
            for parameter in parameters:
                path = path.replace(parameter, PARAMETERS[parameter])
            yield path


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_page_opens_and_says_nothing_raw(office: Office, language: str) -> None:
    add_receipt(office, "A", member="A", number=f"page-{language}")
    browser = office.browser("admin", language=language)
    opened = 0
    for path in pages(office):
        answer = browser.get(path)
        assert answer.status_code in (200, 302, 404), (path, answer.status_code)
        assert not RAW.findall(answer.text), (path, RAW.findall(answer.text))
        assert not INLINE.findall(answer.text), (path, INLINE.findall(answer.text))
        if answer.status_code == 200:
            opened += 1
            assert answer.text.count("<h1") == 1, path
            assert f'<html lang="{"zh-CN" if language == "zh" else "en"}"' in answer.text
            assert not re.search(r"%\(\w+\)[sd]", answer.text), path
    assert opened > 50


def test_every_page_has_its_headers(office: Office) -> None:
    browser = office.browser("admin")
    for path in ("/", "/members/list/", "/nowhere", "/login/"):
        headers = browser.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert policy.startswith("default-src 'self'")
        assert headers["Cache-Control"] == "no-store", path
        assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Strict-Transport-Security" not in browser.get("/").headers
    assert "max-age" in browser.get("/login/", base_url="https://localhost").headers["Strict-Transport-Security"]


def statements(office: Office, step: Any) -> list[str]:
    seen: list[str] = []

    def note(*happened: Any) -> None:
        statement = str(happened[2])
        if statement != "BEGIN":
            seen.append(statement)

    database = office.town.house.database
    engines = {database.reader, database.writer, database.facts}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        step()
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    return seen


def test_a_list_asks_little_however_many_rows(office: Office) -> None:
    browser = office.browser("admin")
    for path in ("/members/list/", "/receipts/list/", "/cards/list/", "/users/list/", "/barcodes/list/"):
        browser.get(path)
        seen = statements(office, lambda path=path: browser.get(path))
        assert len(seen) <= 6, (path, seen)


def test_a_list_is_sorted_filtered_and_turned_by_its_address(office: Office) -> None:
    for number in range(30):
        add_receipt(office, "B", number=f"turn-{number:02d}", total=100 * number)
    browser = office.browser("admin")
    base = "/receipts/list/?number=turn-"
    first = browser.get(f"{base}&sort=total").text
    assert [f"turn-{n:02d}" in first for n in (0, 24, 25, 29)] == [True, True, False, False]
    assert [f"turn-{n:02d}" in browser.get(f"{base}&sort=-total").text for n in (0, 29)] == [False, True]
    assert "turn-29" in browser.get(f"{base}&sort=total&page=2").text
    assert "turn-29" in browser.get(f"{base}&sort=total&size=50").text
    assert "¥29.00" in browser.get(f"{base}&total=2900").text
    assert "turn-28" not in browser.get(f"{base}&total=2900").text
    chip = browser.get(f"{base}&store_id={office.stores['B']}&kind=sale").text
    assert all(words in chip for words in ("Receipt: turn-", "Kind: Sale", "Store B"))
    assert "Nothing matches" in browser.get("/receipts/list/?number=no-such").text


@pytest.mark.parametrize(
    "query", ["page=0", "page=99999999999", "page=x", "size=7", "sort=token_hash", "sort=-;drop", "total=9" + "9" * 30]
)
def test_an_odd_address_is_no_error(office: Office, query: str) -> None:
    assert office.browser("admin").get(f"/receipts/list/?{query}").status_code == 200
    assert office.browser("admin").get(f"/tills/list/?{query}&created_at.from=0001-01-01&code=%25").status_code == 200


def test_columns_that_may_not_be_searched_are_ignored(office: Office) -> None:
    browser = office.browser("admin")
    everyone = browser.get("/members/list/").text
    odd = browser.get("/members/list/?name=nobody&phone_index=x&person_key=y&birthday=2000-01-01").text
    assert odd.count("<tr>") == everyone.count("<tr>")
    assert not re.search(r'name="(name|phone\w*|birthday|email\w*|address\w*)"', everyone)


def test_times_are_on_the_malls_wall_clock(office: Office) -> None:
    add_receipt(office, "A", number="clock")
    with office.town.work() as uow:
        here = uow.now.astimezone().strftime("%Y")
    page = office.browser("admin").get("/receipts/list/?number=clock").text
    assert re.search(rf">{here}-\d\d-\d\d \d\d:\d\d<", page)
    assert "¥129.00" in page
