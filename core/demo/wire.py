"""A receipt as a till would send it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from core.checkout import Arrival
from core.types import Line, Receipt, ReceiptKey, Tender


def body_of(receipt: Receipt) -> dict[str, Any]:
    """The request body of the tills' API."""
    body: dict[str, Any] = {
        **_key(receipt.key),
        "happened_at": receipt.happened_at.isoformat(),
        "kind": receipt.kind,
        "currency": receipt.currency,
        "lines": [_line(line) for line in receipt.lines],
        "tenders": [_tender(tender) for tender in receipt.tenders],
        "total": receipt.total,
    }
    if receipt.member is not None:
        body["member"] = {receipt.member.by: receipt.member.value}
    if receipt.original is not None:
        body["original"] = _key(receipt.original)
    return body


def arrival_of(receipt: Receipt) -> Arrival:
    """The receipt as it arrives at the checkout, with its canonical text and the hash of that."""
    text = json.dumps(body_of(receipt), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Arrival(receipt, text, hashlib.sha256(text.encode()).digest())


def _key(key: ReceiptKey) -> dict[str, str]:
    return {"till": key.till, "number": key.number, "business_date": key.business_date.isoformat()}


def _line(line: Line) -> dict[str, Any]:
    said = {"line": line.line, "sku": line.sku, "name": line.name, "qty": line.qty, "amount": line.amount}
    if line.unit_price:
        said["unit_price"] = line.unit_price
    if line.category is not None:
        said["category"] = line.category
    return said


def _tender(tender: Tender) -> dict[str, Any]:
    return {"type": tender.type, "amount": tender.amount}
