"""Balances of accounts that keep none: what moved per account and business day, added up from sealed entries.

Stores' and the mall's accounts have no balance row, since every receipt would queue behind it. Their balance is the
sum of the roll-ups and of the entries not yet rolled up, in one statement and so at one moment.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CompoundSelect, Select, delete, distinct, func, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from core.db import Database
from core.models.ledger import Account, Entry, Posting, RollUp, Seal, Unsealed
from core.models.setting import Sequence

WATERMARK = "rollup.watermark"
TURN = 0x726F6C6C7570  # "rollup": the advisory lock of whoever rolls up
STEP = 20_000
"""How many sealed records one transaction rolls up."""

_ACCOUNTS = Account.__table__
_ENTRIES = Entry.__table__
_POSTINGS = Posting.__table__
_ROLLUPS = RollUp.__table__
_SEALS = Seal.__table__
_UNSEALED = Unsealed.__table__
_SEQUENCE = Sequence.__table__


def roll_up(database: Database, *, step: int = STEP) -> int:
    """Add what was sealed since the last time; returns how many sealed records that were, 0 when there were none.

    The watermark moves in the same transaction: whatever stops it, nothing is counted twice or left out.
    """
    total = 0
    while done := _roll_step(database, step):
        total += done
    return total


def balance_of(connection: Connection, account_id: int) -> int:
    """The balance of an account that keeps none, to the last committed entry, in its unit. One statement."""
    return balances_of(connection, [account_id]).get(account_id, 0)


def balances_of(connection: Connection, account_ids: list[int]) -> dict[int, int]:
    """The balances of several accounts that keep none; one on which nothing ever moved is not in the answer."""
    tail = _tail().subquery("tail")
    moved = union_all(
        select(_ROLLUPS.c.account_id, _ROLLUPS.c.amount).where(_ROLLUPS.c.account_id.in_(account_ids)),
        select(_POSTINGS.c.account_id, _POSTINGS.c.amount)
        .join(tail, tail.c.record_id == _POSTINGS.c.entry_id)
        .where(_POSTINGS.c.account_id.in_(account_ids)),
    ).subquery("moved")
    sums = select(moved.c.account_id, func.sum(moved.c.amount)).group_by(moved.c.account_id)
    return {account_id: int(amount) for account_id, amount in connection.execute(sums).all()}


def rebuild(database: Database) -> int:
    """Forget every roll-up and make them anew, in one transaction; returns how many sealed records went in."""
    with database.writer.begin() as connection:
        _take_turn(database, connection)
        before = _watermark(connection)
        connection.execute(delete(_ROLLUPS))
        last = connection.execute(select(func.max(_SEALS.c.seq))).scalar() or 0
        _add(database, connection, after=0, until=last)
        _move(database, connection, until=max(last, before))
        return last


def recomputed(connection: Connection) -> dict[tuple[int, Any], tuple[int, int]]:
    """What the roll-ups should hold: (account, business date) → (amount, entries), from everything rolled up."""
    mark = _watermark(connection)
    rows = connection.execute(_sums(after=0, until=mark)).all()
    return {(row.account_id, row.business_date): (int(row.amount), int(row.entries)) for row in rows}


def differing(connection: Connection) -> list[Any]:
    """Roll-ups that are not what the sealed entries give.

    Rows of account_id, business_date, unit, and of what their `amount` and `entries` lack (negative: have too much).
    """
    made = _sums(after=0, until=_watermark(connection)).subquery("made")
    names = ("account_id", "business_date", "unit")
    stored = [_ROLLUPS.c[name] for name in names]
    both = union_all(
        select(*(made.c[name] for name in names), made.c.amount, made.c.entries),
        select(*stored, -_ROLLUPS.c.amount, -_ROLLUPS.c.entries),
    ).subquery("both")
    keys, amount, entries = [both.c[name] for name in names], func.sum(both.c.amount), func.sum(both.c.entries)
    query = select(*keys, amount.label("amount"), entries.label("entries")).group_by(*keys).order_by(*keys)
    return list(connection.execute(query.having(or_(amount != 0, entries != 0))))


# --- steps --------------------------------------------------------------------------------------------------------


def _roll_step(database: Database, step: int) -> int:
    with database.reader.connect() as connection:  # when there is nothing to do, nobody waits for a lock
        if not _reach(connection, step):
            return 0
    with database.writer.begin() as connection:
        _take_turn(database, connection)
        after = _watermark(connection)
        until = _reach(connection, step)
        if not until:
            return 0
        _add(database, connection, after=after, until=until)
        _move(database, connection, until=until)
        return until - after


def _take_turn(database: Database, connection: Connection) -> None:
    if not database.is_sqlite:
        connection.execute(select(func.pg_advisory_xact_lock(TURN)))


def _watermark(connection: Connection) -> int:
    found = connection.execute(select(_SEQUENCE.c.next_value).where(_SEQUENCE.c.name == WATERMARK)).scalar()
    return int(found or 0)


def _reach(connection: Connection, step: int) -> int:
    """How far the next step goes: the seq it ends with, 0 when nothing is new."""
    mark = _watermark(connection)
    following = select(func.max(_SEALS.c.seq)).where(_SEALS.c.seq > mark, _SEALS.c.seq <= mark + step)
    return int(connection.execute(following).scalar() or 0)


def _move(database: Database, connection: Connection, *, until: int) -> None:
    dialect: Any = sqlite if database.is_sqlite else postgresql
    row = dialect.insert(_SEQUENCE).values(name=WATERMARK, next_value=until)
    connection.execute(row.on_conflict_do_update(index_elements=["name"], set_={"next_value": until}))


def _add(database: Database, connection: Connection, *, after: int, until: int) -> None:
    dialect: Any = sqlite if database.is_sqlite else postgresql
    names = ["account_id", "business_date", "mall_id", "unit", "amount", "entries"]
    row = dialect.insert(_ROLLUPS).from_select(names, _sums(after=after, until=until))
    sums = {name: _ROLLUPS.c[name] + row.excluded[name] for name in ("amount", "entries")}
    connection.execute(row.on_conflict_do_update(index_elements=["account_id", "business_date"], set_=sums))


def _sums(*, after: int, until: int) -> Select[Any]:
    """What sealed entries with `after` < seq ≤ `until` moved on accounts that keep no balance."""
    sealed = (_SEALS.c.kind == "entry", _SEALS.c.seq > after, _SEALS.c.seq <= until)
    date = _ENTRIES.c.business_date
    return (
        select(
            _POSTINGS.c.account_id,
            date,
            _ACCOUNTS.c.mall_id,
            _ACCOUNTS.c.unit,
            func.sum(_POSTINGS.c.amount).label("amount"),
            func.count(distinct(_POSTINGS.c.entry_id)).label("entries"),
        )
        .select_from(_SEALS)
        .join(_ENTRIES, _ENTRIES.c.id == _SEALS.c.record_id)
        .join(_POSTINGS, _POSTINGS.c.entry_id == _ENTRIES.c.id)
        .join(_ACCOUNTS, _ACCOUNTS.c.id == _POSTINGS.c.account_id)
        .where(*sealed, _ACCOUNTS.c.balance.is_(None))
        .group_by(_POSTINGS.c.account_id, date, _ACCOUNTS.c.mall_id, _ACCOUNTS.c.unit)
    )


def _tail() -> CompoundSelect[Any]:
    """The entries that are not rolled up: sealed since, and those that wait for their seal."""
    mark = select(_SEQUENCE.c.next_value).where(_SEQUENCE.c.name == WATERMARK).scalar_subquery()
    since = _SEALS.c.seq > func.coalesce(mark, 0)
    return union_all(
        select(_SEALS.c.record_id).where(_SEALS.c.kind == "entry", since),
        select(_UNSEALED.c.id).where(_UNSEALED.c.kind == "entry"),
    )
