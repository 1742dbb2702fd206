"""The values that cross the border between core, plugins and tills: frozen, typed, without behaviour of their own.

Money is an integer of minor units (fen, cents) beside a currency code; points are integers of a programme's unit.
A quantity is a decimal text, since it is information and never calculated with. Times carry a zone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Literal

from core.i18n import Text

LIMIT = 10**15
"""No amount of money or points is larger than this, in either direction."""

ReceiptKind = Literal["sale", "return", "void"]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a receipt. `amount` (minor units, never negative) decides; price and quantity are information."""

    line: int
    sku: str
    name: str
    amount: int
    qty: str = "1"
    unit_price: int = 0
    discount: int = 0
    category: str | None = None
    original_line: int | None = None


@dataclass(frozen=True, slots=True)
class Tender:
    """A part of the payment. `amount` in minor units; a tender in points also says how many `points`."""

    type: str
    amount: int
    points: int | None = None
    ref: str | None = None
    card_number: str | None = field(default=None, repr=False)
    pin: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ReceiptKey:
    """What makes a receipt one receipt, within its store."""

    till: str
    business_date: date
    number: str


@dataclass(frozen=True, slots=True)
class MemberRef:
    """How the till named the member: one of phone, card, qr, id."""

    by: Literal["phone", "card", "qr", "id"]
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a till says it sold, took back or cancelled; the same for every vendor's till."""

    key: ReceiptKey
    happened_at: datetime
    kind: ReceiptKind
    currency: str
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...]
    total: int
    tax: int = 0
    change: int = 0
    member: MemberRef | None = None
    original: ReceiptKey | None = None
    coupons: tuple[str, ...] = ()
    quote: str | None = None


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


@dataclass(frozen=True, slots=True)
class Answer:
    """What the till gets, exactly as stored: `body` is the JSON text that a replay returns byte for byte."""

    status: int
    body: str
    replayed: bool = False
