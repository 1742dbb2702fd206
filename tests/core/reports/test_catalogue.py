"""Which reports there are, and how one is asked: on connections that cannot write, within one's reach."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core import reports
from core.db import Actor
from core.errors import NotFound
from core.host import Host
from core.house import BUILTIN
from core.models import Till
from core.reports.answering import reading
from core.scope import Scope, system_scope
from tests.support.mall import Shop

TESTS = Actor("command", "tests")
PLUGIN = """
from core import Manifest, _
MANIFEST = Manifest(name="{name}", title=_("Points"), version="1.0", summary=_("Points"))
"""
HOOKS = """
from core import _, hookimpl, reports as r
@hookimpl
def reports():
    return [{reports}]
"""


def plugin(folder: Path, name: str, told: str) -> str:
    """A plugin of a stranger that brings these reports."""
    room = folder / name
    room.mkdir()
    (room / "__init__.py").write_text(PLUGIN.format(name=name))
    (room / "hooks.py").write_text(HOOKS.format(reports=told))
    return name


@pytest.fixture
def strangers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.syspath_prepend(str(tmp_path))
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        if name.startswith("stranger"):
            del sys.modules[name]


def test_hook_reports(shop: Shop) -> None:
    found = {one.name: one for one in reports.catalogue(shop.host)}

    assert {"loyalty.member_statement", "loyalty.by_store", "pos_bridge.daily_statement", "reporting.sales"} <= set(
        found
    )
    assert all(one.report.permission.startswith(f"{one.plugin}.") for one in found.values())
    assert found["loyalty.by_store"].report.title.into("zh") == "各门店积分发放与收取"
    only = reports.catalogue(shop.host, frozenset({"loyalty"}))
    assert {one.plugin for one in only} == {"loyalty"}


def test_hook_reports_of_a_stranger_that_are_none_are_left_out(shop: Shop, strangers: Path) -> None:
    good = 'r.Report(name="good", title=_("Points"), permission="stranger_a.x")'
    names = [
        plugin(strangers, "stranger_a", good),
        plugin(strangers, "stranger_b", good),  # another's permission
        plugin(strangers, "stranger_c", '"no report"'),
        plugin(strangers, "stranger_d", 'r.Report(name="A B", title=_("Points"), permission="stranger_d.x")'),
        plugin(strangers, "stranger_e", f"{good.replace('stranger_a', 'stranger_e')}, " * 2),
        plugin(strangers, "stranger_f", "1 / 0"),
    ]
    host = Host.load(shop.database, (*BUILTIN, *names))

    found = {one.name for one in reports.catalogue(host)}

    assert {name for name in found if name.startswith("stranger")} == {"stranger_a.good"}
    assert "loyalty.by_store" in found


def test_a_report_that_is_not_there(shop: Shop) -> None:
    with pytest.raises(NotFound):
        reports.find(shop.host, "loyalty.nothing")


def test_a_report_cannot_write(shop: Shop) -> None:
    with system_scope("tests"), reading(shop.database, TESTS) as uow, pytest.raises(DBAPIError):
        uow.session.execute(text("update core_till set model = 'x'"))

    with system_scope("tests"), reading(shop.database, TESTS) as uow:
        uow.session.add(Till(mall_id=shop.mall_id, store_id=shop.stores[0], code="T99", created_at=uow.now))
        with pytest.raises(DBAPIError):
            uow.session.flush()


def test_a_report_sees_one_moment(shop: Shop) -> None:
    """What is booked while a report is made is in all of its tables, or in none."""
    with system_scope("tests"), reading(shop.database, TESTS) as uow:
        before = uow.session.scalar(text("select count(*) from core_member"))
        shop.enrol(2)
        assert uow.session.scalar(text("select count(*) from core_member")) == before

    with system_scope("tests"), reading(shop.database, TESTS) as uow:
        assert uow.session.scalar(text("select count(*) from core_member")) == before + 2


def test_who_reaches_no_store_gets_no_report(shop: Shop) -> None:
    found = reports.find(shop.host, "reporting.sales")
    nobody = reports.Reader(TESTS, Scope(frozenset({shop.mall_id}), frozenset()))

    with pytest.raises(NotFound):
        reports.answer(shop.house, found, reader=nobody, given={}, mall_id=shop.mall_id)


def test_a_store_where_the_plugin_is_off_is_not_asked(shop: Shop) -> None:
    shop.switch("reporting", False, store=shop.stores[1])
    found, reader = reports.find(shop.host, "reporting.sales"), reports.Reader.everything(TESTS)

    answered = reports.answer(shop.house, found, reader=reader, given={}, mall_id=shop.mall_id)

    assert [store.id for store in answered.reachable] == [shop.stores[0]]
    assert not answered.asked.whole
