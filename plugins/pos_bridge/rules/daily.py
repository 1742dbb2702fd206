"""A store's day as added up from what arrived. Amounts in minor units, points in points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Paid:
    """What was taken in one way of paying, and given back in it; cash less change."""

    type: str
    taken: int
    returned: int


@dataclass(frozen=True, slots=True)
class Day:
    """`kinds`: kind → count, count with a member, amount (returns and voids below zero). `tills`: code → count, net."""

    kinds: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    paid: tuple[Paid, ...] = ()
    tills: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    points_given: int = 0
    points_taken: int = 0
    conflicts: int = 0
    parked: int = 0

    @property
    def net(self) -> int:
        """Sales less returns and voids."""
        return sum(amount for _count, _members, amount in self.kinds.values())


def signed(kind: str, amount: int) -> int:
    """What a receipt of this kind adds to the day."""
    return amount if kind == "sale" else -amount
