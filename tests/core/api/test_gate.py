"""What belongs to a plugin that is off in a store does not exist there, whatever is asked and however."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

import app as program
from core import auth
from core.admin import sync_permissions
from core.api.gate import Gate
from core.house import BUILTIN
from core.services import rotate_key
from tests.support.mall import Shop, open_shop
from tests.support.office import PASSWORD, Browser

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall of two stores, with a plugin that has an endpoint, a file and a page."""
    made = open_shop(database_url, tmp_path / "home", plugins=[*BUILTIN, "tests.samples.kiosk"])
    yield made
    made.close()


@pytest.fixture
def app(shop: Shop) -> Flask:
    """The web application of that house."""
    made = program.build(shop.house)
    sync_permissions(made)
    return made


def key_of(shop: Shop, till: str) -> dict[str, str]:
    with shop.work() as uow:
        _till, key = rotate_key(uow, till_id=shop.tills[till])
    return {"Authorization": f"Bearer {key}"}


def gate_of(app: Flask) -> Gate:
    gate: Gate = app.extensions["atrium.gate"]
    return gate


def rules_of(app: Flask, plugin: str) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if gate_of(app).owner(rule.endpoint) == plugin]


def address(rule: Rule) -> str:
    return re.sub(r"<(?:(\w+)(?:\([^)]*\))?:)?\w+>", lambda found: "1" if found[1] == "int" else "x", rule.rule)


def signed_in(app: Flask, shop: Shop, *stores: int) -> FlaskClient:
    """The browser of an administrator of these stores."""
    name = "user" + "-".join(map(str, stores))
    with shop.work() as uow:
        reach = [(shop.mall_id, store) for store in stores]
        auth.create_user(uow, username=name, password=PASSWORD, roles=["administrator"], reach=reach)
    return Browser(app.test_client()).sign_in(name).client


def test_every_address_knows_its_plugin(app: Flask) -> None:
    assert {rule.rule for rule in rules_of(app, "kiosk")} == {
        "/api/v1/kiosk/papers",
        "/api/v1/kiosk/papers/<int:number>",
        "/api/v1/kiosk/files/<path:filename>",
        "/papers/",
        "/static/kiosk/<path:filename>",
    }
    of_tills = {rule.rule for rule in rules_of(app, "pos_bridge")}
    assert {rule for rule in of_tills if rule.startswith("/api/")} == {
        rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/pos/")
    }
    assert "/tills/closes/list/" in of_tills
    assert gate_of(app).owner("core_api._describe") is None


@pytest.mark.parametrize("plugin", ["kiosk", "pos_bridge"])
def test_off_for_one_store_by_every_method(shop: Shop, app: Flask, plugin: str) -> None:
    here, elsewhere = key_of(shop, "T01"), key_of(shop, "T21")
    client = app.test_client()
    asked = [(address(rule), method) for rule in rules_of(app, plugin) for method in METHODS if "/api/" in rule.rule]
    before = {one: client.open(one[0], method=one[1], headers=here).status_code for one in asked}
    assert len(asked) >= 21
    shop.switch(plugin, False, store=shop.stores[0])
    off = {one: client.open(one[0], method=one[1], headers=here) for one in asked}
    assert {answer.status_code for answer in off.values()} == {404}
    assert {answer.mimetype for answer in off.values()} == {"application/problem+json"}
    assert {one: client.open(one[0], method=one[1], headers=elsewhere).status_code for one in asked} == before
    shop.switch(plugin, None, store=shop.stores[0])
    assert {one: client.open(one[0], method=one[1], headers=here).status_code for one in asked} == before


def test_off_looks_like_nothing_there(shop: Shop, app: Flask) -> None:
    client, here = app.test_client(), key_of(shop, "T01")
    shop.switch("kiosk", False, store=shop.stores[0])
    hidden = client.get("/api/v1/kiosk/papers", headers=here)
    nowhere = client.get("/api/v1/kiosk/papyri", headers=here)
    assert hidden.get_data(as_text=True).replace("papers", "papyri") == nowhere.get_data(as_text=True)
    assert list(hidden.headers) == list(nowhere.headers)


def test_off_in_the_mall_is_off_for_who_has_no_key(shop: Shop, app: Flask) -> None:
    client, file = app.test_client(), "/api/v1/kiosk/files/papers.css"

    def status(path: str) -> int:
        with client.get(path) as answer:
            return answer.status_code

    assert (status(file), status("/papers/")) == (200, 302)
    shop.switch("kiosk", False)
    assert (status(file), status("/papers/")) == (404, 404)
    shop.switch("kiosk", True, store=shop.stores[1])
    assert (status(file), status("/papers/")) == (200, 302)


def test_pages_of_a_person(shop: Shop, app: Flask) -> None:
    first, second = (signed_in(app, shop, store) for store in shop.stores)
    both = signed_in(app, shop, *shop.stores)
    shop.switch("kiosk", False, store=shop.stores[0])
    for path in ("/papers/", "/papers"):
        assert first.get(path).status_code == 404
        assert second.get(path, follow_redirects=True).text == "papers"
        assert both.get(path, follow_redirects=True).text == "papers"
    assert first.head("/papers/").status_code == first.options("/papers/").status_code == 404
    shop.switch("kiosk", True, store=shop.stores[0])
    assert first.get("/papers/").text == "papers"


def test_the_description_tells_what_is_on(shop: Shop, app: Flask) -> None:
    client, here, elsewhere = app.test_client(), key_of(shop, "T01"), key_of(shop, "T21")
    shop.switch("pos_bridge", False, store=shop.stores[0])

    def paths(headers: dict[str, str]) -> set[str]:
        return set(json.loads(client.get("/api/v1/openapi.json", headers=headers).text)["paths"])

    assert paths(here) == {"/api/v1/openapi.json"}
    assert "/api/v1/pos/receipts" in paths(elsewhere)
    assert "/api/v1/pos/receipts" in paths({})
