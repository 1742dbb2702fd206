"""What a till says, for tests: one ordinary sale, and ways to change it."""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from core import clock


def sale(number: str = "000123", **changes: Any) -> dict[str, Any]:
    """A sale of two lines at till T01, happening now, paid with cash and change; `changes` replace members."""
    now = clock.now().astimezone(clock.zone("Asia/Shanghai"))
    body: dict[str, Any] = {
        "till": "T01",
        "number": number,
        "business_date": now.date().isoformat(),
        "happened_at": now.isoformat(timespec="seconds"),
        "kind": "sale",
        "currency": "CNY",
        "lines": [
            {"line": 1, "sku": "A-1", "name": "乌龙茶", "qty": "2.000", "unit_price": 6450, "amount": 12900},
            {"line": 2, "sku": "B-2", "name": "Mug", "qty": "1", "unit_price": 5000, "discount": 100, "amount": 4900},
        ],
        "tenders": [{"type": "wechat", "amount": 10000}, {"type": "cash", "amount": 8000}],
        "change": 200,
        "total": 17800,
    }
    return body | changes


def changed(body: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """A copy with the value at a JSON Pointer set; the last name may be new."""
    made = copy.deepcopy(body)
    *way, last = [int(part) if part.isdigit() else part for part in pointer.strip("/").split("/")]
    place: Any = made
    for part in way:
        place = place[part]
    place[last] = value
    return made


def days_ago(count: int) -> str:
    """The ISO time that many days ago."""
    return (clock.now() - timedelta(days=count)).isoformat(timespec="seconds")
