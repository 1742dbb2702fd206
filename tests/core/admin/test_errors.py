"""What goes wrong says what and what to do next, in the reader's language, with a number; and changes nothing."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from core.errors import Conflict
from core.models import Store
from tests.support.office import Office


@pytest.mark.parametrize(("language", "words"), [("zh", "没有这个页面"), ("en", "There is no such page")])
def test_a_missing_page(office: Office, language: str, words: str) -> None:
    answer = office.browser("admin", language=language).get("/nowhere")
    assert answer.status_code == 404
    assert words in answer.text
    assert re.search(r"[0-9a-f]{8}", answer.text)
    assert office.browser(language=language).get("/nowhere").status_code == 404


@pytest.mark.parametrize(
    ("language", "words"), [("zh", "没有权限执行此操作"), ("en", "You are not allowed to do this")]
)
def test_a_page_one_may_not_see(office: Office, language: str, words: str) -> None:
    answer = office.browser("cashier", language=language).get("/audit/list/")
    assert answer.status_code == 403
    assert words in answer.text


def test_a_refusal_says_its_own_sentence(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    from core.admin.pages.places import StoreView

    def refuse(*_arguments: Any) -> Any:
        raise Conflict

    monkeypatch.setattr(StoreView, "panels", refuse)
    answer = office.browser("admin").get(f"/stores/show/{office.stores['A']}")
    assert answer.status_code == 409
    assert "This cannot be done now" in answer.text


@pytest.mark.parametrize(("language", "words"), [("zh", "系统内部出错"), ("en", "Something went wrong on our side")])
def test_a_fault_of_ours_tells_its_number_and_nothing_else(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, language: str, words: str
) -> None:
    from core.admin.pages.places import StoreView

    def fail(*_arguments: Any) -> Any:
        raise ZeroDivisionError("a secret of the machine")

    monkeypatch.setattr(StoreView, "panels", fail)
    with caplog.at_level(logging.ERROR, "atrium.web"):
        answer = office.browser("admin", language=language).get(f"/stores/show/{office.stores['A']}")
    assert answer.status_code == 500
    assert words in answer.text
    assert "secret" not in answer.text
    number = re.search(r"number ([0-9a-f]{8})", caplog.text)
    assert number is not None
    assert number[1] in answer.text


def test_a_form_without_its_token_changes_nothing(office: Office) -> None:
    browser = office.browser("admin")
    path = f"/stores/edit/{office.stores['A']}"
    for token in ("", "forged", None):
        data = {"name": "taken over", "kind": "direct", **({"csrf_token": token} if token is not None else {})}
        answer = browser.client.post(path, data=data)
        assert (answer.status_code, "open for too long" in answer.text) == (400, True)
    assert office.find(Store, id=office.stores["A"]).name == "Store A"


def test_a_get_never_changes_anything(office: Office) -> None:
    browser = office.browser("admin")
    before = len(office.trail())
    for rule in office.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/api/"):
            path = rule.rule.replace("<pk>", str(office.stores["A"])).replace("<name>", "loyalty")
            assert browser.get(path).status_code in (200, 302, 404, 405), path
    assert len(office.trail()) == before
