"""Version 1 of our own JSON: a parsed body becomes a frozen `Receipt`, every value typed and bounded.

Pure: what it is told and nothing else. Whether the sums are right, the till known and the member there is the core's.
Every refusal has a code of its own and a JSON Pointer to the place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, cast

from core import Line, MemberRef, Receipt, ReceiptKey, ReceiptKind, Tender, _, api

MAX_LINES, MAX_TENDERS, MAX_COUPONS = 1000, 50, 50
KINDS = frozenset({"sale", "return", "void"})
REFERENCES = {"phone": 40, "card": 60, "qr": 200, "id": 20}
"""How a member may be named, with the longest value."""

KEY = frozenset({"till", "business_date", "number"})
LINE = frozenset({"line", "sku", "name", "category", "qty", "unit_price", "discount", "amount", "original_line"})
TENDER = frozenset({"type", "amount", "ref", "points", "card_number", "pin"})
MEMBER = frozenset(REFERENCES)
RECEIPT = KEY | {
    "happened_at",
    "kind",
    "currency",
    "member",
    "lines",
    "tenders",
    "change",
    "tax",
    "total",
    "original",
    "coupons",
    "quote",
}

_QUANTITY = re.compile(r"[0-9]{1,9}(\.[0-9]{1,3})?")
_MEMBER_ID = re.compile(r"[0-9]{1,15}")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class Moment:
    """What stands in for the times that a quote may leave out."""

    now: datetime
    today: date


def receipt(tree: Any, at: str = "") -> Receipt:
    """Read a receipt. Raises `Invalid` or `Malformed` with `code` and `pointer`."""
    said = api.Fields(tree, at, known=RECEIPT)
    kind = cast(ReceiptKind, said.choice("kind", KINDS, code="unknown_kind"))
    needed = kind != "void"  # a void cancels a whole receipt: it has no goods and need not repeat the sums
    return Receipt(
        key=key(said),
        happened_at=said.moment("happened_at"),
        kind=kind,
        currency=_currency(said),
        lines=_lines(said) if needed or said.has("lines") else (),
        tenders=_tenders(said) if needed or said.has("tenders") else (),
        total=said.amount("total") if needed or said.has("total") else 0,
        tax=_amount(said, "tax"),
        change=_amount(said, "change"),
        member=member(said.part("member", MEMBER)) if said.has("member") else None,
        original=key(said.part("original", KEY)) if said.has("original") else None,
        coupons=_coupons(said),
        quote=said.text("quote", 4000) if said.has("quote") else None,
    )


def quote(tree: Any, moment: Moment) -> Receipt:
    """Read a basket to be priced: a receipt of which only till, currency and lines must be said."""
    said = api.Fields(tree, "", known=RECEIPT - {"original", "quote"})
    if said.has("kind"):
        said.choice("kind", frozenset({"sale"}), code="unknown_kind")
    lines = _lines(said)
    tax = _amount(said, "tax")
    return Receipt(
        key=ReceiptKey(
            till=said.text("till", 30),
            business_date=said.day("business_date") if said.has("business_date") else moment.today,
            number=said.text("number", 60) if said.has("number") else "",
        ),
        happened_at=said.moment("happened_at") if said.has("happened_at") else moment.now,
        kind="sale",
        currency=_currency(said),
        lines=lines,
        tenders=_tenders(said) if said.has("tenders") else (),
        total=said.amount("total") if said.has("total") else sum(line.amount for line in lines) + tax,
        tax=tax,
        change=_amount(said, "change"),
        member=member(said.part("member", MEMBER)) if said.has("member") else None,
        coupons=_coupons(said),
    )


def key(said: api.Fields) -> ReceiptKey:
    """Till, business date and number: what makes a receipt one receipt."""
    return ReceiptKey(said.text("till", 30), said.day("business_date"), said.text("number", 60))


def member(said: api.Fields) -> MemberRef:
    """How the till names the member: by exactly one of phone, card, qr, id."""
    named = [by for by in REFERENCES if said.has(by)]
    if len(named) != 1:
        api.refuse("member_reference", said.at, sentence=_("Name the member by exactly one of phone, card, qr, id."))
    by = cast(Literal["phone", "card", "qr", "id"], named[0])
    value = said.text(by, REFERENCES[by])
    if by == "id" and not _MEMBER_ID.fullmatch(value):
        api.refuse("bad_member_id", said.place("id"), sentence=_("This is not a member's number."))
    return MemberRef(by, value)


def _lines(said: api.Fields) -> tuple[Line, ...]:
    return tuple(_line(api.Fields(value, at, known=LINE)) for value, at in said.items("lines", MAX_LINES))


def _line(said: api.Fields) -> Line:
    return Line(
        line=said.integer("line", low=1, high=1_000_000),
        sku=said.text("sku", 60),
        name=said.text("name", 200, least=0, free=True),
        amount=said.amount("amount"),
        qty=_quantity(said) if said.has("qty") else "1",
        unit_price=_amount(said, "unit_price"),
        discount=_amount(said, "discount"),
        category=said.text("category", 200, least=0, free=True) if said.has("category") else None,
        original_line=said.integer("original_line", low=1, high=1_000_000) if said.has("original_line") else None,
    )


def _quantity(said: api.Fields) -> str:
    """A decimal text, as information. Negative ones have a code of their own: many tills' way of saying return."""
    text, at = said.text("qty", 20), said.place("qty")
    if _QUANTITY.fullmatch(text):
        return text
    if _QUANTITY.fullmatch(text.removeprefix("-")):
        api.refuse("negative_quantity", at, sentence=_("Quantities are never negative; a return has the kind return."))
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        api.refuse("digits_not_ascii", at)
    return api.refuse("bad_quantity", at, sentence=_("A quantity is a text like 1.000, of at most 9 and 3 digits."))


def _tenders(said: api.Fields) -> tuple[Tender, ...]:
    return tuple(_tender(api.Fields(value, at, known=TENDER)) for value, at in said.items("tenders", MAX_TENDERS))


def _tender(said: api.Fields) -> Tender:
    return Tender(
        type=said.text("type", 20),
        amount=said.amount("amount"),
        points=said.amount("points") if said.has("points") else None,
        ref=said.text("ref", 120) if said.has("ref") else None,
        card_number=said.text("card_number", 60) if said.has("card_number") else None,
        pin=said.text("pin", 20) if said.has("pin") else None,
    )


def _coupons(said: api.Fields) -> tuple[str, ...]:
    if not said.has("coupons"):
        return ()
    # Each code is read as the one member of an object, so that it is checked like any other text.
    found = []
    for value, at in said.items("coupons", MAX_COUPONS):
        place, _slash, number = at.rpartition("/")
        found.append(api.Fields({number: value}, place, known=frozenset({number})).text(number, 60))
    return tuple(found)


def _currency(said: api.Fields) -> str:
    text, at = said.text("currency", 40), said.place("currency")
    if not _CURRENCY.fullmatch(text):
        api.refuse("unknown_currency", at, sentence=_("A currency is written in three capitals, like CNY."))
    return text


def _amount(said: api.Fields, name: str) -> int:
    return said.amount(name) if said.has(name) else 0
