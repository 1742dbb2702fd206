"""`report list` and `report NAME`, as a person or a script runs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import clock
from core.db import Database
from tests.plugins.reporting.conftest import NOW, trade
from tests.support.command import Terminal
from tests.support.mall import open_shop


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    with clock.stopped_at(NOW):
        shop = open_shop(database_url, tmp_path / "home", members=2)
        trade(shop)
        shop.close()
    return Terminal(tmp_path / "home", database_url)


def test_the_reports_are_listed(terminal: Terminal) -> None:
    found = {one["name"]: one["title"] for one in terminal.tell("report", "list")["reports"]}

    assert found["loyalty.member_statement"] == "Member points statement"
    assert {"loyalty.by_store", "pos_bridge.daily_statement", "reporting.sales"} <= set(found)


@pytest.mark.parametrize(("kind", "start"), [("pdf", b"%PDF-"), ("xlsx", b"PK"), ("csv", b"\xef\xbb\xbf")])
def test_a_report_is_written_with_defaults(terminal: Terminal, tmp_path: Path, kind: str, start: bytes) -> None:
    file = tmp_path / f"out.{kind}"

    told = terminal.tell("report", "loyalty.member_statement", "--format", kind, "--out", str(file))

    assert file.read_bytes().startswith(start)
    assert told == {
        "report": "loyalty.member_statement",
        "format": kind,
        "file": str(file),
        "rows": told["rows"],
        "bytes": file.stat().st_size,
        "missing": [],
    }


def test_filters_and_language_can_be_said(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    asked = ("--filter", "period=2026-11-21..2026-11-22", "--filter", "store=S0002", "--language", "zh")

    told = terminal.tell("report", "reporting.sales", "--format", "csv", "--out", str(file), *asked)

    assert told["rows"] == 1
    text = file.read_text("utf-8-sig")
    assert "营业日" in text
    assert "S0002 Toys" in text
    assert "S0001" not in text


def test_what_cannot_be_asked_is_refused_and_nothing_written(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    start = ("report", "reporting.sales", "--format", "csv", "--out", str(file))

    assert terminal.refuse("report", "no.such", "--format", "csv", "--out", str(file)) == "not_found"
    assert terminal.refuse(*start, "--filter", "store=S0009") == "not_found"
    assert terminal.refuse(*start, "--filter", "period") == "bad_filter"
    assert terminal.refuse(*start, "--filter", "period=x") == "bad_filter"
    assert terminal.run(*start[:2], "--format", "exe", "--out", str(file)).code == 2
    assert not file.exists()


def test_without_a_mall_it_says_so(database_url: str, tmp_path: Path) -> None:
    Database.connect(database_url).dispose()
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).chmod(0o600)
    terminal = Terminal(tmp_path / "home", database_url)

    assert terminal.refuse("report", "reporting.sales", "--out", str(tmp_path / "x.pdf")) == "not_found"
