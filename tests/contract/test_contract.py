"""What holds for every plugin: it loads, keeps to its own name, migrates both ways, and is silent where it is off."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect as look

from core import hookspecs, settings
from core.db import Database, Model
from core.errors import AtriumError
from core.host import Host
from core.host.loading import RESERVED
from core.migrations import downgrade, pending, upgrade_house
from tests.contract.plugin import a_day_at_the_till, listening, packages
from tests.support.arrivals import sale
from tests.support.mall import Shop, expect_sound

ROOT = Path(__file__).resolve().parents[2]
PURE = ("receipt_offers", "receipt_tenders", "receipt_rewards", "receipt_returned", "receipt_member")


# --- what it says of itself ---------------------------------------------------------------------------------------


def test_it_loads(their_host: Host, any_plugin: str) -> None:
    loaded = their_host.plugins[any_plugin]

    assert (loaded.state, str(loaded.reason or "")) == ("ok", "")
    assert any_plugin not in RESERVED


def test_its_manifest_is_read_without_the_rest(their_host: Host, any_plugin: str) -> None:
    """What is broken can still be listed with its title."""
    package = their_host.plugins[any_plugin].package
    code = f"import sys, {package}; print([name for name in sys.modules if name.startswith('{package}.')])"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)

    assert (said.stdout.strip(), said.stderr) == ("[]", "")


def test_its_manifest_is_complete(their_host: Host, any_plugin: str) -> None:
    manifest = their_host.manifest_of(any_plugin)

    assert manifest.name == any_plugin
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?", manifest.version)
    assert all(text.into("zh") for text in (manifest.title, manifest.summary))
    assert all(re.fullmatch(r"[a-z][a-z_]*", noun) for noun in manifest.permissions)
    for setting in manifest.settings:
        settings.check(setting, setting.default)
        assert setting.title.into("zh")


def test_its_hooks_are_those_of_the_contract(their_host: Host, any_plugin: str) -> None:
    known, module = marked(hookspecs, "spec"), their_host.manager.get_plugin(any_plugin)
    mine = marked(module, "impl")

    assert mine <= known
    for hook in mine:
        wanted = inspect.signature(getattr(hookspecs, hook)).parameters
        assert inspect.signature(getattr(module, hook)).parameters.keys() <= wanted.keys()
        (implementation,) = [
            found for found in getattr(their_host.manager.hook, hook).get_hookimpls() if found.plugin_name == any_plugin
        ]
        assert (implementation.wrapper, implementation.hookwrapper) == (False, False)


def marked(module: object, mark: str) -> set[str]:
    """The functions that pluggy's markers have marked."""
    functions = inspect.getmembers(module, inspect.isfunction)
    return {name for name, function in functions if hasattr(function, f"{hookspecs.PROJECT}_{mark}")}


def test_its_tables_carry_its_name(their_host: Host, any_plugin: str) -> None:
    rooms = f"{their_host.plugins[any_plugin].package}."
    tables = [m.local_table for m in Model.registry.mappers if m.class_.__module__.startswith(rooms)]

    assert [table.name for table in tables if not table.name.startswith(f"{any_plugin}_")] == []


# --- its schema ---------------------------------------------------------------------------------------------------


def test_it_migrates_up_down_and_up(their_database: Database, any_plugin: str) -> None:
    host = Host.load(their_database, packages())
    if not (host.plugins[any_plugin].folder / "migrations").is_dir():
        assert [name for name in Model.metadata.tables if name.startswith(f"{any_plugin}_")] == []
        return
    upgrade_house(their_database, host)
    first = schema(their_database, any_plugin)
    assert first.keys() == {name for name in Model.metadata.tables if name.startswith(f"{any_plugin}_")}
    for name, columns in first.items():
        assert columns == {(c.name, c.nullable) for c in Model.metadata.tables[name].columns}

    downgrade(their_database, host, plugin=any_plugin)
    assert (schema(their_database, any_plugin), pending(their_database, host)) == ({}, [any_plugin])
    assert upgrade_house(their_database, host) == [any_plugin]
    assert schema(their_database, any_plugin) == first


def schema(database: Database, plugin: str) -> dict[str, set[tuple[str, bool]]]:
    with database.reader.connect() as connection:
        inspector = look(connection)
        names = [name for name in inspector.get_table_names() if name.startswith(f"{plugin}_")]
        return {
            name: {(column["name"], column["nullable"]) for column in inspector.get_columns(name)}
            for name in names
            if name != f"{plugin}_version"
        }


# --- what it does -------------------------------------------------------------------------------------------------


def test_a_day_with_it_adds_up(their_mall: Shop, any_plugin: str) -> None:
    assert a_day_at_the_till(their_mall, "day") == [201] * 5
    assert their_mall.host.plugins[any_plugin].faults.keys() == {
        hook for hook, n in their_mall.host.plugins[any_plugin].faults.items() if not n
    }
    expect_sound(their_mall)


def test_off_it_is_silent_and_on_again_as_before(their_mall: Shop, any_plugin: str) -> None:
    with listening(their_mall.host) as before:
        assert a_day_at_the_till(their_mall, "a") == [201] * 5
    try:
        their_mall.switch(any_plugin, False)
    except AtriumError:
        pytest.fail(f"nothing that ships needs another, so that {any_plugin} can be switched off")

    with listening(their_mall.host) as off:
        statuses = a_day_at_the_till(their_mall, "b")
    assert off.of(any_plugin) == set()
    assert [status for status in statuses if status != 201] in ([], [409])
    others = {name for name, _hook in before.rung} - {any_plugin}
    assert {name for name, _hook in off.rung} == others

    their_mall.switch(any_plugin, True)
    with listening(their_mall.host) as again:
        assert a_day_at_the_till(their_mall, "c") == [201] * 5
    assert again.of(any_plugin) - {"store_enabled"} == before.of(any_plugin)
    expect_sound(their_mall)


def test_off_in_one_store_it_works_in_the_other(their_mall: Shop, any_plugin: str) -> None:
    their_mall.switch(any_plugin, False, store=their_mall.stores[0])
    with listening(their_mall.host) as here:
        their_mall.send(sale("1", 1000, member=1))
    with listening(their_mall.host) as there:
        their_mall.send(sale("1", 1000, member=1, till="T21"), till="T21")

    assert here.of(any_plugin) == set()
    assert there.of(any_plugin) == {
        bell.hook
        for hook in (*PURE, "receipt_facts")
        for bell in their_mall.host.bells(hook)
        if bell.plugin == any_plugin
    } - {
        "receipt_tenders",
        "receipt_returned",
    }


def test_the_same_facts_give_the_same_proposals(their_mall: Shop, any_plugin: str) -> None:
    """Its receipt hooks are pure: no clock, no dice, nothing remembered from call to call."""
    with listening(their_mall.host) as heard:
        a_day_at_the_till(their_mall, "day")
    mine = [
        (bell, facts, answer) for bell, facts, answer in heard.given if bell.plugin == any_plugin and bell.hook in PURE
    ]
    for bell, facts, answer in mine:
        again = their_mall.host.ring(bell, facts, read=lambda answers: list(answers or ()))
        assert again == answer, bell.hook


def test_switching_twice_changes_nothing(their_mall: Shop, any_plugin: str) -> None:
    for on in (False, False, True, True):
        their_mall.switch(any_plugin, on, store=their_mall.stores[0])
    assert any_plugin in their_mall.host.enabled_in(their_mall.mall_id, their_mall.stores[0])
