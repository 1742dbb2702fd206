"""The verbs of the tills: a heartbeat, a daily close."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from core import LIMIT, Conflict, Invalid, ReceiptRow, ReceiptTender, Till, UnitOfWork, _, till_of
from plugins.pos_bridge.models import Close
from plugins.pos_bridge.rules import closing
from plugins.pos_bridge.rules.closing import Count, Totals

_KIND = {"sale": "sales", "return": "returns", "void": "voids"}
_FARTHEST = 10**9


@dataclass(frozen=True, slots=True)
class Beat:
    """What a till says of itself: its own time, its software's version, receipts waiting to be sent."""

    at: datetime
    version: str = ""
    queue_length: int | None = None


def record_heartbeat(uow: UnitOfWork, *, till_id: int, beat: Beat) -> int:
    """Keep that the till was there; answers by how many seconds its clock is ahead of ours (negative: behind)."""
    ahead = round((beat.at - uow.now).total_seconds())
    ahead = max(-_FARTHEST, min(_FARTHEST, ahead))
    seen = {"last_seen_at": uow.now, "clock_seconds": ahead, "version": beat.version}
    # Past the audit trail and the stamps on purpose: thousands of these come in a minute, and no one remembers them.
    statement = update(Till).where(Till.id == till_id).values(**seen, queue_length=beat.queue_length)
    uow.session.execute(statement, execution_options={"synchronize_session": False})
    return ahead


def close_day(uow: UnitOfWork, *, till_id: int, business_date: date, said: Totals) -> Close:
    """Lay the till's totals of a day beside what arrived, and keep both. A day closed again is compared again."""
    till = till_of(uow, till_id)
    arrived = count_day(uow, till=till, business_date=business_date)
    if max(abs(said.net), abs(said.net - arrived.net)) > LIMIT:
        raise Invalid(_("An amount is too large."), code="amount_out_of_range")
    compared = closing.compare(said, arrived)
    row = _day_of(uow, till, business_date=business_date)
    row.till_code, row.closed_at, row.times = till.code, uow.now, row.times + 1
    row.said_receipts, row.said_total = said.receipts, said.net
    row.arrived_receipts, row.arrived_total = arrived.receipts, arrived.net
    row.difference, row.agrees = said.net - arrived.net, compared["agrees"]
    row.details = json.dumps(compared, ensure_ascii=False)
    try:
        uow.session.flush()
    except IntegrityError as error:  # the same till closed the same day at the same moment
        raise Conflict() from error
    return row


def _day_of(uow: UnitOfWork, till: Till, *, business_date: date) -> Close:
    found = select(Close).where(Close.till_id == till.id, Close.business_date == business_date)
    row = uow.session.scalar(found.with_for_update())
    if row is None:
        row = Close(mall_id=till.mall_id, store_id=till.store_id, till_id=till.id, business_date=business_date, times=0)
        uow.session.add(row)
    return row


def count_day(uow: UnitOfWork, *, till: Till, business_date: date) -> Totals:
    """What arrived of a till for a business day."""
    day = (
        ReceiptRow.store_id == till.store_id,
        ReceiptRow.business_date == business_date,
        ReceiptRow.till_id == till.id,
    )
    kinds = select(ReceiptRow.kind, func.count(), func.sum(ReceiptRow.total), func.sum(ReceiptRow.change_given)).where(
        *day
    )
    counts: dict[str, Count] = {}
    change = 0
    for kind, count, total, changed in uow.session.execute(kinds.group_by(ReceiptRow.kind)):
        counts[_KIND[kind]] = Count(int(count), int(total))
        change += int(changed) if kind == "sale" else -int(changed)
    paid = select(ReceiptTender.type, ReceiptRow.kind, func.sum(ReceiptTender.amount)).where(*day)
    paid = paid.join(ReceiptRow, ReceiptRow.id == ReceiptTender.receipt_id)
    tenders: dict[str, int] = {}
    for name, kind, amount in uow.session.execute(paid.group_by(ReceiptTender.type, ReceiptRow.kind)):
        tenders[name] = tenders.get(name, 0) + (int(amount) if kind == "sale" else -int(amount))
    if change:
        tenders["cash"] = tenders.get("cash", 0) - change
    return Totals(**counts, tenders=tenders)


def answer_of(row: Close) -> dict[str, Any]:
    """What the till is told of its close."""
    found: dict[str, Any] = json.loads(row.details)
    return found
