"""A booking as a short series of SQLite statements, inside the caller's `BEGIN IMMEDIATE`."""

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.errors import Miss
from core.ledger.booking import Booking
from core.types import Add, AtLeast, Claim


def execute(connection: Connection, booking: Booking) -> None:
    """Run the booking; raises `Miss` at the first condition that does not hold."""
    driver: Any = connection.connection.driver_connection
    try:
        if booking.stamps is not None:
            _expect(driver.execute("select coalesce(sum(version), 0) from core_stamp").fetchone()[0] == booking.stamps)
        for account_id in sorted(booking.deltas):
            moved = driver.execute(
                "update core_account set balance = balance + ? where id = ? and balance is not null",
                (booking.deltas[account_id], account_id),
            )
            _expect(moved.rowcount == 1)
        for claim in booking.claims:
            _claim(driver, claim)
        for table, rows in booking.groups():
            columns = tuple(rows[0])
            driver.executemany(_insert_sql(table, columns), [[_stored(row[c]) for c in columns] for row in rows])
    except sqlite3.IntegrityError as error:
        raise IntegrityError("booking", None, error) from error
    except (sqlite3.Error, OverflowError) as error:
        raise DBAPIError("booking", None, error) from error


def _expect(holds: bool) -> None:
    if not holds:
        raise Miss("condition")


def _claim(driver: Any, claim: Claim) -> None:
    sets, params = [], []
    for column, change in claim.changes.items():
        sets.append(f"{column} = {column} + ?" if isinstance(change, Add) else f"{column} = ?")
        params.append(change.amount if isinstance(change, Add) else _stored(change))
    holds = ["id = ?"]
    params.append(claim.key)
    for column, guard in claim.guard.items():
        holds.append(f"{column} >= ?" if isinstance(guard, AtLeast) else f"{column} is ?")
        params.append(guard.amount if isinstance(guard, AtLeast) else _stored(guard))
    done = driver.execute(f"update {claim.table} set {', '.join(sets)} where {' and '.join(holds)}", params)  # noqa: S608
    _expect(done.rowcount == 1)


@cache
def _insert_sql(table: str, columns: tuple[str, ...]) -> str:
    return f"insert into {table} ({', '.join(columns)}) values ({', '.join('?' * len(columns))})"  # noqa: S608


def _stored(value: Any) -> Any:
    """The same form in which SQLAlchemy stores times, so that both writers' rows compare and sort alike."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value
