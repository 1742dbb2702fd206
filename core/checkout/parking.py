"""Receipts that are not booked now: a return before its sale waits, a contradiction is listed for staff."""

from __future__ import annotations

import json
from functools import partial

from sqlalchemy import select

from core import clock, directory, ids
from core.checkout import stored as storing
from core.checkout import take
from core.checkout.context import Arrival, Stored
from core.db import SYSTEM, Actor, unit_of_work
from core.errors import AtriumError, BrokenPlugin, Conflict, Miss
from core.house import House
from core.i18n import _
from core.isolation import attempt
from core.ledger.booking import Booking
from core.ledger.write import commit
from core.models.mall import Till
from core.models.receipt import WAITING, ParkedReceipt, ReceiptConflict, ReceiptRow
from core.scope import system_scope
from core.types import Answer, ReceiptKey, TillFacts


def park(house: House, till: TillFacts, *, arrival: Arrival, original: ReceiptKey) -> Answer:
    """Keep a return whose sale has not arrived; answered 202, booked as soon as the sale is there."""
    receipt, receipt_id = arrival.receipt, ids.draw(house.database, 1)[0]
    text = json.dumps({"receipt_id": receipt_id, "status": "parked"}, separators=(",", ":"))
    sealed = ParkedReceipt(mall_id=till.mall_id)
    sealed.body = storing.dump(receipt)
    booking = Booking()
    booking.insert(
        ParkedReceipt,
        id=receipt_id,
        mall_id=till.mall_id,
        store_id=till.store_id,
        till_id=till.id,
        number=receipt.key.number,
        business_date=receipt.key.business_date,
        original_till=original.till,
        original_number=original.number,
        original_date=original.business_date,
        uid=sealed.uid,
        person_key=sealed.person_key,
        body_sealed=sealed.body_sealed,
        body_hash=arrival.body_hash,
        answer=text,
        parked_at=clock.now(),
        settled_at=None,
        refusal="",
    )
    try:
        commit(house.database, booking)
    except Miss:  # the same number, in the same moment, over another line
        return _parked_before(house, till, arrival=arrival)
    return Answer(202, text)


def _parked_before(house: House, till: TillFacts, *, arrival: Arrival) -> Answer:
    key = arrival.receipt.key
    with system_scope("answer a repeated return"), house.database.session() as session:
        query = select(ParkedReceipt).filter_by(till_id=till.id, number=key.number, business_date=key.business_date)
        row = session.scalars(query).one()
    return replay(house, till, arrival=arrival, stored=Stored(row.body_hash, row.answer, True, row.id))


def replay(house: House, till: TillFacts, *, arrival: Arrival, stored: Stored) -> Answer:
    """What was answered before. Raises `Conflict` for another body under the same key, which is listed for staff."""
    if stored.body_hash != arrival.body_hash:
        list_conflict(house, till, arrival=arrival, stored=stored)
        raise Conflict(_("This receipt number was used before with other contents."), code="receipt_conflict")
    return Answer(202 if stored.parked else 200, stored.answer, replayed=True)


def list_conflict(house: House, till: TillFacts, *, arrival: Arrival, stored: Stored) -> None:
    """List a receipt that contradicts the one booked under its number; once per contents."""
    key = arrival.receipt.key
    with system_scope("list a contradiction"), unit_of_work(house.database, actor=Actor("till", till.code)) as uow:
        known = select(ReceiptConflict.id).filter_by(receipt_id=stored.receipt_id, body_hash=arrival.body_hash)
        if uow.session.scalars(known).first() is not None:
            return
        uow.session.add(
            ReceiptConflict(
                mall_id=till.mall_id,
                store_id=till.store_id,
                receipt_id=stored.receipt_id,
                till_code=key.till,
                number=key.number,
                business_date=key.business_date,
                body_hash=arrival.body_hash,
                body=storing.redact(arrival.body),
                arrived_at=uow.now,
            )
        )


def settle_parked(house: House, limit: int = 500) -> int:
    """Book the returns whose sale has arrived since; returns how many were booked or refused.

    One that is refused is listed with the reason. One that failed by chance (someone was faster, a module is out of
    service) waits on. Costs one look at an index while nothing waits.
    """
    if not _anything_waits(house):
        return 0
    waiting, outcomes = _with_their_sale(house, limit), list[bool]()
    for parked in waiting:
        attempt(f"parked return {parked.id}", partial(_settle, house, parked, outcomes=outcomes))
    return len(outcomes)


def _settle(house: House, parked: ParkedReceipt, *, outcomes: list[bool]) -> None:
    body = parked.body or ""
    till = directory.get(house.database).tills[parked.till_id]
    (result,) = take.take(house, till, arrivals=[Arrival(storing.load(body), body, parked.body_hash)], door=False)
    if _may_differ_next_time(result):
        return
    with system_scope("settle a return"), unit_of_work(house.database, actor=SYSTEM) as uow:
        row = uow.session.get_one(ParkedReceipt, parked.id)
        if isinstance(result, AtriumError):
            row.refusal = str(result)[:200]
        else:
            row.settled_at, row.body = uow.now, None
    outcomes.append(True)


def _may_differ_next_time(result: Answer | AtriumError) -> bool:
    if isinstance(result, Answer):
        return result.status == 202  # it waits, still or again
    return isinstance(result, BrokenPlugin) or result.reason_code == Conflict.code


def _anything_waits(house: House) -> bool:
    with system_scope("settle returns"), house.database.session() as session:
        return session.scalars(select(ParkedReceipt.id).where(WAITING).limit(1)).first() is not None


def _with_their_sale(house: House, limit: int) -> list[ParkedReceipt]:
    # By the till's own key: its store and code lead to it, and it to the sale, each through a unique index.
    its_till = (Till.store_id == ParkedReceipt.store_id) & (Till.code == ParkedReceipt.original_till)
    its_sale = (
        (ReceiptRow.till_id == Till.id)
        & (ReceiptRow.number == ParkedReceipt.original_number)
        & (ReceiptRow.business_date == ParkedReceipt.original_date)
        & (ReceiptRow.kind == "sale")
    )
    query = select(ParkedReceipt).join(Till, its_till).join(ReceiptRow, its_sale).where(WAITING)
    with system_scope("settle returns"), house.database.session() as session:
        return list(session.scalars(query.order_by(ParkedReceipt.id).limit(limit)))
