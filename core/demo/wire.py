"""A basket as a till would send it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from core import clock
from core.checkout import Arrival
from core.demo.catalogue import code_of
from core.demo.journey import CURRENCY, Basket, Item
from core.types import Line, MemberRef, Receipt, ReceiptKey, Tender

TILL = "CJ"
ZONE = "Asia/Shanghai"


def phone_of(household: int) -> str:
    """The phone of a household: made up, in a range that samples use."""
    return f"170{household:08d}"


class Wire:
    """Knows the products' names and categories."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items = {item.sku: (item.name, code_of(item.levels) or None) for item in items}
        self._zone = clock.zone(ZONE)

    def arrival(self, basket: Basket) -> Arrival:
        """The receipt: every line as it is, paid in cash by a member who tells the phone."""
        receipt = self._receipt(basket, basket.when.replace(tzinfo=self._zone))
        body = json.dumps(
            _body(receipt, phone_of(basket.household)), ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return Arrival(receipt, body, hashlib.sha256(body.encode()).digest())

    def _receipt(self, basket: Basket, happened_at: datetime) -> Receipt:
        total = sum(line.amount for line in basket.lines)
        return Receipt(
            key=ReceiptKey(TILL, happened_at.date(), str(basket.number)),
            happened_at=happened_at,
            kind="sale",
            currency=CURRENCY,
            lines=tuple(
                self._line(number, str(line.product), line.amount, str(line.quantity))
                for number, line in enumerate(basket.lines, start=1)
            ),
            tenders=(Tender("cash", total),),
            total=total,
            member=MemberRef("phone", phone_of(basket.household)),
        )

    def _line(self, number: int, sku: str, amount: int, qty: str) -> Line:
        name, category = self._items.get(sku, (sku, None))
        return Line(number, sku, name, amount, qty, category=category)


def _body(receipt: Receipt, phone: str) -> dict[str, Any]:
    """What a till's request would hold."""
    return {
        "till": receipt.key.till,
        "number": receipt.key.number,
        "business_date": receipt.key.business_date.isoformat(),
        "happened_at": receipt.happened_at.isoformat(),
        "kind": receipt.kind,
        "currency": receipt.currency,
        "member": {"phone": phone},
        "lines": [
            {"line": x.line, "sku": x.sku, "name": x.name, "category": x.category, "qty": x.qty, "amount": x.amount}
            for x in receipt.lines
        ],
        "tenders": [{"type": tender.type, "amount": tender.amount} for tender in receipt.tenders],
        "total": receipt.total,
    }
