"""Receipts as a till's adapter hands them to the core, in one line each. Numbers and skus are made up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import Any

from core import clock
from core.checkout import Arrival
from core.types import Line, MemberRef, Receipt, ReceiptKey, Tender

ZONE = "Asia/Shanghai"


def sale(number: str, *amounts: int, member: int | None = None, **changes: Any) -> Arrival:
    """A sale of one line per amount (skus K1, K2, …), paid in cash; `changes` replace fields of the receipt."""
    lines = tuple(Line(n, f"K{n}", f"Ware {n}", amount) for n, amount in enumerate(amounts, start=1))
    total = sum(amounts) + changes.get("tax", 0)
    said = {"lines": lines, "total": total, "tenders": (Tender("cash", total),), **changes}
    return arrival(_receipt(number, "sale", member=None if member is None else by_id(member), **said))


def paid(number: str, cash: int, *, points: int, member: int, **changes: Any) -> Arrival:
    """A sale of one line, paid in points (worth 0.01 each) and the rest in cash."""
    tenders = (*([Tender("cash", cash)] if cash else []), Tender("points", points))
    return sale(number, cash + points, member=member, tenders=tenders, **changes)


def give_back(number: str, of: str | ReceiptKey, *, back: Mapping[int, int], **changes: Any) -> Arrival:
    """A return: sold line number → what is paid back for it (minor units), in cash."""
    said = tuple(
        Line(n, f"K{sold}", f"Ware {sold}", amount, qty="0", original_line=sold)
        for n, (sold, amount) in enumerate(back.items(), start=1)
    )
    total = sum(back.values())
    fields = {"lines": said, "total": total, "tenders": (Tender("cash", total),), "original": _key_of(of), **changes}
    return arrival(_receipt(number, "return", **fields))


def void(number: str, of: str | ReceiptKey, **changes: Any) -> Arrival:
    """The whole sale is cancelled; without tenders everything goes back as it was paid."""
    return arrival(_receipt(number, "void", **{"original": _key_of(of), **changes}))


def arrival(receipt: Receipt) -> Arrival:
    """With a body as a till would have sent it, and its hash."""
    body = json.dumps(_body(receipt), default=str, sort_keys=True, ensure_ascii=False)
    return Arrival(receipt, body, sha256(body.encode()).digest())


def changed(before: Arrival, **changes: Any) -> Arrival:
    """The same receipt with other fields, and so with another body."""
    return arrival(replace(before.receipt, **changes))


def today() -> date:
    """The business date of the receipts made here."""
    return clock.today(ZONE)


def key(number: str, till: str = "T01", day: date | None = None) -> ReceiptKey:
    """The key of a receipt of today."""
    return ReceiptKey(till, day or today(), number)


def by_id(member: int) -> MemberRef:
    """A member named by their number."""
    return MemberRef("id", str(member))


def parsed(results: Sequence[Any]) -> list[dict[str, Any]]:
    """The answers as the till reads them; a refusal among them fails the test."""
    return [json.loads(result.body) for result in results]


def _receipt(number: str, kind: Any, **changes: Any) -> Receipt:
    till, day = changes.pop("till", "T01"), changes.pop("day", None)
    fields = {
        "happened_at": clock.now(),
        "kind": kind,
        "currency": "CNY",
        "lines": (),
        "tenders": (),
        "total": 0,
        **changes,
    }
    return Receipt(key=key(number, till, day), **fields)


def _key_of(of: str | ReceiptKey) -> ReceiptKey:
    return key(of) if isinstance(of, str) else of


def _body(receipt: Receipt) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(receipt, name) for name in ("kind", "currency", "total", "tax", "change")}
    named = receipt.original
    return fields | {
        "till": receipt.key.till,
        "number": receipt.key.number,
        "business_date": receipt.key.business_date,
        "lines": [{"line": x.line, "sku": x.sku, "amount": x.amount, "qty": x.qty} for x in receipt.lines],
        "tenders": [
            {"type": t.type, "amount": t.amount, "points": t.points, "card_number": t.card_number, "pin": t.pin}
            for t in receipt.tenders
        ],
        "member": {receipt.member.by: receipt.member.value} if receipt.member else None,
        "original": [named.till, named.business_date, named.number] if named else None,
        "quote": receipt.quote,
        "coupons": receipt.coupons,
    }
