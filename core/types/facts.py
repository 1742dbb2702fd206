"""What the rules see: frozen facts around one receipt. No personal data beyond the name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from core.types.proposals import AccountRef, Transfer
from core.types.receipts import Line, Receipt, ReceiptKey, Tender


class Place(NamedTuple):
    """A mall (`store_id` 0) or one of its stores."""

    mall_id: int
    store_id: int = 0


@dataclass(frozen=True, slots=True)
class MallFacts:
    """The mall as the rules see it. `zone` is an IANA name, `locale` the language of what tills print."""

    id: int
    code: str
    name: str
    currency: str
    zone: str
    locale: str


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """The store as the rules see it."""

    id: int
    mall_id: int
    code: str
    name: str
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class TillFacts:
    """A till with the clock skew it is allowed: hours into the future, days into the past."""

    id: int
    mall_id: int
    store_id: int
    code: str
    state: str
    max_future_hours: int
    max_past_days: int


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """The member as the rules see it; no personal data beyond the name."""

    id: int
    name: str
    masked_phone: str
    status: str
    joined_on: date


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of an earlier sale with what was taken back of it since (minor units and decimal text)."""

    line: Line
    returned: int
    returned_qty: str


@dataclass(frozen=True, slots=True)
class Original:
    """The sale that a return or void points at: what was sold, what came back before, and what was booked for it."""

    id: int
    key: ReceiptKey
    happened_at: datetime
    total: int
    member_id: int | None
    lines: tuple[Sold, ...]
    tenders: tuple[Tender, ...]
    returns: int


@dataclass(frozen=True, slots=True)
class Visit:
    """One receipt of a batch as `receipt_facts` sees it. `returning` is what comes back, matched to sold lines."""

    receipt_id: int
    mall: MallFacts
    store: StoreFacts
    receipt: Receipt
    member: MemberFacts | None
    original: Original | None = None
    returning: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a pure receipt hook is given: one receipt, what is known around it, and what the plugin itself read.

    `own` is what this plugin's `receipt_facts` returned for this receipt; `settings` are this plugin's, for this
    store; `balances` holds the member's kept accounts, with the receipts before it in the batch already counted.
    """

    now: datetime
    today: date
    mall: MallFacts
    store: StoreFacts
    receipt: Receipt
    receipt_id: int
    member: MemberFacts | None
    original: Original | None
    balances: Mapping[AccountRef, int]
    settings: Mapping[str, Any]
    own: Any
    returning: tuple[Line, ...] = ()
    """On a return or void: what comes back, each with the `original_line` it was matched to."""
    accepted: tuple[Transfer, ...] = ()
    """What this plugin proposed for the member and the core took, but has not written yet: of this receipt so far, and
    of those before it in the batch. What the plugin read knows nothing of it."""
