"""Which points are used first: those that expire first, then those earned first."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core import Add, AtLeast, Claim, Fill, Insert, Transfer

FOREVER = date(9999, 12, 31)
"""The expiry of points that never do."""
LOT, USE = "loyalty_lot", "loyalty_lot_use"

Parts = list[tuple[int, int]]
"""Lot id and points."""


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot as it stands; with nothing left when it is one that points may come back to."""

    id: int
    remaining: int
    available_on: date
    expires_on: date
    receipt_id: int | None = None

    def usable(self, on: date) -> bool:
        """Whether its points can be spent on the day."""
        return self.available_on <= on <= self.expires_on


def expiry(earned_on: date, months: int) -> date:
    """The last day of points earned on a day: `months` later, or the month's last day where there is no such day."""
    if months == 0:
        return FOREVER
    year, month = divmod(earned_on.year * 12 + earned_on.month - 1 + months, 12)
    return date(year, month + 1, min(earned_on.day, monthrange(year, month + 1)[1]))


def in_order(lots: Iterable[LotFacts], *, first: int | None = None) -> list[LotFacts]:
    """Nearest expiry first, then oldest; the lots of receipt `first` before all others."""
    return sorted(lots, key=lambda lot: (first is None or lot.receipt_id != first, lot.expires_on, lot.id))


def after(lots: Iterable[LotFacts], accepted: Iterable[Transfer]) -> list[LotFacts]:
    """The lots as they will be once these transfers are written."""
    change: dict[int, int] = {}
    for claim in _changes(accepted):
        change[claim.key] = change.get(claim.key, 0) + _added(claim)
    return [replace(lot, remaining=lot.remaining + change.get(lot.id, 0)) for lot in lots]


def blocked_by(accepted: Sequence[Transfer], lots: Iterable[LotFacts], *, on: date) -> int:
    """How many more points these transfers put where they cannot be spent on the day; below zero where they take."""
    waiting = {lot.id for lot in lots if not lot.usable(on)}
    new = [row.values for transfer in accepted for row in transfer.inserts if row.table == LOT]
    put = sum(int(row["remaining"]) for row in new if not row["available_on"] <= on <= row["expires_on"])
    return put + sum(_added(claim) for claim in _changes(accepted) if claim.key in waiting)


def _changes(accepted: Iterable[Transfer]) -> Iterable[Claim]:
    return (claim for transfer in accepted for claim in transfer.claims if claim.table == LOT)


def _added(claim: Claim) -> int:
    change = claim.changes["remaining"]
    return change.amount if isinstance(change, Add) else 0


def take(lots: Iterable[LotFacts], points: int) -> Parts:
    """Take up to `points` from lots in this order."""
    taken = []
    for lot in lots:
        part = min(points, lot.remaining)
        if part > 0:
            taken.append((lot.id, part))
            points -= part
    return taken


def give_back(uses: Sequence[tuple[int, int]], points: int) -> Parts:
    """Return up to `points` to the lots they were taken from, last taken first."""
    back = []
    for lot_id, used in reversed(uses):
        part = min(points, used)
        if part > 0:
            back.append((lot_id, part))
            points -= part
    return back


def split(parts: Parts, points: int) -> tuple[Parts, Parts]:
    """The first `points` of the parts, and the rest."""
    mine, rest = [], []
    for lot_id, part in parts:
        now = min(part, points)
        if now:
            mine.append((lot_id, now))
        if part > now:
            rest.append((lot_id, part - now))
        points -= now
    return mine, rest


def claims(parts: Iterable[tuple[int, int]]) -> tuple[Claim, ...]:
    """The changes that take these points from their lots, as long as they are still there."""
    return tuple(
        Claim(LOT, lot_id, guard={"remaining": AtLeast(part)}, changes={"remaining": Add(-part)})
        for lot_id, part in parts
    )


def returns(parts: Iterable[tuple[int, int]]) -> tuple[Claim, ...]:
    """The changes that put these points back into their lots."""
    return tuple(Claim(LOT, lot_id, guard={}, changes={"remaining": Add(part)}) for lot_id, part in parts)


def uses(parts: Iterable[tuple[int, int]], *, receipt_id: int | Fill | None, sign: int = 1) -> tuple[Insert, ...]:
    """The rows that remember it."""
    return tuple(
        Insert(
            USE,
            {
                "id": Fill.NEW_ID,
                "lot_id": lot_id,
                "entry_id": Fill.ENTRY_ID,
                "receipt_id": receipt_id,
                "points": sign * part,
            },
        )
        for lot_id, part in parts
    )
