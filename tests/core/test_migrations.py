"""Schemas: what the migrations make is what the models say, on both databases, up, down and up again."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, String, inspect, select, text
from sqlalchemy.engine import Connection

from core.db import Database, Model
from core.host import Host
from core.house import BUILTIN
from core.migrations import downgrade, pending, upgrade_house
from core.models import ReceiptRow
from tests.support.arrivals import sale
from tests.support.mall import Shop, expect_sound, open_shop

MINIMAL = "tests.samples.minimal"
SHIPPED = ("core_", "ab_", *(f"{package.rpartition('.')[2]}_" for package in BUILTIN))


@pytest.fixture
def database(empty_database_url: str) -> Iterator[Database]:
    opened = Database.connect(empty_database_url)
    yield opened
    opened.dispose()


def ours(metadata: MetaData) -> MetaData:
    """The tables of what ships; other tests of this process may have brought more."""
    found = MetaData()
    for name, table in metadata.tables.items():
        if name.startswith(SHIPPED):
            table.to_metadata(found)
    return found


def drawn(connection: Connection) -> dict[str, str]:
    """The schema as the database itself tells it: every table, CHECK, index, sequence and trigger, by name."""
    if connection.dialect.name == "sqlite":
        query = "select type || ' ' || name, sql from sqlite_master where name not like 'sqlite_%' and sql is not null"
    else:
        query = """
            select 'column ' || table_name || '.' || column_name,
                   concat_ws(' ', data_type, character_maximum_length, is_nullable, column_default)
              from information_schema.columns where table_schema = 'public'
            union all
            select 'constraint ' || conrelid::regclass || ' ' || conname, pg_get_constraintdef(oid)
              from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'
            union all
            select 'index ' || indexname, indexdef from pg_indexes where schemaname = 'public'
            union all
            select 'trigger ' || tgname, pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
            union all
            select 'function ' || proname, prosrc from pg_proc where pronamespace = 'public'::regnamespace
            union all
            select 'sequence ' || relname, '' from pg_class
             where relkind = 'S' and relnamespace = 'public'::regnamespace
        """
    found = {name: " ".join(sql.split()) for name, sql in connection.execute(text(query))}
    return {name: sql for name, sql in found.items() if not re.search(r"\b\w+_version(_pkc)?\b", name)}


def load(database: Database, *more: str) -> Host:
    return Host.load(database, [*BUILTIN, *more])


def table_names(database: Database) -> set[str]:
    with database.reader.connect() as connection:
        return set(inspect(connection).get_table_names())


# --- models and migrations ----------------------------------------------------------------------------------------


def test_the_metadata_is_what_was_migrated(database: Database) -> None:
    upgrade_house(database, load(database))
    mine = ours(Model.metadata)

    def is_ours(_object: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
        return kind != "table" or not str(name).endswith("_version")

    with database.reader.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": is_ours}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, mine) == []


def test_a_fresh_schema_is_what_was_migrated(database: Database, run: Any, tmp_path: Path) -> None:
    """With CHECKs, partial indexes and triggers, to which the comparison of metadata is blind."""
    from tests.support import databases

    upgrade_house(database, load(database))
    with database.reader.connect() as connection:
        migrated = drawn(connection)
    (tmp_path / "made").mkdir()
    if database.is_sqlite:
        made = made_from_models(databases.fresh_sqlite(run, tmp_path / "made", migrated=False))
    else:
        with databases.fresh_postgres(run, migrated=False) as url:
            made = made_from_models(url)

    assert set(migrated) == set(made)
    assert {name: sql for name, sql in migrated.items() if sql != made[name]} == {}
    assert len([name for name in migrated if name.startswith("trigger")]) >= 9


def made_from_models(url: str) -> dict[str, str]:
    opened = Database.connect(url)
    with opened.writer.begin() as connection:
        tables = [table for name, table in Model.metadata.tables.items() if name.startswith(SHIPPED)]
        Model.metadata.create_all(connection, tables=tables)
    with opened.reader.connect() as connection:
        found = drawn(connection)
    opened.dispose()
    return found


def test_up_down_and_up_again(database: Database) -> None:
    host = load(database)
    assert pending(database, host) == ["core", *(name for name in host.ok() if _migrates(host, name))]
    moved = upgrade_house(database, host)
    assert moved[0] == "core"
    with database.reader.connect() as connection:
        first = drawn(connection)
    assert (pending(database, host), upgrade_house(database, host)) == ([], [])

    for plugin in reversed(moved):
        downgrade(database, host, plugin=plugin)
    left = table_names(database)
    assert {name for name in left if not name.endswith("_version")} == set()
    with database.reader.connect() as connection:
        assert drawn(connection) == {}

    assert upgrade_house(database, host) == moved
    with database.reader.connect() as connection:
        assert drawn(connection) == first


def test_a_migration_that_fails_leaves_the_schema_as_it_was(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.migrations import schema_file

    host = load(database)
    whole = schema_file.run

    def half(migration: str) -> None:
        whole(migration)
        if "loyalty" in migration:
            raise RuntimeError("in the middle")

    monkeypatch.setattr(schema_file, "run", half)
    with pytest.raises(RuntimeError):
        upgrade_house(database, host)
    assert not {name for name in table_names(database) if name.startswith("loyalty_")}
    assert "loyalty" in pending(database, host)

    monkeypatch.undo()
    upgrade_house(database, host)
    assert pending(database, host) == []


def test_triggers_survive_the_rebuild_of_a_table(sqlite_url: str) -> None:
    """SQLite cannot change a column: Alembic copies the table, and the triggers are gone without a word."""
    from alembic.operations import Operations

    from core.migrations import run as running

    opened = Database.connect(sqlite_url)
    with running._migrating(opened) as connection:
        with Operations(MigrationContext.configure(connection)).batch_alter_table("core_entry") as batch:
            batch.alter_column("reference", type_=String(200))
        assert "trigger core_entry_no_update" not in drawn(connection)
        running._remake_triggers(connection)
    with opened.reader.connect() as connection:
        assert {"trigger core_entry_no_update", "trigger core_entry_no_delete"} <= set(drawn(connection))
        assert connection.exec_driver_sql("pragma foreign_keys").scalar() == 1
    opened.dispose()


# --- plugins that come and go -------------------------------------------------------------------------------------


def test_a_plugin_comes_goes_and_comes_back(database_url: str, tmp_path: Path) -> None:
    """Its package is removed: its tables and what is in them stay, the mall goes on and upgrades without it."""
    shop = open_shop(database_url, tmp_path / "home", plugins=[*BUILTIN, MINIMAL])
    assert upgrade_house(shop.database, shop.host) == ["minimal"]
    shop.switch("minimal", True)
    shop.send(sale("1", 1000, member=1))
    shop.close()

    without = Database.connect(database_url)
    host = load(without)
    assert "minimal" not in host.plugins
    assert (upgrade_house(without, host), pending(without, host)) == ([], [])
    assert {"minimal_budget", "minimal_note", "minimal_version"} <= table_names(without)
    without.dispose()
    from tests.support.mall import open_at

    shop = Shop(open_at(database_url, tmp_path / "home"), shop.mall_id, shop.stores, shop.tills, shop.members)
    assert shop.send(sale("2", 1000, member=1)).status == 201
    expect_sound(shop)
    shop.close()

    back = Database.connect(database_url)
    host = load(back, MINIMAL)
    assert upgrade_house(back, host) == []
    with back.reader.connect() as connection:
        assert connection.execute(text("select count(*) from minimal_note where what like 'offer%'")).scalar() == 1
        assert connection.execute(select(ReceiptRow.__table__.c.id)).all() != []
    back.dispose()


def test_each_plugin_has_a_version_table_of_its_own(database: Database) -> None:
    host = load(database, MINIMAL)
    upgrade_house(database, host)

    versions = {name for name in table_names(database) if name.endswith("_version")}
    assert versions == {
        "core_version",
        "minimal_version",
        *(f"{name}_version" for name in host.ok() if _migrates(host, name)),
    }
    downgrade(database, host, plugin="minimal")
    assert not {"minimal_budget", "minimal_note"} & table_names(database)
    assert pending(database, host) == ["minimal"]


def _migrates(host: Host, name: str) -> bool:
    return (host.plugins[name].folder / "migrations").is_dir()


def test_a_file_drawn_again_is_the_file_that_is_there(tmp_path: Path) -> None:
    """The plain SQL of a first migration is what the models draw today, as long as it is the only one."""
    from core.migrations import schema_file

    host = Host.load(Database.connect(f"sqlite:///{tmp_path}/x"), [*BUILTIN, MINIMAL])
    rooms = {"core_": schema_file.__file__} | {
        f"{name}_": str(host.plugins[name].folder / "migrations" / "x") for name in host.ok() if _migrates(host, name)
    }
    for prefix, room in rooms.items():
        versions = Path(room).parent / "versions"
        if [path.stem for path in versions.glob("0*.py")] != ["0001_initial"]:
            continue
        folder = tmp_path / prefix
        folder.mkdir()
        shutil.copy(versions / "0001_initial.py", folder)
        schema_file.draw(folder, prefixes=("core_", "ab_") if prefix == "core_" else (prefix,))
        for dialect in schema_file.DIALECTS:
            name = f"0001_initial.{dialect}.sql"
            assert (folder / name).read_text() == (versions / name).read_text(), f"{versions / name}"
