"""Receipts as JSON of our own, for those that wait; and bodies without secrets, for those that are refused."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from core.types import Line, MemberRef, Receipt, ReceiptKey, Tender
from core.vault import mask

_SECRET = ("pin", "card_number")


def dump(receipt: Receipt) -> str:
    """The receipt as JSON. A code (`pin`) is never written down."""
    values = asdict(receipt)
    for tender in values["tenders"]:
        tender["pin"] = None
    return json.dumps(values, default=lambda value: value.isoformat(), ensure_ascii=False)


def load(text: str) -> Receipt:
    """Read back what `dump` wrote."""
    values: dict[str, Any] = json.loads(text)
    return Receipt(
        **{
            **values,
            "key": _key(values["key"]),
            "original": _key(values["original"]) if values["original"] else None,
            "happened_at": datetime.fromisoformat(values["happened_at"]),
            "lines": tuple(Line(**line) for line in values["lines"]),
            "tenders": tuple(Tender(**tender) for tender in values["tenders"]),
            "member": MemberRef(**values["member"]) if values["member"] else None,
            "coupons": tuple(values["coupons"]),
        }
    )


def _key(values: dict[str, Any]) -> ReceiptKey:
    return ReceiptKey(values["till"], date.fromisoformat(values["business_date"]), values["number"])


def redact(body: str) -> str:
    """A till's body for people to read: members masked, card numbers and codes gone."""
    values = json.loads(body)
    if isinstance(values.get("member"), dict):
        values["member"] = {
            by: mask("phone" if by == "phone" else "card", str(value)) for by, value in values["member"].items()
        }
    for tender in values.get("tenders", []):
        for name in _SECRET:
            if tender.get(name):
                tender[name] = "•••"
    return json.dumps(values, ensure_ascii=False)
