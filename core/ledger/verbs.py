"""What services do with value: post, reverse, hold, capture, release. Each in the caller's unit of work.

`NotEnough` when an account would fall below its floor, `Conflict` when somebody else was faster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import select

from core import ids
from core.db import UnitOfWork
from core.errors import Conflict, Miss, NotEnough, NotFound, Refused
from core.i18n import _
from core.ledger.accounts import Accounts, find
from core.ledger.booking import Booking
from core.ledger.entries import add_entry, add_postings, filled, reasons_text
from core.ledger.write import FLOOR, write
from core.models.ledger import Account, Entry, Hold, Posting
from core.types import AccountRef, Claim, Fill, Reason, Transfer


@contextmanager
def booking(uow: UnitOfWork, mall_id: int, *, refs: Sequence[AccountRef]) -> Iterator[tuple[Booking, Accounts]]:
    """Collect rows and movements, and write them when the block ends: all, or none even if the caller goes on."""
    uow.session.flush()
    connection = uow.session.connection(bind_arguments={"bind": uow.database.writer})
    accounts = Accounts(uow.database, mall_id, find(connection, refs), partial(ids.draw_within, uow))
    accounts.prepare_within(connection, refs)
    collected = Booking()
    yield collected, accounts
    try:
        with connection.begin_nested():
            write(connection, collected)
    except Miss as miss:
        raise (NotEnough() if FLOOR in str(miss) else Conflict()) from miss


@dataclass(frozen=True, slots=True)
class Occasion:
    """What an entry is booked for. `reference` and the transfer's kind name the fact, so that it is booked once.

    `happened_at` is now when not said; `business_date` is the mall's day that it counts for.
    """

    mall_id: int
    reference: str
    business_date: date
    store_id: int | None = None
    receipt_id: int | None = None
    happened_at: datetime | None = None


def post(uow: UnitOfWork, transfer: Transfer, *, occasion: Occasion) -> int:
    """Book one transfer with its rows and claims; returns the entry's id. A second time is a `Conflict`."""
    with booking(uow, occasion.mall_id, refs=(transfer.source, transfer.target)) as (rows, accounts):
        entry_id = add_entry(
            rows,
            accounts,
            transfer=transfer,
            values={
                "mall_id": occasion.mall_id,
                "store_id": occasion.store_id,
                "reference": occasion.reference,
                "receipt_id": occasion.receipt_id,
                "reverses_id": None,
                "happened_at": occasion.happened_at or uow.now,
                "recorded_at": uow.now,
                "business_date": occasion.business_date,
                "plugin": transfer.plugin,
            },
        )
        fills = {Fill.ENTRY_ID: entry_id}
        if occasion.receipt_id is not None:
            fills[Fill.RECEIPT_ID] = occasion.receipt_id
        for insert in transfer.inserts:
            rows.insert_into(insert.table, filled(accounts, insert.values, fills=fills))
        for claim in transfer.claims:
            rows.claim(claim)
    return entry_id


def reverse(uow: UnitOfWork, *, entry_id: int, reason: Reason, business_date: date) -> int:
    """Book the exact opposite of an entry, once; the entry itself stays as it is. Returns the new entry's id."""
    entry = uow.session.get(Entry, entry_id)
    if entry is None:
        raise NotFound(record="Entry")
    sides = [(ref, -amount) for ref, amount in _sides(uow, entry_id)]
    with booking(uow, entry.mall_id, refs=[ref for ref, _amount in sides]) as (rows, accounts):
        return add_postings(
            rows,
            accounts,
            sides=sides,
            values={
                "mall_id": entry.mall_id,
                "store_id": entry.store_id,
                "kind": f"{entry.kind}.reversed",
                "reference": f"entry:{entry_id}",
                "receipt_id": entry.receipt_id,
                "reverses_id": entry_id,
                "happened_at": uow.now,
                "recorded_at": uow.now,
                "business_date": business_date,
                "plugin": entry.plugin,
                "rule": entry.rule,
                "reasons": reasons_text((reason,)),
            },
        )


def _sides(uow: UnitOfWork, entry_id: int) -> list[tuple[AccountRef, int]]:
    query = (
        select(Account, Posting.amount)
        .join(Posting, Posting.account_id == Account.id)
        .where(Posting.entry_id == entry_id)
    )
    return [(ref_of(account), amount) for account, amount in uow.session.execute(query.order_by(Posting.no))]


def ref_of(account: Account) -> AccountRef:
    """The reference that means this account."""
    floor = account.floor if account.balance is not None else 0
    return AccountRef(account.name, account.owner, account.owner_id, account.unit, floor)


def held(ref: AccountRef) -> AccountRef:
    """Where value waits while it is held for a payment."""
    return replace(ref, name=f"{ref.name}.held", floor=0)


def hold(uow: UnitOfWork, transfer: Transfer, *, occasion: Occasion, expires_at: datetime) -> int:
    """Set value aside: `transfer` goes from the account to its `held` one. Returns the hold's id.

    Asking again under the same reference is a `Conflict`, so that a till's retry holds once.
    """
    entry_id = post(uow, transfer, occasion=occasion)
    account_id = find(uow.session.connection(), [transfer.source])[transfer.source]
    row = Hold(
        id=ids.draw_within(uow, 1)[0],
        mall_id=occasion.mall_id,
        store_id=occasion.store_id,
        account_id=account_id,
        unit=transfer.source.unit,
        amount=transfer.amount,
        state="held",
        reference=occasion.reference,
        entry_id=entry_id,
        created_at=uow.now,
        expires_at=expires_at,
    )
    uow.session.add(row)
    uow.session.flush()
    return row.id


def capture(uow: UnitOfWork, *, hold_id: int, to: Transfer, business_date: date) -> int:
    """Take held value: `to` moves it on from the `held` account; what is left of the hold is not released by this."""
    row = _open_hold(uow, hold_id)
    if to.amount > row.amount:
        raise NotEnough(account=str(to.source))
    return _close(uow, row, to=to, changes={"state": "captured", "captured": to.amount}, business_date=business_date)


def release(uow: UnitOfWork, *, hold_id: int, back: Transfer, business_date: date, state: str = "released") -> int:
    """Give held value back: `back` moves all of it from the `held` account to where it came from."""
    row = _open_hold(uow, hold_id)
    return _close(uow, row, to=back, changes={"state": state}, business_date=business_date)


def _open_hold(uow: UnitOfWork, hold_id: int) -> Hold:
    row = uow.session.get(Hold, hold_id)
    if row is None:
        raise NotFound(record="Hold")
    _expect_open(row)
    return row


def _expect_open(row: Hold) -> None:
    if row.state != "held":
        raise Refused(_("This hold is no longer open."), code="hold_closed")


def _close(uow: UnitOfWork, row: Hold, *, to: Transfer, changes: Mapping[str, Any], business_date: date) -> int:
    claim = Claim("core_hold", row.id, guard={"state": "held"}, changes=changes)
    occasion = Occasion(row.mall_id, f"hold:{row.id}", business_date, row.store_id)
    try:
        entry_id = post(uow, replace(to, claims=(*to.claims, claim)), occasion=occasion)
    except (Conflict, NotEnough):
        uow.session.refresh(row)
        _expect_open(row)  # somebody else ended it in the same moment
        raise
    uow.session.refresh(row)
    return entry_id


def balance(uow: UnitOfWork, ref: AccountRef) -> int:
    """The balance of a kept account, 0 when nothing was ever posted to it."""
    query = select(Account.balance).filter_by(owner=ref.owner, owner_id=ref.owner_id, name=ref.name, unit=ref.unit)
    return int(uow.session.scalar(query) or 0)
