"""Receipts that are not booked now: a return before its sale waits, a contradiction is listed for staff."""

from __future__ import annotations

import json

from sqlalchemy import select

from core import clock, directory, ids
from core.checkout import stored as storing
from core.checkout import take
from core.checkout.context import Arrival, Stored
from core.db import SYSTEM, Actor, unit_of_work
from core.errors import AtriumError, Miss
from core.house import House
from core.ledger.booking import Booking
from core.ledger.write import commit
from core.models.receipt import ParkedReceipt, ReceiptConflict, ReceiptRow
from core.scope import system_scope
from core.types import Answer, ReceiptKey, TillFacts


def park(house: House, till: TillFacts, *, arrival: Arrival, original: ReceiptKey) -> Answer:
    """Keep a return whose sale has not arrived; answered 202, booked as soon as the sale is there."""
    receipt, receipt_id = arrival.receipt, ids.draw(house.database, 1)[0]
    text = json.dumps({"receipt_id": receipt_id, "status": "parked"}, separators=(",", ":"))
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
        body=storing.dump(receipt),
        body_hash=arrival.body_hash,
        answer=text,
        parked_at=clock.now(),
        settled_at=None,
        refusal="",
    )
    try:
        commit(house.database, booking)
    except Miss:  # the same return, in the same moment, over another line
        text = _parked_answer(house, till, arrival=arrival)
    return Answer(202, text)


def _parked_answer(house: House, till: TillFacts, *, arrival: Arrival) -> str:
    key = arrival.receipt.key
    with system_scope("answer a repeated return"), house.database.session() as session:
        query = select(ParkedReceipt.answer).filter_by(
            till_id=till.id, number=key.number, business_date=key.business_date
        )
        return str(session.scalars(query).one())


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


def settle_parked(house: House, limit: int = 100) -> int:
    """Book the returns whose sale has arrived since; one that cannot be booked is listed with the reason."""
    known = directory.get(house.database)
    waiting = _with_their_sale(house, limit)
    for parked in waiting:
        arrival = Arrival(storing.load(parked.body), parked.body, parked.body_hash)
        (result,) = take.take(house, known.tills[parked.till_id], arrivals=[arrival], door=False)
        with system_scope("settle a return"), unit_of_work(house.database, actor=SYSTEM) as uow:
            row = uow.session.get_one(ParkedReceipt, parked.id)
            row.refusal = str(result)[:200] if isinstance(result, AtriumError) else ""
            row.settled_at = None if row.refusal else uow.now
    return len(waiting)


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
