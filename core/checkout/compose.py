"""Decisions become one `Booking`: receipt, entries, postings, lots, answer, audit, outbox, the queue for the seal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.checkout.context import Arrival
from core.checkout.decide import Decision, Proposed
from core.checkout.originals import REWARDS
from core.events import Event, outbox_row
from core.ledger.accounts import Accounts
from core.ledger.booking import Booking
from core.ledger.entries import add_entry, filled
from core.models import Audit, Outbox, ReceiptLine, ReceiptRow, ReceiptTender, Unsealed
from core.types import Fill, Offer, Receipt, Transfer


@dataclass
class Composer:
    """Collects the decisions of one wave into one booking."""

    actor: str
    till_id: int
    accounts: Accounts
    now: datetime
    booking: Booking = field(default_factory=Booking)
    writers: set[str] = field(default_factory=set)
    """The plugins that have rows of their own in the booking."""

    def add(self, decision: Decision, arrival: Arrival, *, answer: str) -> None:
        """Add everything that this receipt writes."""
        self._receipt(decision, arrival, answer=answer)
        self.add_transfers(decision)
        for applied in decision.offers:
            if applied.amount:
                self._rows(applied.plugin, applied.offer, decision=decision, entry_id=0)
        self._notices(decision)

    def add_transfers(self, decision: Decision) -> None:
        """Add only the entries with what belongs to them."""
        for proposed in decision.transfers:
            self._transfer(decision, proposed)

    def _receipt(self, decision: Decision, arrival: Arrival, *, answer: str) -> None:
        receipt, visit = decision.receipt, decision.visit
        original = visit.original
        self.booking.insert(
            ReceiptRow,
            id=visit.receipt_id,
            mall_id=visit.mall.id,
            store_id=visit.store.id,
            till_id=self.till_id,
            till_code=receipt.key.till,
            number=receipt.key.number,
            business_date=receipt.key.business_date,
            kind=receipt.kind,
            happened_at=receipt.happened_at,
            recorded_at=self.now,
            member_id=visit.member.id if visit.member else None,
            currency=receipt.currency,
            total=receipt.total,
            tax=receipt.tax,
            change_given=receipt.change,
            original_id=original.id if original else None,
            return_no=original.returns + 1 if original else None,
            body_hash=arrival.body_hash,
            answer=answer,
        )
        for values in _lines(decision, visit.receipt_id):
            self.booking.insert(ReceiptLine, **values)
        for values in _tenders(receipt, visit.receipt_id):
            self.booking.insert(ReceiptTender, **values)
        self.booking.insert(Unsealed, kind="receipt", id=visit.receipt_id)

    def _transfer(self, decision: Decision, proposed: Proposed) -> None:
        receipt, visit = decision.receipt, decision.visit
        entry_id = add_entry(
            self.booking,
            self.accounts,
            transfer=proposed.transfer,
            values={
                "mall_id": visit.mall.id,
                "store_id": visit.store.id,
                "reference": f"receipt:{visit.receipt_id}",
                "receipt_id": visit.receipt_id,
                "reverses_id": None,
                "happened_at": receipt.happened_at,
                "recorded_at": self.now,
                "business_date": receipt.key.business_date,
                "plugin": proposed.plugin,
            },
        )
        self._rows(proposed.plugin, proposed.transfer, decision=decision, entry_id=entry_id)

    def _rows(self, plugin: str, proposal: Transfer | Offer, *, decision: Decision, entry_id: int) -> None:
        fills = {Fill.ENTRY_ID: entry_id, Fill.RECEIPT_ID: decision.visit.receipt_id}
        for insert in proposal.inserts:
            self.booking.insert_into(insert.table, filled(self.accounts, insert.values, fills=fills))
        for claim in proposal.claims:
            self.booking.claim(claim)
        if proposal.inserts or proposal.claims:
            self.writers.add(plugin)

    def _notices(self, decision: Decision) -> None:
        visit = decision.visit
        place = {"mall_id": visit.mall.id, "store_id": visit.store.id}
        self.booking.insert(
            Audit,
            **place,
            at=self.now,
            actor=self.actor,
            address="",
            action=f"receipt.{decision.receipt.kind}",
            record="core_receipt",
            record_id=str(visit.receipt_id),
            before="",
            after="",
            reason="",
        )
        topics: list[tuple[str, dict[str, Any]]] = [("receipt.posted", {})]
        topics += [(REWARDS, {"plugin": plugin}) for plugin in decision.pending]
        for topic, payload in topics:
            event = Event(
                self.accounts.draw(), topic, visit.mall.id, visit.store.id, visit.receipt_id, payload, self.now
            )
            self.booking.insert_into(Outbox.__tablename__, outbox_row(event))


def _lines(decision: Decision, receipt_id: int) -> Iterator[dict[str, Any]]:
    lines = decision.visit.returning if decision.visit.original else decision.receipt.lines
    for line in lines:
        yield {
            "receipt_id": receipt_id,
            "no": line.line,
            "sku": line.sku,
            "name": line.name,
            "category": line.category or "",
            "qty": line.qty,
            "unit_price": line.unit_price,
            "discount": line.discount,
            "amount": line.amount,
            "original_line": line.original_line,
        }


def _tenders(receipt: Receipt, receipt_id: int) -> Iterator[dict[str, Any]]:
    for number, tender in enumerate(receipt.tenders, start=1):
        yield {
            "receipt_id": receipt_id,
            "no": number,
            "type": tender.type,
            "amount": tender.amount,
            "points": tender.points,
            "ref": tender.ref or "",
        }
