"""A person with a browser: every page of the menu opens under the content policy, without one word in the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.office import PASSWORD, PHONES, Office
from tests.support.server import Server

pytestmark = pytest.mark.browser


@contextmanager
def at_work(chromium: Browser, server: Server, *, user: str, language: str) -> Iterator[tuple[Page, list[str]]]:
    """A signed-in page, and what went wrong on it: console messages, failed requests, other hosts."""
    context = chromium.new_context(locale=language, viewport={"width": 1280, "height": 800})
    page, wrong = context.new_page(), list[str]()
    base = f"http://127.0.0.1:{server.port}"
    page.on("console", lambda said: wrong.append(f"{page.url}: {said.text}"))
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("response", lambda answer: wrong.append(f"{answer.url}: {answer.status}") if answer.status >= 400 else None)
    page.on("request", lambda asked: wrong.append(asked.url) if not asked.url.startswith(base) else None)
    page.goto(f"{base}/login/")
    page.fill("#username", user)
    page.fill("#password", PASSWORD)
    page.click("button.main")
    page.wait_for_url(f"{base}/")
    yield page, wrong
    context.close()


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_every_page_of_the_menu(chromium: Browser, server: Server, language: str) -> None:
    with at_work(chromium, server, user="admin", language=language) as (page, wrong):
        addresses = page.eval_on_selector_all("nav.side a", "links => links.map(link => link.href)")
        assert len(addresses) > 20
        for address in dict.fromkeys(addresses):
            page.goto(address)
            assert page.locator("h1").count() == 1
            assert page.evaluate("document.documentElement.lang") == language
            records = page.locator("table.data a.name")
            if records.count():
                records.first.click()
                page.wait_for_url(lambda now, before=address: now != before)
                expect(page.locator("h1")).to_have_count(1)
        assert wrong == []


def test_a_desk_at_work(chromium: Browser, server: Server, office: Office) -> None:
    with at_work(chromium, server, user="manager", language="en") as (page, wrong):
        page.keyboard.press("/")
        page.keyboard.type(PHONES["B"])
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Sample B")
        assert PHONES["B"] not in page.url
        page.goto(f"http://127.0.0.1:{server.port}/tills/list/")
        page.click("a.button.main")
        page.fill("#code", "T90")
        page.click(".save button.main")
        expect(page.locator(".shown-once")).to_contain_text("till_")
        page.click("details.menu:has(.face) summary")
        page.click("text=Sign out")
        expect(page.locator("h1")).to_have_text("Sign in")
        assert wrong == []


def test_choosing_a_store_and_a_language_keeps_the_page(chromium: Browser, server: Server, office: Office) -> None:
    with at_work(chromium, server, user="admin", language="en") as (page, wrong):
        page.goto(f"http://127.0.0.1:{server.port}/stores/list/")
        page.select_option("#place", f"{office.town.mall_id}:{office.stores['B']}")
        expect(page.locator("table.data")).not_to_contain_text("Store A")
        expect(page.locator("h1")).to_have_text("Stores")
        page.click("form.language button")
        expect(page.locator("h1")).to_have_text("门店")
        assert wrong == []
