"""An arrival becomes a visit: not seen before, member found, returned lines matched. Or it is answered at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core import ids
from core.checkout import matching, parking
from core.checkout.context import Arrival, Context
from core.errors import Refused, Unauthorized
from core.house import House
from core.i18n import _
from core.types import Answer, Line, MemberFacts, Original, Receipt, TillFacts, Visit


@dataclass
class Visitor:
    """Receives the arrivals of one till."""

    house: House
    till: TillFacts
    context: Context
    strict: bool = True

    def receive(self, arrival: Arrival) -> Visit | Answer:
        """The visit to decide about, or the answer that was given before (200), or that it waits for its sale (202).

        Raises `Conflict` for another body under the same key (listed for staff), `Refused` for what cannot come back.
        """
        receipt = arrival.receipt
        stored = self.context.stored.get((receipt.key.number, receipt.key.business_date))
        if stored is not None and not (stored.parked and receipt.original in self.context.originals):
            return parking.replay(self.house, self.till, arrival=arrival, stored=stored)
        if self.strict and self.context.known.tills[self.till.id].state != "active":
            raise Unauthorized
        original = self.context.originals.get(receipt.original) if receipt.original else None
        if receipt.original is not None and original is None:
            return parking.park(self.house, self.till, arrival=arrival, original=receipt.original)
        return self.visit(receipt, original, receipt_id=stored.receipt_id if stored else None)

    def visit(self, receipt: Receipt, original: Original | None, *, receipt_id: int | None = None) -> Visit:
        """The visit of a receipt that is to be decided."""
        known = self.context.known
        returning: tuple[Line, ...] = ()
        if original is not None:
            returning = matching.match(receipt, original)
            if not returning and receipt.kind == "void" and original.returns:
                raise Refused(_("Everything of this receipt came back before."), code="nothing_left")
            receipt = self._complete(receipt, original, returning=returning)
        return Visit(
            receipt_id=receipt_id or ids.draw(self.house.database, 1)[0],
            mall=known.malls[self.till.mall_id],
            store=known.stores[self.till.store_id],
            receipt=receipt,
            member=self._member(receipt, original),
            original=original,
            returning=returning,
        )

    def _member(self, receipt: Receipt, original: Original | None) -> MemberFacts | None:
        if original is not None:
            # What a sale gave goes back to the one who got it, whoever brings the goods.
            return self.context.members.get(("id", original.member_id))
        found = self.context.member_of(receipt.member)
        return found if found is None or found.status in ("active", "frozen") else None

    @staticmethod
    def _complete(receipt: Receipt, original: Original, *, returning: tuple[Line, ...]) -> Receipt:
        if receipt.kind != "void":
            return receipt
        left = sum(line.amount for line in returning)
        whole = left + (0 if original.returns else original.total - sum(sold.line.amount for sold in original.lines))
        if receipt.total not in (0, whole):
            raise Refused(_("The void says another total than what is left of the receipt."), code="void_total")
        if receipt.tenders:
            return replace(receipt, total=whole, tax=whole - left)
        if original.returns:
            raise Refused(
                _("Part of the receipt came back before: say how the rest is paid back."), code="void_needs_tenders"
            )
        change = sum(tender.amount for tender in original.tenders) - whole
        return replace(receipt, total=whole, tax=whole - left, tenders=original.tenders, change=change)
