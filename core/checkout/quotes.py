"""Quotes: what a basket would cost now. The id is a signature over the price, so nothing has to be kept to hold it."""

from __future__ import annotations

import json
from typing import Any

from core.checkout import answer
from core.checkout.decide import Decision
from core.errors import Conflict
from core.i18n import _
from core.vault import Vault


def build(vault: Vault, decision: Decision) -> dict[str, Any]:
    """The answer to a quote: priced lines, what is due, offers with reasons, points to earn and usable."""
    told = answer.build(decision)
    return {
        "quote": _signature(vault, decision),
        "due": decision.receipt.total,
        "currency": decision.receipt.currency,
        "lines": [
            {"line": line.line, "sku": line.sku, "amount": line.amount, "discount": line.discount}
            for line in decision.receipt.lines
        ],
        "member": told["member"],
        "offers": told["offers"],
        "points": told["points"],
        "skipped": decision.skipped,
    }


def compare(vault: Vault, decision: Decision) -> None:
    """A receipt that names a quote is booked at exactly that price, or refused with the new one."""
    named = decision.visit.receipt.quote
    if named is not None and named != _signature(vault, decision):
        sentence = _("The price has changed since the quote.")
        raise Conflict(sentence, code="quote_changed", quote=build(vault, decision))


def _signature(vault: Vault, decision: Decision) -> str:
    visit, receipt = decision.visit, decision.receipt
    priced = {
        "mall": visit.mall.id,
        "store": visit.store.id,
        "till": receipt.key.till,
        "member": visit.member.id if visit.member else None,
        "total": receipt.total,
        "lines": [[line.line, line.sku, line.amount] for line in receipt.lines],
        "offers": [[item.plugin, item.offer.id, item.amount] for item in decision.offers],
    }
    return vault.sign_quote(json.dumps(priced, separators=(",", ":")).encode())
