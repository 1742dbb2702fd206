"""Receipts as a till says them, and the answer it gets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

ReceiptKind = Literal["sale", "return", "void"]


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
class Answer:
    """What the till gets, exactly as stored: `body` is the JSON text that a replay returns byte for byte."""

    status: int
    body: str
    replayed: bool = False
