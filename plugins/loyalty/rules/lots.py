"""Which points are used first: those that expire first, then those earned first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from core import Add, AtLeast, Claim, Fill, Insert

FOREVER = date(9999, 12, 31)
"""The expiry of points that never do."""


@dataclass(frozen=True, slots=True)
class LotFacts:
    """A lot with points left."""

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
    for day in range(earned_on.day, 27, -1):
        if _exists(year, month + 1, day):
            return date(year, month + 1, day)
    return date(year, month + 1, min(earned_on.day, 28))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def in_order(lots: Iterable[LotFacts], *, first: int | None = None) -> list[LotFacts]:
    """Nearest expiry first, then oldest; the lots of receipt `first` before all others."""
    return sorted(lots, key=lambda lot: (first is None or lot.receipt_id != first, lot.expires_on, lot.id))


def take(lots: Sequence[LotFacts], points: int) -> list[tuple[int, int]]:
    """Take up to `points` from lots in this order: (lot id, points) pairs."""
    taken = []
    for lot in lots:
        part = min(points, lot.remaining)
        if part:
            taken.append((lot.id, part))
            points -= part
    return taken


def give_back(uses: Sequence[tuple[int, int]], points: int) -> list[tuple[int, int]]:
    """Return up to `points` to the lots they were taken from, last taken first: (lot id, points) pairs."""
    back = []
    for lot_id, used in reversed(uses):
        part = min(points, used)
        if part > 0:
            back.append((lot_id, part))
            points -= part
    return back


def claims(parts: Iterable[tuple[int, int]]) -> tuple[Claim, ...]:
    """The changes that take these points from their lots, as long as they are still there."""
    return tuple(
        Claim("loyalty_lot", lot_id, guard={"remaining": AtLeast(part)}, changes={"remaining": Add(-part)})
        for lot_id, part in parts
    )


def returns(parts: Iterable[tuple[int, int]]) -> tuple[Claim, ...]:
    """The changes that put these points back into their lots."""
    return tuple(Claim("loyalty_lot", lot_id, guard={}, changes={"remaining": Add(part)}) for lot_id, part in parts)


def uses(parts: Iterable[tuple[int, int]], *, receipt_id: int | Fill | None, sign: int = 1) -> tuple[Insert, ...]:
    """The rows that remember it."""
    return tuple(
        Insert(
            "loyalty_lot_use",
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
