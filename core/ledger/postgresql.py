"""A booking as one PostgreSQL statement.

    with locked as materialized (select … order by id for no key update), moved as (update core_account …),
         insert_0 as (insert into core_receipt … select * from unnest(…)), …, claim_0 as (update loyalty_lot …)
    select 1 / (all conditions hold)::int

Dividing by zero is how a plain statement says "take it all back": SQLSTATE 22012 becomes `Miss`.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from psycopg import errors as pg_errors
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.ledger.booking import Booking, table_named
from core.types import Add, AtLeast, Claim

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def execute(connection: Connection, booking: Booking) -> None:
    """Run the booking as one statement on the connection's driver, which prepares it when it comes again."""
    parts: list[str] = []
    conditions: list[str] = []
    params: list[Any] = []
    if booking.deltas:
        _accounts(booking, parts, conditions, params)
    for (table, guard, changes), claims in _shapes(booking.claims).items():
        _claims(table, guard, changes, claims, parts=parts, conditions=conditions, params=params)
    for table, rows in booking.rows.items():
        columns = tuple(rows[0])
        parts.append(f"insert_{len(parts)} as ({_insert_sql(table, columns)})")
        params.extend([row[column] for row in rows] for column in columns)
    if booking.stamps is not None:
        conditions.append("(select coalesce(sum(version), 0) from core_stamp) = %s")
        params.append(booking.stamps)
    outcome = " and ".join(conditions) or "true"
    _run(connection, f"with {', '.join(parts)} select 1 / ({outcome})::int", params)


def _run(connection: Connection, sql: str, params: list[Any]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(sql, params)
    except pg_errors.IntegrityError as error:
        raise IntegrityError(sql, params, error) from error
    except pg_errors.Error as error:
        raise DBAPIError(sql, params, error) from error


def _accounts(booking: Booking, parts: list[str], conditions: list[str], params: list[Any]) -> None:
    ids = sorted(booking.deltas)
    parts.append(
        "locked as materialized"
        " (select id from core_account where id = any(%s::bigint[]) order by id for no key update)"
    )
    parts.append(
        "moved as (update core_account a set balance = a.balance + x.v"
        " from unnest(%s::bigint[], %s::bigint[]) x(id, v), locked k"
        " where a.id = x.id and k.id = a.id and a.balance is not null returning 1)"
    )
    params.extend((ids, ids, [booking.deltas[i] for i in ids]))
    conditions.append(f"(select count(*) from moved) = {len(ids)}")


Shape = tuple[str, tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]


def _shapes(claims: list[Claim]) -> dict[Shape, list[Claim]]:
    """Claims that can share a statement: same table, same guarded and changed columns, in the same ways."""
    groups: dict[Shape, list[Claim]] = {}
    for claim in claims:
        guard = tuple(
            (column, type(value).__name__ if isinstance(value, AtLeast) else "is")
            for column, value in claim.guard.items()
        )
        changes = tuple((column, "add" if isinstance(value, Add) else "set") for column, value in claim.changes.items())
        groups.setdefault((claim.table, guard, changes), []).append(claim)
    return groups


def _claims(
    table: str,
    guard: tuple[tuple[str, str], ...],
    changes: tuple[tuple[str, str], ...],
    claims: list[Claim],
    *,
    parts: list[str],
    conditions: list[str],
    params: list[Any],
) -> None:
    number = len(parts)
    kinds = _column_types(table)
    names = [f"g{i}" for i in range(len(guard))] + [f"c{i}" for i in range(len(changes))]
    casts = [f"%s::{kinds[column]}[]" for column, _how in (*guard, *changes)]
    sets = ", ".join(
        f"{column} = t.{column} + x.c{i}" if how == "add" else f"{column} = x.c{i}"
        for i, (column, how) in enumerate(changes)
    )
    holds = "".join(
        f" and t.{column} {'>=' if how == 'AtLeast' else 'is not distinct from'} x.g{i}"
        for i, (column, how) in enumerate(guard)
    )
    parts.append(
        f"locked_{number} as materialized"
        f" (select id from {table} where id = any(%s::bigint[]) order by id for no key update)"
    )
    parts.append(
        f"claim_{number} as (update {table} t set {sets}"
        f" from unnest(%s::bigint[], {', '.join(casts)}) x({', '.join(['k', *names])}), locked_{number} l"
        f" where t.id = x.k and l.id = t.id{holds} returning 1)"
    )
    keys = [claim.key for claim in claims]
    columns = [[_plain(claim.guard[c]) for claim in claims] for c, _how in guard]
    columns += [[_plain(claim.changes[c]) for claim in claims] for c, _how in changes]
    params.extend((keys, keys, *columns))
    conditions.append(f"(select count(*) from claim_{number}) = {len(claims)}")


def _plain(value: Any) -> Any:
    return value.amount if isinstance(value, Add | AtLeast) else value


@cache
def _insert_sql(table: str, columns: tuple[str, ...]) -> str:
    kinds = _column_types(table)
    casts = ", ".join(f"%s::{kinds[column]}[]" for column in columns)
    return f"insert into {table} ({', '.join(columns)}) select * from unnest({casts}) returning 1"


@cache
def _column_types(table: str) -> dict[str, str]:
    # Without a length: a cast to varchar(n) would cut silently what the column itself refuses.
    return {c.name: c.type.compile(dialect=_DIALECT).split("(")[0] for c in table_named(table).columns}
