"""A store's day, from the receipts and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, case, func, select

from core import Account, Entry, ParkedReceipt, Posting, ReceiptConflict, ReceiptRow, ReceiptTender, UnitOfWork
from plugins.pos_bridge.models import Close
from plugins.pos_bridge.rules.daily import Day, Paid, signed

GIVEN, TAKEN = "loyalty.issued", "loyalty.spent"
"""The store's accounts in the ledger; where nobody gives points, nothing was ever booked on them."""


def day_of_store(uow: UnitOfWork, *, mall_id: int, store_id: int, business_date: date) -> Day:
    """Everything that arrived of a store for a business day."""
    on = (ReceiptRow.store_id == store_id, ReceiptRow.business_date == business_date)
    given, taken = _points(uow, mall_id=mall_id, store_id=store_id, business_date=business_date)
    conflicts, parked = _open(uow, store_id, business_date=business_date)
    return Day(
        kinds=_kinds(uow, on),
        paid=_paid(uow, on),
        tills=_tills(uow, on),
        points_given=-given,
        points_taken=taken,
        conflicts=conflicts,
        parked=parked,
    )


def closes_of(uow: UnitOfWork, *, store_id: int, business_date: date) -> dict[str, Close]:
    """The closes of the store's tills for that day, by the till's code."""
    found = uow.session.scalars(select(Close).filter_by(store_id=store_id, business_date=business_date))
    return {close.till_code: close for close in found}


def _kinds(uow: UnitOfWork, on: tuple[ColumnElement[bool], ...]) -> dict[str, tuple[int, int, int]]:
    query = select(
        ReceiptRow.kind, func.count(ReceiptRow.id), func.count(ReceiptRow.member_id), func.sum(ReceiptRow.total)
    )
    rows = uow.session.execute(query.where(*on).group_by(ReceiptRow.kind))
    return {kind: (count, members, signed(kind, int(amount))) for kind, count, members, amount in rows}


def _paid(uow: UnitOfWork, on: tuple[ColumnElement[bool], ...]) -> tuple[Paid, ...]:
    is_sale = ReceiptRow.kind == "sale"
    sums = [func.sum(case((which, ReceiptTender.amount), else_=0)) for which in (is_sale, ~is_sale)]
    query = select(ReceiptTender.type, *sums).join(ReceiptRow, ReceiptRow.id == ReceiptTender.receipt_id)
    rows = uow.session.execute(query.where(*on).group_by(ReceiptTender.type))
    found = {name: [int(taken), int(returned)] for name, taken, returned in rows}
    changes = [func.sum(case((which, ReceiptRow.change_given), else_=0)) for which in (is_sale, ~is_sale)]
    out, back = uow.session.execute(select(changes[0], changes[1]).where(*on)).one()
    if out or back:
        cash = found.setdefault("cash", [0, 0])
        found["cash"] = [cash[0] - int(out), cash[1] - int(back)]
    return tuple(Paid(name, taken=found[name][0], returned=found[name][1]) for name in sorted(found))


def _tills(uow: UnitOfWork, on: tuple[ColumnElement[bool], ...]) -> Mapping[str, tuple[int, int]]:
    net = func.sum(case((ReceiptRow.kind == "sale", ReceiptRow.total), else_=-ReceiptRow.total))
    query = select(ReceiptRow.till_code, func.count(ReceiptRow.id), net)
    rows = uow.session.execute(query.where(*on).group_by(ReceiptRow.till_code))
    return {code: (count, int(amount)) for code, count, amount in rows}


def _points(uow: UnitOfWork, *, mall_id: int, store_id: int, business_date: date) -> tuple[int, int]:
    """What moved on the store's two accounts of points, in points of the mall."""
    query = (
        select(Account.name, func.sum(Posting.amount))
        .join(Posting, Posting.account_id == Account.id)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Account.owner == "store", Account.owner_id == store_id, Account.name.in_((GIVEN, TAKEN)))
        .where(Account.unit == f"points:{mall_id}", Entry.business_date == business_date)
        .group_by(Account.name)
    )
    found = {name: int(amount) for name, amount in uow.session.execute(query)}
    return found.get(GIVEN, 0), found.get(TAKEN, 0)


def _open(uow: UnitOfWork, store_id: int, *, business_date: date) -> tuple[int, int]:
    """Contradicting receipts that nobody has handled, and returns that wait for their sale."""
    counts = []
    for model, done in ((ReceiptConflict, ReceiptConflict.handled_at), (ParkedReceipt, ParkedReceipt.settled_at)):
        query = select(func.count()).select_from(model).where(model.store_id == store_id, done.is_(None))
        counts.append(int(uow.session.scalar(query.where(model.business_date == business_date)) or 0))
    return counts[0], counts[1]
