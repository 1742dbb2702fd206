"""What plugins propose: transfers with the rows that belong to them, offers, and words for the till."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from core.i18n import Text

LIMIT = 10**15
"""No amount of money or points is larger than this, in either direction."""


@dataclass(frozen=True, slots=True)
class AccountRef:
    """A ledger account by what it is for. `owner` is 'member', 'store', 'mall' or a plugin's own noun.

    Member and card accounts keep a running balance with a floor; store and mall accounts keep none,
    since a row that every receipt touches would queue the whole mall behind it.
    """

    name: str
    owner: str
    owner_id: int
    unit: str
    floor: int | None = 0

    @property
    def kept(self) -> bool:
        """Whether the account has a balance row."""
        return self.owner not in ("store", "mall")

    def __str__(self) -> str:
        return f"{self.name}:{self.owner_id}"


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of an explanation: a sentence to be translated, and the figures behind it."""

    text: Text
    line: int | None = None
    rule: str | None = None


class Fill(Enum):
    """Stands in an `Insert` for an id that the core draws when it writes."""

    NEW_ID = "new_id"
    ENTRY_ID = "entry_id"
    RECEIPT_ID = "receipt_id"


@dataclass(frozen=True, slots=True)
class Insert:
    """A new row in a table of the plugin's own. Values may be `Fill` members."""

    table: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Add:
    """A change of a column by an amount, instead of to a value."""

    amount: int


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A guard: the column's value before the change must reach this."""

    amount: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A conditional change of one row of the plugin's own: `key` finds it, `guard` must hold, `changes` are made.

    When the guard does not hold, someone was faster: nothing of the receipt is written and it is decided again.
    """

    table: str
    key: int
    guard: Mapping[str, Any]
    changes: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Transfer:
    """A proposal to move `amount` (> 0) of one unit from one account to another, with what belongs to it.

    `kind` names the entry (`loyalty.earn`), `key` tells several of a kind on one receipt apart, `rule` is the
    rule's id and version, `tender` the index of the tender that this transfer pays.
    """

    kind: str
    source: AccountRef
    target: AccountRef
    amount: int
    rule: str = ""
    key: str = ""
    reasons: tuple[Reason, ...] = ()
    inserts: tuple[Insert, ...] = ()
    claims: tuple[Claim, ...] = ()
    tender: int | None = None

    @property
    def plugin(self) -> str:
        """Whose it is: kinds begin with the plugin's name."""
        return self.kind.partition(".")[0]


@dataclass(frozen=True, slots=True)
class Offer:
    """A proposal to take `amount` (minor units) off the named lines, or off the whole basket when none are named.

    The core sorts by (priority, plugin, id), applies one after the other and shares out to the cent.
    Of one exclusive `group` only the first that gives anything applies.
    """

    id: str
    title: Text
    amount: int
    rule: str = ""
    lines: tuple[int, ...] = ()
    priority: int = 100
    group: str = ""
    reasons: tuple[Reason, ...] = ()
    inserts: tuple[Insert, ...] = ()
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Tell:
    """Something for the till's answer: `values` are merged into `section` ('member', 'points', 'gift_cards')."""

    section: str
    values: Mapping[str, Any]
