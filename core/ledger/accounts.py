"""Which account a reference means: known, remembered, or opened with its first posting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import insert, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from core import ids, reading
from core.db import Database
from core.ledger.booking import Booking
from core.models.ledger import Account, Unsealed
from core.types import AccountRef

_ACCOUNT = Account.__table__
_UNSEALED = Unsealed.__table__


Draw = Callable[[int], list[int]]
"""Where ids come from: a unit of work must draw its own, see `ids.draw_within`."""


class Accounts:
    """Resolves references to ids for one booking. A kept account that is not there yet is opened by the booking."""

    def __init__(
        self, database: Database, mall_id: int, known: Mapping[AccountRef, int], draw: Draw | None = None
    ) -> None:
        self._database = database
        self._draw = draw or partial(ids.draw, database)
        self._mall_id = mall_id
        self._known = dict(known)
        self._opened: dict[int, dict[str, Any]] = {}

    def prepare(self, refs: Iterable[AccountRef]) -> None:
        """Make sure that accounts without a balance exist, once per account and process; find kept ones not known."""
        refs = set(refs)
        if unknown := {ref for ref in refs if ref.kept and ref not in self._known}:
            with reading.reader(self._database) as connection:
                self._known.update(find(connection, unknown))
        fixed: dict[AccountRef, int] = self._database.memory.setdefault("fixed_accounts", {})
        missing = sorted({ref for ref in refs if not ref.kept and ref not in fixed}, key=str)
        if missing:
            fixed.update(
                open_fixed(self._database, [_row(self.draw(), self._mall_id, ref=ref) for ref in missing], refs=missing)
            )

    def prepare_within(self, connection: Connection, refs: Iterable[AccountRef]) -> None:
        """The same in the caller's transaction; not remembered, since that may still be rolled back."""
        missing = [ref for ref in refs if not ref.kept and ref not in self._known]
        if missing:
            rows = [_row(self.draw(), self._mall_id, ref=ref) for ref in missing]
            self._known.update(_open(connection, rows, refs=missing))

    def draw(self) -> int:
        """An id for an entry."""
        return self._draw(1)[0]

    def post(self, booking: Booking, ref: AccountRef, *, amount: int) -> int:
        """Count `amount` into the account and return its id."""
        if not ref.kept:
            return self._known.get(ref) or int(self._database.memory["fixed_accounts"][ref])
        if ref in self._known:
            account_id = self._known[ref]
            if account_id in self._opened:
                self._opened[account_id]["balance"] += amount
            else:
                booking.move(account_id, amount)
            return account_id
        row = _row(self.draw(), self._mall_id, ref=ref)
        self._known[ref], self._opened[row["id"]] = row["id"], row
        row["balance"] = amount
        booking.rows.setdefault(Account.__tablename__, []).append(row)
        booking.insert(Unsealed, kind="account", id=row["id"])
        return int(row["id"])


def _row(account_id: int, mall_id: int, *, ref: AccountRef) -> dict[str, Any]:
    return {
        "id": account_id,
        "mall_id": mall_id,
        "name": ref.name,
        "owner": ref.owner,
        "owner_id": ref.owner_id,
        "unit": ref.unit,
        "floor": ref.floor if ref.kept else None,
        "balance": 0 if ref.kept else None,
    }


def open_fixed(database: Database, rows: list[dict[str, Any]], *, refs: list[AccountRef]) -> dict[AccountRef, int]:
    """Make those accounts that are not there, in a transaction of its own; returns the ids of all."""
    with database.writer.begin() as connection:
        return _open(connection, rows, refs=refs)


def _open(connection: Connection, rows: list[dict[str, Any]], *, refs: list[AccountRef]) -> dict[AccountRef, int]:
    dialect: Any = sqlite if connection.dialect.name == "sqlite" else postgresql
    missing = dialect.insert(_ACCOUNT).on_conflict_do_nothing().returning(_ACCOUNT.c.id)
    opened = [{"kind": "account", "id": account_id} for account_id in connection.execute(missing, rows).scalars()]
    if opened:
        connection.execute(insert(_UNSEALED), opened)
    return find(connection, refs)


def find(connection: Connection, refs: Iterable[AccountRef]) -> dict[AccountRef, int]:
    """The ids of those accounts that exist."""
    by_key = {(ref.owner_id, ref.owner, ref.name, ref.unit): ref for ref in refs}
    c = _ACCOUNT.c
    query = select(c.id, c.owner_id, c.owner, c.name, c.unit).where(
        tuple_(c.owner_id, c.owner, c.name, c.unit).in_(list(by_key))
    )
    return {by_key[row.owner_id, row.owner, row.name, row.unit]: row.id for row in connection.execute(query)}
