"""Receipts that are not booked now: a return before its sale waits, a contradiction is listed for staff."""

from __future__ import annotations

import json

from sqlalchemy import select

from core import clock, directory, ids
from core.checkout import stored as storing
from core.checkout import take
from core.checkout.context import Arrival, Stored
from core.db import SYSTEM, Actor, unit_of_work
from core.errors import AtriumError, BrokenPlugin, Conflict, Miss
from core.house import House
from core.house import house as current_house
from core.i18n import _
from core.jobs.crontab import Job
from core.jobs.runs import own_job
from core.ledger.booking import Booking
from core.ledger.write import commit
from core.models.receipt import ParkedReceipt, ReceiptConflict, ReceiptRow
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
    """Book the returns whose sale has arrived since; one that cannot be booked is listed with the reason."""
    known = directory.get(house.database)
    waiting = _with_their_sale(house, limit)
    for parked in waiting:
        body = parked.body or ""
        arrival = Arrival(storing.load(body), body, parked.body_hash)
        (result,) = take.take(house, known.tills[parked.till_id], arrivals=[arrival], door=False)
        if isinstance(result, BrokenPlugin) or getattr(result, "reason_code", "") == Conflict.code:
            continue  # nothing that lasts: it is tried again
        with system_scope("settle a return"), unit_of_work(house.database, actor=SYSTEM) as uow:
            row = uow.session.get_one(ParkedReceipt, parked.id)
            if isinstance(result, AtriumError):
                row.refusal = str(result)[:200]
            else:
                row.settled_at, row.body = uow.now, None
    return len(waiting)


def _settle() -> None:
    settle_parked(current_house())


own_job(Job("settle", "* * * * *", _settle, per_mall=False))


def _with_their_sale(house: House, limit: int) -> list[ParkedReceipt]:
    its_sale = (
        (ReceiptRow.store_id == ParkedReceipt.store_id)
        & (ReceiptRow.till_code == ParkedReceipt.original_till)
        & (ReceiptRow.number == ParkedReceipt.original_number)
        & (ReceiptRow.business_date == ParkedReceipt.original_date)
        & (ReceiptRow.kind == "sale")
    )
    query = (
        select(ParkedReceipt)
        .join(ReceiptRow, its_sale)
        .where(ParkedReceipt.settled_at.is_(None), ParkedReceipt.refusal == "")
    )
    with system_scope("settle returns"), house.database.session() as session:
        return list(session.scalars(query.order_by(ParkedReceipt.id).limit(limit)))
