"""Bring a database to the newest schema, plugin by plugin, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect
from sqlalchemy.engine import Connection

from core.append_only import statements
from core.db import Database, Model
from core.errors import AtriumError
from core.host import Host
from core.i18n import _

if TYPE_CHECKING:
    from alembic.config import Config

HERE = Path(__file__).resolve().parent


def upgrade_all(url: str) -> None:
    """Upgrade the database at `url` for the core and all installed plugins."""
    from core.house import BUILTIN

    database = Database.connect(url)
    try:
        upgrade_house(database, Host.load(database, BUILTIN))
    finally:
        database.dispose()


def upgrade_house(database: Database, host: Host, *, to: str = "head") -> list[str]:
    """Upgrade core, then every plugin that registered. Returns the names of those that had something to do."""
    from alembic import command  # a web process never migrates: it need not read Alembic

    moved = []
    for name, folder in _histories(host):
        with _migrating(database) as connection:
            before = _at(connection, name)
            _alembic(connection, name, folder=folder, act=lambda config: command.upgrade(config, to))
            if _at(connection, name) != before:
                moved.append(name)
    return moved


def downgrade(database: Database, host: Host, *, plugin: str, to: str = "base") -> None:
    """Take one plugin's (or the core's) schema back, by default to nothing."""
    from alembic import command

    folder = dict(_histories(host))[plugin]
    with _migrating(database) as connection:
        _alembic(connection, plugin, folder=folder, act=lambda config: command.downgrade(config, to))


def pending(database: Database, host: Host) -> list[str]:
    """The names of those whose schema is behind their code."""
    from alembic.script import ScriptDirectory

    behind = []
    with database.reader.connect() as connection:
        for name, folder in _histories(host):
            scripts = ScriptDirectory.from_config(_config(connection, name, folder=folder))
            if _at(connection, name) != scripts.get_current_head():
                behind.append(name)
    return behind


def _histories(host: Host) -> Iterator[tuple[str, Path]]:
    yield "core", HERE
    for plugin in host.ok().values():
        if (plugin.folder / "migrations").is_dir():
            yield plugin.name, plugin.folder / "migrations"


def _config(connection: Connection, plugin: str, *, folder: Path) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder / "versions"))
    config.attributes.update(connection=connection, plugin=plugin)
    return config


def _alembic(connection: Connection, plugin: str, *, folder: Path, act: Callable[[Config], None]) -> None:
    act(_config(connection, plugin, folder=folder))
    if connection.dialect.name == "sqlite":
        _remake_triggers(connection)


def _at(connection: Connection, plugin: str) -> str | None:
    from alembic.runtime.migration import MigrationContext

    return MigrationContext.configure(connection, opts={"version_table": f"{plugin}_version"}).get_current_revision()


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    with database.writer.connect() as connection:
        if database.is_sqlite:
            # Rebuilding a table drops it for a moment; the pragma does nothing once a transaction has begun.
            _driver(connection).execute("pragma foreign_keys=off")
        with connection.begin():
            yield connection
            if database.is_sqlite:
                _expect_no_orphans(connection)
        if database.is_sqlite:
            _driver(connection).execute("pragma foreign_keys=on")


def _driver(connection: Connection) -> Any:
    return connection.connection.driver_connection


def _expect_no_orphans(connection: Connection) -> None:
    orphans = connection.exec_driver_sql("pragma foreign_key_check").fetchall()
    if orphans:
        raise AtriumError(_("The migration would leave rows without their parent: %(rows)s", rows=len(orphans)))


def _remake_triggers(connection: Connection) -> None:
    """A rebuild on SQLite drops the triggers of a table without a word: make sure that the books have theirs."""
    existing = set(inspect(connection).get_table_names())
    have = {row[0] for row in connection.exec_driver_sql("select name from sqlite_master where type = 'trigger'")}
    for table in Model.metadata.tables.values():
        if table.name in existing:
            for statement in statements(table, "sqlite"):
                if statement.split()[2] not in have:
                    connection.exec_driver_sql(statement)
