"""The description says what is there: every route and no other, and every code that the sources refuse by.

That answers are as described is held by every test in `tests/flows`: the client there checks each one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import app as program
from tests.support.contract import Contract
from tests.support.mall import Shop, open_shop

ROOT = Path(__file__).resolve().parents[3]
REFUSING = (
    *("core/checkout/*.py", "core/identify.py", "core/api/fields.py"),
    *("plugins/pos_bridge/**/*.py", "plugins/loyalty/rules/*.py"),
)
"""Where a receipt may be refused; not `later`, which answers no till."""
IMPLIED = {"HEAD", "OPTIONS"}


@pytest.fixture
def shop(sqlite_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall with the plugins that ship."""
    made = open_shop(sqlite_url, tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def app(shop: Shop) -> Flask:
    """The web application of that house."""
    return program.build(shop.house)


@pytest.fixture
def document(app: Flask) -> dict[str, Any]:
    """What the application says of itself."""
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.mimetype == "application/json"
    found: dict[str, Any] = json.loads(answer.text)
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def test_every_route_is_described_and_no_other(app: Flask, document: dict[str, Any]) -> None:
    routes = {
        (re.sub(r"<(?:[^:<>]+:)?(\w+)>", r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if rule.rule.startswith("/api/")
        for method in (rule.methods or set()) - IMPLIED
    }
    assert {(path, method) for path, method, _said in operations(document)} == routes
    assert len(routes) >= 8


def test_it_is_version_3_1_and_whole(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    text = re.findall(r"#/components/schemas/(\w+)", str(document))
    assert set(text) == document["components"]["schemas"].keys()
    names = [said["operationId"] for _path, _method, said in operations(document)]
    assert len(set(names)) == len(names)


def test_every_operation_is_told_in_full(document: dict[str, Any]) -> None:
    for path, method, said in operations(document):
        assert said["summary"], path
        assert any(status.startswith("2") for status in said["responses"])
        if said.get("security") is None:
            assert {"401", "404"} <= said["responses"].keys(), path
        if method == "POST":
            assert {"400", "413", "415", "422"} <= said["responses"].keys(), path
            assert "example" in said["requestBody"]["content"]["application/json"], path


def test_every_example_is_valid(document: dict[str, Any]) -> None:
    contract = Contract(document)
    for _path, _method, said in operations(document):
        for body in [said["requestBody"]] if "requestBody" in said else []:
            content = body["content"]["application/json"]
            contract.validate(content["schema"], content["example"])
    problem = document["components"]["schemas"]["Problem"]
    contract.validate(problem, problem["examples"][0])


def test_every_code_of_the_sources_is_described(document: dict[str, Any]) -> None:
    """What checkout, the bridge and the points refuse a receipt by stands in the list that till makers read."""
    pattern = re.compile(r'(?:code=|\b_?refuse\(\s*)"([a-z_]+)"')
    files = {file for place in REFUSING for file in ROOT.glob(place)} - {ROOT / "core/checkout/later.py"}
    said = {code for file in files for code in pattern.findall(file.read_text(encoding="utf-8"))}
    listed = {
        code
        for _path, _method, operation in operations(document)
        for response in operation["responses"].values()
        for code in response.get("x-codes", ())
    }
    assert said - listed == set()
    assert len(said) > 40
