"""A till's day: its own totals beside what arrived, and what differs. Pure; amounts in minor units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

KINDS = ("sales", "returns", "voids")


@dataclass(frozen=True, slots=True)
class Count:
    """How many receipts of a kind, and their totals added up (never negative)."""

    count: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """One side's view of a day. `tenders` is net of returns and change, by type; None when the till does not say."""

    sales: Count = Count()
    returns: Count = Count()
    voids: Count = Count()
    tenders: Mapping[str, int] | None = field(default=None)

    @property
    def receipts(self) -> int:
        """How many receipts of all kinds."""
        return self.sales.count + self.returns.count + self.voids.count

    @property
    def net(self) -> int:
        """Sales less returns and voids."""
        return self.sales.total - self.returns.total - self.voids.total


def compare(said: Totals, arrived: Totals) -> dict[str, Any]:
    """Both sides and the differences, the till's figure less ours; what is equal is left out."""
    differences = {kind: found for kind in KINDS if (found := _apart(getattr(said, kind), getattr(arrived, kind)))}
    if said.tenders is not None:
        ours, theirs = arrived.tenders or {}, said.tenders
        apart = {name: theirs.get(name, 0) - ours.get(name, 0) for name in sorted({*ours, *theirs})}
        if apart := {name: amount for name, amount in apart.items() if amount}:
            differences["tenders"] = apart
    return {"agrees": not differences, "said": plain(said), "arrived": plain(arrived), "differences": differences}


def plain(totals: Totals) -> dict[str, Any]:
    """The totals as JSON holds them."""
    made = asdict(totals)
    if totals.tenders is None:
        del made["tenders"]
    else:
        made["tenders"] = dict(sorted(totals.tenders.items()))
    return made


def _apart(said: Count, arrived: Count) -> dict[str, int]:
    if said == arrived:
        return {}
    return {"count": said.count - arrived.count, "total": said.total - arrived.total}
