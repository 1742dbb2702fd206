"""Rewards that failed at the till are tried again from the outbox, on the facts of the receipt as it was booked."""

from __future__ import annotations

from functools import partial
from typing import Any

from sqlalchemy import select

from core import clock, db, directory, ids, reading
from core.checkout.compose import Composer
from core.checkout.context import Context
from core.checkout.counter import open_counter
from core.checkout.decide import Counter, Decision
from core.checkout.originals import REWARDS, as_original, still_owed
from core.db import UnitOfWork
from core.errors import Conflict, Miss, Refused
from core.events import Event, handler
from core.house import House, house
from core.i18n import _
from core.ledger.accounts import Accounts
from core.ledger.write import write
from core.models import Account, Member, ReceiptRow
from core.types import AccountRef, Line, MemberFacts, Receipt, ReceiptKey, Tender, Visit


@handler(REWARDS)
def give_rewards(event: Event, uow: UnitOfWork) -> None:
    """Ask the one plugin whose rewards are missing, and book what it proposes. Raises when it fails again.

    So it does while the plugin is off or out of service there, and for a return as long as its sale waits too. The
    entries are named after the receipt, so that trying twice books once.
    """
    here, plugin = house(), str(event.payload["plugin"])
    row = uow.session.get_one(ReceiptRow, event.subject_id)
    context = Context(directory.get(uow.database), {})
    _read_member(uow, row, context=context)
    if row.original_id:
        context.owed = still_owed(uow.session.connection(), [row.original_id])
    with reading.reader(uow.database) as connection:
        context.stamps = directory.read_stamps(connection)
        visit = _visit(here, uow, row=row, context=context)
        counter = open_counter(here, context, connection=connection, visits=[visit])
    decision = _ask(counter, visit, plugin=plugin)
    accounts = Accounts(uow.database, row.mall_id, context.account_ids, partial(ids.draw_within, uow))
    composer = Composer(str(uow.actor), row.till_id, accounts, clock.now())
    refs = [ref for p in decision.transfers for ref in (p.transfer.source, p.transfer.target)]
    connection_now = uow.session.connection(bind_arguments={"bind": uow.database.writer})
    accounts.prepare_within(connection_now, refs)
    composer.add_transfers(decision)
    try:
        if composer.booking.rows:
            write(connection_now, composer.booking)
    except Miss as miss:
        raise Conflict() from miss


def _ask(counter: Counter, visit: Visit, *, plugin: str) -> Decision:
    counter.enabled &= {plugin}
    decision = Decision(visit, visit.receipt)
    with db.deciding():
        counter.reward(decision, late=True)
    if plugin in decision.pending or not counter.enabled:
        raise Refused(_("%(plugin)s cannot give what is owed yet.", plugin=plugin), code="rewards_wait")
    return decision


def _read_member(uow: UnitOfWork, row: ReceiptRow, *, context: Context) -> None:
    member = uow.session.get(Member, row.member_id) if row.member_id else None
    if member is None:
        return
    facts = MemberFacts(member.id, member.name, member.phone_masked, member.status, member.joined_on)
    context.members["id", member.id] = facts
    for account in uow.session.scalars(select(Account).filter_by(owner="member", owner_id=member.id)):
        ref = AccountRef(account.name, "member", member.id, account.unit, account.floor)
        context.account_ids[ref], context.balances[ref] = account.id, account.balance or 0


def _visit(here: House, uow: UnitOfWork, *, row: ReceiptRow, context: Context) -> Visit:
    original: Any = as_original(uow, row) if row.original_id else None
    lines = tuple(_line(line) for line in row.lines)
    receipt = Receipt(
        key=ReceiptKey(row.till_code, row.business_date, row.number),
        happened_at=row.happened_at,
        kind=row.kind,  # type: ignore[arg-type]  # the table's CHECK holds it
        currency=row.currency,
        lines=lines,
        tenders=tuple(Tender(t.type, t.amount, t.points, t.ref or None) for t in row.tenders),
        total=row.total,
        tax=row.tax,
        change=row.change_given,
        original=original.key if original else None,
    )
    return Visit(
        receipt_id=row.id,
        mall=context.known.malls[row.mall_id],
        store=context.known.stores[row.store_id],
        receipt=receipt,
        member=context.members.get(("id", row.member_id)),
        original=original,
        returning=lines if original else (),
    )


def _line(row: Any) -> Line:
    return Line(
        line=row.no,
        sku=row.sku,
        name=row.name,
        amount=row.amount,
        qty=row.qty,
        unit_price=row.unit_price,
        discount=row.discount,
        category=row.category or None,
        original_line=row.original_line,
    )
