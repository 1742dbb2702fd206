"""Plugins are found, checked, ordered and registered; one that fails is listed with its reason, and the mall opens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest
from sqlalchemy import select
from sqlalchemy.orm import configure_mappers

from core.db import Database, Model
from core.errors import BrokenPlugin, Refused
from core.host import Bell, Host, Loaded, loading
from core.host.loaded import FAULTS
from core.house import BUILTIN
from core.models import Member

MANIFEST = """
from core import Manifest, _

MANIFEST = Manifest(name={name!r}, title=_("T"), version="1.0", summary=_("S"){more})
"""
Write = Callable[..., str]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.connect(f"sqlite:///{tmp_path / 'x.sqlite'}")
    yield opened
    opened.dispose()


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """Writes a small plugin; answers the name of its package."""
    monkeypatch.syspath_prepend(tmp_path)
    made: list[str] = []

    def write(name: str, *, manifest: str | None = None, more: str = "", **rooms: str) -> str:
        folder = tmp_path / name
        folder.mkdir()
        (folder / "__init__.py").write_text(MANIFEST.format(name=name, more=more) if manifest is None else manifest)
        for room, text in rooms.items():
            (folder / f"{room}.py").write_text(dedent(text))
        made.append(name)
        return name

    yield write
    for name in made:
        for module in [module for module in sys.modules if module.split(".")[0] == name]:
            del sys.modules[module]


def reason(host: Host, name: str) -> str:
    plugin = host.plugins[name]
    assert plugin.state == "broken"
    assert plugin.reason is not None
    assert name not in host.ok()
    return plugin.reason.into("en")


# --- what ships ---------------------------------------------------------------------------------------------------


def test_the_shipped_plugins_load(database: Database) -> None:
    host = Host.load(database, BUILTIN)

    assert set(host.ok()) >= {"loyalty", "pos_bridge"}
    assert [plugin.reason for plugin in host.plugins.values() if plugin.state != "ok"] == []


# --- what is broken -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ("broken_import", "a_package_that_nobody_has"),
        ("wrong_args", "session"),
        ("table_thief", "core_loot"),
        ("wrapper", "receipt_rewards"),
    ],
)
def test_a_broken_package_is_listed_and_the_others_work(database: Database, sample: str, said: str) -> None:
    host = Host.load(database, [*BUILTIN, f"tests.samples.{sample}"])

    assert said in reason(host, sample)
    assert {"loyalty", "pos_bridge"} <= set(host.ok())
    assert sample not in {bell.plugin for bell in host.bells("receipt_rewards")}
    assert [name for name in Model.metadata.tables if name.startswith(("core_loot", "table_thief"))] == []
    configure_mappers()


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("import sys\nsys.exit(3)", "SystemExit: 3"),
        ("raise RuntimeError('at import')", "RuntimeError: at import"),
        ("", "MANIFEST"),
        ("MANIFEST = {'name': 'strange'}", "not a Manifest"),
        ("def (", "SyntaxError"),
    ],
)
def test_a_manifest_that_cannot_be_read(database: Database, write: Write, manifest: str, said: str) -> None:
    host = Host.load(database, [*BUILTIN, write("strange", manifest=manifest)])

    assert said in reason(host, "strange")
    assert "loyalty" in host.ok()


@pytest.mark.parametrize("core_api", ["2.0", "0.9", "1.99", "1", "one.two", "1.0.0", ""])
def test_another_contract_is_not_accepted(database: Database, write: Write, core_api: str) -> None:
    host = Host.load(database, [write("later", more=f", core_api={core_api!r}")])

    assert "core" in reason(host, "later")


@pytest.mark.parametrize("name", ["core", "ab", "alembic", "api", "Upper"])
def test_some_names_are_taken(database: Database, write: Write, name: str) -> None:
    package = write(f"pack_{name.lower()}")
    host = Host(database)
    plugin = Loaded(name, package)
    (Path(sys.path[0]) / package / "__init__.py").write_text(MANIFEST.format(name=name, more=""))
    loading._read_manifest(plugin)
    host.plugins[name] = plugin

    assert name in reason(host, name)


def test_the_entry_point_and_the_manifest_agree(database: Database, write: Write) -> None:
    host = Host.load(database, [write("alias", manifest=MANIFEST.format(name="other", more=""))])

    assert "other" in reason(host, "alias")


def test_two_of_one_name(database: Database, write: Write) -> None:
    host = Host.load(database, ["plugins.loyalty", write("loyalty")])

    assert "loyalty" in host.ok()
    assert "plugins.loyalty" in reason(host, "loyalty (loyalty)")


def test_an_unknown_hook_is_refused(database: Database, write: Write) -> None:
    hooks = """
        from core import hookimpl

        @hookimpl
        def receipt_rewarded(facts):
            return []
    """
    assert "receipt_rewarded" in reason(Host.load(database, [write("typo", hooks=hooks)]), "typo")


def test_a_broken_relationship_stops_nobody_elses_queries(database: Database, write: Write) -> None:
    models = """
        from sqlalchemy.orm import Mapped, relationship
        from core import Model, row_id

        class Half(Model):
            __tablename__ = "half_made"
            id: Mapped[int] = row_id()
            other: Mapped["NobodyKnowsThis"] = relationship()
    """
    host = Host.load(database, [*BUILTIN, write("half", models=models)])

    assert "NobodyKnowsThis" in reason(host, "half")
    configure_mappers()
    assert "core_member" in str(select(Member))


def test_a_table_of_the_core_cannot_be_made_again(database: Database, write: Write) -> None:
    models = """
        from sqlalchemy.orm import Mapped
        from core import Model, row_id

        class Member(Model):
            __tablename__ = "core_member"
            id: Mapped[int] = row_id()
    """
    assert "core_member" in reason(Host.load(database, [write("twin", models=models)]), "twin")
    assert "phone_sealed" in Model.metadata.tables["core_member"].columns


# --- order --------------------------------------------------------------------------------------------------------


def test_plugins_come_after_those_they_need(database: Database, write: Write) -> None:
    packages = [
        write("third", more=", depends=('second', 'first')"),
        write("second", more=", depends=('first',)"),
        write("first"),
    ]

    assert list(Host.load(database, packages).ok()) == ["first", "second", "third"]


def test_what_is_missing_is_named(database: Database, write: Write) -> None:
    packages = [
        write("needy", more=", depends=('absent',)"),
        write("needier", more=", depends=('needy',)"),
        write("one", more=", depends=('two',)"),
        write("two", more=", depends=('one',)"),
        write("after_broken", more=", depends=('sick',)"),
        write("sick", hooks="raise RuntimeError"),
    ]
    host = Host.load(database, packages)

    assert "absent" in reason(host, "needy")
    assert "needy" in reason(host, "needier")
    assert "two" in reason(host, "one")
    assert "sick" in reason(host, "after_broken")
    assert host.ok() == {}


# --- asking -------------------------------------------------------------------------------------------------------


def test_bells_ring_in_order_and_only_where_enabled(database: Database, write: Write) -> None:
    hooks = """
        from core import hookimpl

        @hookimpl
        def receipt_rewards(facts):
            return [__name__]
    """
    host = Host.load(database, [write("b_two", more=", depends=('c_one',)", hooks=hooks), write("c_one", hooks=hooks)])

    assert [bell.plugin for bell in host.bells("receipt_rewards")] == ["c_one", "b_two"]
    assert [bell.plugin for bell in host.bells("receipt_rewards", frozenset({"b_two"}))] == ["b_two"]
    assert host.bells("receipt_rewards", frozenset()) == ()
    assert host.bells("receipt_offers") == ()
    assert host.bells("receipt_rewards") is host.bells("receipt_rewards")


def test_a_hook_gets_only_what_it_wants(database: Database) -> None:
    host = Host.load(database, ["plugins.loyalty"])
    bell = Bell("loyalty", "jobs", lambda b: b, ("b",))

    assert host.ring(bell, {"a": 1, "b": 2, "c": 3}) == 2


def test_a_refusal_is_an_answer_and_a_fault_is_named(database: Database) -> None:
    host = Host.load(database, ["plugins.loyalty"])

    def refuse() -> None:
        raise Refused(code="not_today")

    def fail() -> None:
        raise KeyError("nothing")

    for _turn in range(FAULTS + 1):
        with pytest.raises(Refused):
            host.ring(Bell("loyalty", "receipt_tenders", refuse, ()), {})
    assert host.plugins["loyalty"].faults == {"receipt_tenders": 0}
    with pytest.raises(BrokenPlugin) as broken:
        host.ring(Bell("loyalty", "receipt_tenders", fail, ()), {})
    assert broken.value.facts == {"plugin": "loyalty", "hook": "receipt_tenders", "because": "KeyError: 'nothing'"}
    assert isinstance(broken.value.__cause__, KeyError)
    assert host.plugins["loyalty"].faults == {"receipt_tenders": 1}
