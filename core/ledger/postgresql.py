"""A booking as one PostgreSQL statement.

    with locked as materialized (select … order by id for no key update), moved as (update core_account …),
         claim_0 as (update loyalty_lot …), insert_1 as (insert into core_receipt …), …
    select 1 / (all conditions hold)::int

Dividing by zero is how a plain statement says "take it all back": SQLSTATE 22012 becomes `Miss`.

The text depends only on the booking's *shape* (which tables, how many rows of each), so that the driver prepares it and
the server keeps its plan. It comes with its own `$1` marks: turning `%s` into them would cost more than all the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

import psycopg
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

from core.ledger.booking import Booking, table_named
from core.types import Add, AtLeast, Claim

FEW = 8
"""Up to this many rows are written as VALUES, which bind fastest; more as one array a column."""

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

Column = tuple[str, str]
"""A column and how it is guarded or changed: 'at_least' or 'is', 'add' or 'set'."""


@dataclass(frozen=True, slots=True)
class _ClaimShape:
    table: str
    guard: tuple[Column, ...]
    changes: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class _InsertShape:
    table: str
    columns: tuple[str, ...]
    rows: int
    """How many rows when they are few, 0 when they come as arrays."""


def execute(connection: Connection, booking: Booking) -> None:
    """Run the booking as one statement on the connection's driver."""
    claims = _grouped(booking.claims)
    inserts = [(_insert_shape(table, rows), rows) for table, rows in booking.groups()]
    sql = _statement(
        bool(booking.deltas),
        tuple(claims),
        inserts=tuple(shape for shape, _rows in inserts),
        stamped=booking.stamps is not None,
    )
    params: list[Any] = []
    if booking.deltas:
        ids = sorted(booking.deltas)
        params += [ids, [booking.deltas[i] for i in ids], len(ids)]
    for shape, group in claims.items():
        params += _claim_params(shape, group)
    for insert, rows in inserts:
        params += _insert_params(insert, rows)
    if booking.stamps is not None:
        params.append(booking.stamps)
    _run(connection, sql, params=params)


def _run(connection: Connection, sql: str, *, params: list[Any]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        psycopg.RawCursor(driver).execute(sql, params)
    except psycopg.errors.IntegrityError as error:
        raise IntegrityError(sql, params, error) from error
    except psycopg.Error as error:
        raise DBAPIError(sql, params, error) from error


# --- parameters, in the order in which the statement numbers them ---------------------------------------------------


def _grouped(claims: Sequence[Claim]) -> dict[_ClaimShape, list[Claim]]:
    """Claims that can share a statement: same table, same guarded and changed columns, in the same ways."""
    groups: dict[_ClaimShape, list[Claim]] = {}
    for claim in claims:
        guard = tuple((c, "at_least" if isinstance(v, AtLeast) else "is") for c, v in claim.guard.items())
        changes = tuple((c, "add" if isinstance(v, Add) else "set") for c, v in claim.changes.items())
        groups.setdefault(_ClaimShape(claim.table, guard, changes), []).append(claim)
    return groups


def _claim_params(shape: _ClaimShape, claims: list[Claim]) -> list[Any]:
    guards = [[_plain(claim.guard[c]) for claim in claims] for c, _how in shape.guard]
    changes = [[_plain(claim.changes[c]) for claim in claims] for c, _how in shape.changes]
    return [[claim.key for claim in claims], *guards, *changes, len(claims)]


def _plain(value: Any) -> Any:
    return value.amount if isinstance(value, Add | AtLeast) else value


def _insert_shape(table: str, rows: list[dict[str, Any]]) -> _InsertShape:
    return _InsertShape(table, tuple(rows[0]), len(rows) if len(rows) <= FEW else 0)


def _insert_params(shape: _InsertShape, rows: list[dict[str, Any]]) -> list[Any]:
    if shape.rows:
        return [row[column] for row in rows for column in shape.columns]
    return [[row[column] for row in rows] for column in shape.columns]


# --- the text ---------------------------------------------------------------------------------------------------------


@dataclass
class _Text:
    """Collects the parts of the statement and numbers its marks."""

    parts: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)
    marks: int = 0

    def mark(self) -> str:
        self.marks += 1
        return f"${self.marks}"


@lru_cache(maxsize=512)
def _statement(
    moves: bool, claims: tuple[_ClaimShape, ...], *, inserts: tuple[_InsertShape, ...], stamped: bool
) -> str:
    text = _Text()
    if moves:
        _add_accounts(text)
    for claim in claims:
        _add_claim(text, claim)
    for insert in inserts:
        _add_insert(text, insert)
    if stamped:
        text.conditions.append(f"(select coalesce(sum(version), 0) from core_stamp) = {text.mark()}::bigint")
    return f"with {', '.join(text.parts)} select 1 / ({' and '.join(text.conditions) or 'true'})::int"


def _add_accounts(text: _Text) -> None:
    ids, amounts, count = text.mark(), text.mark(), text.mark()
    text.parts += [
        "locked as materialized"
        f" (select id from core_account where id = any({ids}::bigint[]) order by id for no key update)",
        "moved as (update core_account a set balance = a.balance + x.v"
        f" from unnest({ids}::bigint[], {amounts}::bigint[]) x(id, v), locked k"
        " where a.id = x.id and k.id = a.id and a.balance is not null returning 1)",
    ]
    text.conditions.append(f"(select count(*) from moved) = {count}::bigint")


def _add_claim(text: _Text, shape: _ClaimShape) -> None:
    number, kinds, keys = len(text.parts), _column_types(shape.table), text.mark()
    columns = (*shape.guard, *shape.changes)
    arrays = [f"{keys}::bigint[]", *(f"{text.mark()}::{kinds[column]}[]" for column, _how in columns)]
    names = ["k", *(f"g{i}" for i in range(len(shape.guard))), *(f"c{i}" for i in range(len(shape.changes)))]
    sets = [f"{c} = t.{c} + x.c{i}" if how == "add" else f"{c} = x.c{i}" for i, (c, how) in enumerate(shape.changes)]
    holds = [
        f" and t.{c} {'>=' if how == 'at_least' else 'is not distinct from'} x.g{i}"
        for i, (c, how) in enumerate(shape.guard)
    ]
    text.parts += [
        f"locked_{number} as materialized"
        f" (select id from {shape.table} where id = any({keys}::bigint[]) order by id for no key update)",
        f"claim_{number} as (update {shape.table} t set {', '.join(sets)}"
        f" from unnest({', '.join(arrays)}) x({', '.join(names)}), locked_{number} l"
        f" where t.id = x.k and l.id = t.id{''.join(holds)} returning 1)",
    ]
    text.conditions.append(f"(select count(*) from claim_{number}) = {text.mark()}::bigint")


def _add_insert(text: _Text, shape: _InsertShape) -> None:
    kinds = _column_types(shape.table)
    if shape.rows:
        row = [f"({', '.join(text.mark() for _column in shape.columns)})" for _row in range(shape.rows)]
        source = f"values {', '.join(row)}"
    else:
        arrays = [f"{text.mark()}::{kinds[column]}[]" for column in shape.columns]
        source = f"select * from unnest({', '.join(arrays)})"
    text.parts.append(f"insert_{len(text.parts)} as (insert into {shape.table} ({', '.join(shape.columns)}) {source})")


@cache
def _column_types(table: str) -> dict[str, str]:
    # Without a length: a cast to varchar(n) would cut silently what the column itself refuses.
    return {c.name: c.type.compile(dialect=_DIALECT).split("(")[0] for c in table_named(table).columns}
