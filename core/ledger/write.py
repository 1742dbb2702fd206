"""The one writer of the books: a `Booking` becomes rows, all of it or nothing.

On PostgreSQL it is one statement of data-modifying CTEs, so that it costs one round trip and commits by itself; on
SQLite a short series of statements in the caller's transaction. Account and claimed rows are locked in id order, since
two batches on the same accounts must never wait for each other in a circle. A condition that fails raises `Miss`.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.db import Database
from core.errors import BrokenPlugin, Miss
from core.ledger import postgresql, sqlite
from core.ledger.booking import Booking

FLOOR = "ck_core_account_floor"

_MISSES = ("22012", "40P01", "40001")
"""Our own division by zero, and PostgreSQL breaking a tie between transactions."""
_UNFIT = (psycopg.DataError, psycopg.ProgrammingError, sqlite3.DataError, sqlite3.ProgrammingError, OverflowError)
"""Values of a wrong type or size, and columns that are not there: a row that only a plugin can have proposed."""


def write(connection: Connection, booking: Booking) -> None:
    """Write all of `booking` on `connection`; raises `Miss` when someone was faster, leaving nothing behind.

    On PostgreSQL outside a transaction the statement is its own; inside one, and on SQLite, the caller rolls back.
    """
    execute = sqlite.execute if connection.dialect.name == "sqlite" else postgresql.execute
    try:
        execute(connection, booking)
    except IntegrityError as error:
        raise _what_it_means(error) from error
    except DBAPIError as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _MISSES:
            raise Miss("condition") from error
        if isinstance(error.orig, _UNFIT):
            raise BrokenPlugin(because=f"a proposed row does not fit: {error.orig}") from error
        raise


def _what_it_means(error: IntegrityError) -> Exception:
    name = constraint_of(error)
    if name == FLOOR or _is_unique(error):
        return Miss(name)
    return BrokenPlugin(because=f"a proposed row breaks {name}")


def constraint_of(error: IntegrityError) -> str:
    """The name of the violated constraint (PostgreSQL), or SQLite's sentence about it."""
    diagnosis: Any = getattr(error.orig, "diag", None)
    if diagnosis is not None and diagnosis.constraint_name:
        return str(diagnosis.constraint_name)
    sentence = str(error.orig)
    return FLOOR if FLOOR in sentence else sentence


def _is_unique(error: IntegrityError) -> bool:
    return getattr(error.orig, "sqlstate", "") == "23505" or "UNIQUE constraint" in str(error.orig)


def commit(database: Database, booking: Booking) -> None:
    """Write `booking` in a transaction of its own."""
    if database.is_sqlite:
        with database.writer.begin() as connection:
            write(connection, booking)
    else:
        with database.direct.connect() as connection:
            write(connection, booking)
