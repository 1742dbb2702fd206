"""The receipt pipeline: context → counter (facts) → decide → compose → write.

`take` books receipts, `quote` prices a basket, `look_up` shows a till its member, `read_back` repeats an answer.
All four run the same steps; a quote and a look-up stop before the write.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from core import clock, db, directory, reading
from core.checkout import answer, door, later, quotes
from core.checkout.context import Arrival, Context, gather
from core.checkout.counter import open_counter
from core.checkout.parking import settle_parked
from core.checkout.take import Result, take
from core.checkout.visits import Visitor
from core.errors import NotFound
from core.house import House
from core.i18n import _
from core.types import Answer, MemberRef, Receipt, ReceiptKey, TillFacts

__all__ = ["Arrival", "Result", "later", "look_up", "quote", "read_back", "settle_parked", "take"]


def quote(house: House, till: TillFacts, *, receipt: Receipt) -> dict[str, Any]:
    """Price a basket without booking anything. Raises `NotFound` when the named member is not there."""
    with reading.reader(house.database) as connection:
        door.check_basket(receipt, mall=directory.remembered(house.database).malls[till.mall_id])
        context = gather(house, connection, till=till, receipts=[receipt])
        _expect_member(context, receipt)
        visit = Visitor(house, till, context).visit(receipt, None, receipt_id=1)
        counter = open_counter(house, context, connection=connection, visits=[visit])
    with db.deciding():
        return quotes.build(house.vault, counter.decide(visit, pricing_only=True))


def look_up(house: House, till: TillFacts, *, ref: MemberRef) -> dict[str, Any]:
    """What a till may see of a member: masked, with tier, usable points and whatever else plugins tell."""
    door.check_member(ref)
    nothing = Receipt(
        ReceiptKey(till.code, date.min, ""), clock.now(), "sale", "", lines=(), tenders=(), total=0, member=ref
    )
    with reading.reader(house.database) as connection:
        context = gather(house, connection, till=till, receipts=[nothing])
        _expect_member(context, nothing)
        visit = Visitor(house, till, context).visit(nothing, None, receipt_id=1)
        counter = open_counter(house, context, connection=connection, visits=[visit])
    with db.deciding():
        told = answer.build(counter.show(visit))
    return {name: told[name] for name in told if name not in ("receipt_id", "status", "rewards", "offers", "print")}


def read_back(house: House, till: TillFacts, *, key: ReceiptKey) -> Answer:
    """The stored answer of a receipt of the same store."""
    with reading.reader(house.database) as connection:
        context = Context(directory.remembered(house.database), {})
        other = context.known.till_by_code.get((till.store_id, key.till))
        if other is not None:
            blank = Receipt(key, clock.now(), "return", "", lines=(), tenders=(), total=0, original=key)
            context = gather(house, connection, till=replace(till, id=other.id, code=other.code), receipts=[blank])
        stored = context.stored.get((key.number, key.business_date))
    if stored is None:
        raise NotFound(_("No such receipt has arrived."), code="receipt_not_found")
    return Answer(202 if stored.parked else 200, stored.answer, replayed=True)


def _expect_member(context: Context, receipt: Receipt) -> None:
    if receipt.member is not None and context.member_of(receipt.member) is None:
        raise NotFound(_("There is no such member."), code="member_not_found")
