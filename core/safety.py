"""Is the database as durable as the books need? Asked once when a process starts, and by `doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlalchemy import text

from core.db import Database
from core.errors import UnsafeSetting
from core.i18n import Text, _

DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
OLDEST_POSTGRESQL = 150000
SQLITE = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "recursive_triggers": "1"}
"""What each connection must answer; core.engines asks for it, a file system may not be able to give it."""


def check_database(database: Database) -> None:
    """`UnsafeSetting` with the first fault of the database's settings, and how to mend it."""
    for fault in faults(database):
        raise UnsafeSetting(fault)


def faults(database: Database) -> Iterator[Text]:
    """Everything about the database's settings that could lose or bend what was booked."""
    if database.is_sqlite:
        yield from _sqlite_faults(_sqlite_settings(database))
    else:
        yield from postgresql_faults(_postgresql_settings(database))


def postgresql_faults(settings: Mapping[str, str]) -> Iterator[Text]:
    """The faults in PostgreSQL's settings, name → value."""
    for name in DURABLE:
        if settings.get(name) == "off":
            yield _(
                "PostgreSQL may forget what it confirmed: %(name)s is off. "
                "Run: alter system set %(name)s = on; select pg_reload_conf();",
                name=name,
            )
    if int(settings["server_version_num"]) < OLDEST_POSTGRESQL:
        yield _("PostgreSQL %(version)s is too old. Version 15 or newer is needed.", version=settings["server_version"])
    if settings["server_encoding"] != "UTF8":
        yield _("The PostgreSQL database is not in UTF8. Make a new one: createdb -E UTF8 -T template0 atrium")


def _sqlite_faults(settings: Mapping[str, str]) -> Iterator[Text]:
    for name, must in SQLITE.items():
        if settings[name] != must:
            yield _("SQLite did not accept %(name)s = %(must)s. Keep the file on a local disk.", name=name, must=must)


def _sqlite_settings(database: Database) -> dict[str, str]:
    with database.reader.connect() as connection:
        return {name: str(connection.exec_driver_sql(f"pragma {name}").scalar()) for name in SQLITE}


def _postgresql_settings(database: Database) -> dict[str, str]:
    names = (*DURABLE, "server_version", "server_version_num", "server_encoding")
    query = text("select name, setting from pg_settings where name = any(:names)")
    with database.reader.connect() as connection:
        return {name: setting for name, setting in connection.execute(query, {"names": list(names)})}
