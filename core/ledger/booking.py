"""What one conditional write does, as data: rows to insert, balances to move, rows to claim, stamps that must hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

from core.db import Model
from core.errors import BrokenPlugin
from core.types import Add, AtLeast, Claim


@dataclass
class Booking:
    """Everything that is written together or not at all.

    `deltas` maps ids of kept accounts to what their balance gains; `claims` are conditional changes of plugins' rows;
    `stamps` is the sum of all stamps' versions that the decision rests on, or None when it rests on none.
    """

    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    deltas: dict[int, int] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    stamps: int | None = None

    def insert(self, model: type[Model], **values: Any) -> None:
        """Add a row of a core table."""
        self.insert_into(model.__tablename__, values)

    def insert_into(self, table: str, values: Mapping[str, Any]) -> None:
        """Add a row of any table."""
        self.rows.setdefault(table, []).append(dict(values))

    def groups(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """The rows to insert, together where table and columns are the same."""
        for table, rows in self.rows.items():
            by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
            for row in rows:
                by_columns.setdefault(tuple(row), []).append(row)
            for group in by_columns.values():
                yield table, group

    def move(self, account_id: int, amount: int) -> None:
        """Let the balance of a kept account gain `amount`."""
        self.deltas[account_id] = self.deltas.get(account_id, 0) + amount

    def claim(self, claim: Claim) -> None:
        """Add a conditional change. Two on the same row become one, which is only possible when both add."""
        for place, other in enumerate(self.claims):
            if (other.table, other.key) == (claim.table, claim.key):
                self.claims[place] = _merged(other, claim)
                return
        self.claims.append(claim)


def _merged(one: Claim, two: Claim) -> Claim:
    """Both changes at once: what they add up to, guarded so that it does not fall below zero."""
    columns = set(one.changes) | set(two.changes) | set(one.guard) | set(two.guard)
    values = [*one.changes.values(), *two.changes.values()]
    if len(columns) != 1 or not all(isinstance(value, Add) for value in values):
        raise BrokenPlugin(because=f"two different claims on one row of {one.table}")
    (column,), total = columns, sum(value.amount for value in values)
    return Claim(one.table, one.key, guard={column: AtLeast(-total)} if total < 0 else {}, changes={column: Add(total)})


def table_named(name: str) -> Table:
    """The table of that name, among all that are installed."""
    found: Table = Model.metadata.tables[name]
    return found
