"""Set points aside for a payment under way, then take them or give them back to their lots."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select

from core import Hold, NotFound, Reason, Refused, Transfer, UnitOfWork, _, ledger
from plugins.loyalty.models import Lot, LotUse
from plugins.loyalty.rules import lots as rules
from plugins.loyalty.rules.accounts import points_of, spent_at


def hold_points(
    uow: UnitOfWork,
    *,
    member_id: int,
    mall_id: int,
    store_id: int,
    points: int,
    reference: str,
    today: date,
    expires_at: datetime,
) -> int:
    """Hold points that can be used today; returns the hold's id. Raises `Refused` (not_enough_points)."""
    found = select(Lot).where(
        Lot.member_id == member_id, Lot.remaining > 0, Lot.available_on <= today, Lot.expires_on >= today
    )
    facts = [
        rules.LotFacts(lot.id, lot.remaining, lot.available_on, lot.expires_on) for lot in uow.session.scalars(found)
    ]
    parts = rules.take(rules.in_order(facts), points)
    if sum(part for _lot, part in parts) < points:
        have = sum(lot.remaining for lot in facts)
        sentence = _("The member has %(have)s usable points, %(need)s are needed.", have=have, need=points)
        raise Refused(sentence, code="not_enough_points")
    account = points_of(member_id, mall_id)
    transfer = Transfer(
        kind="loyalty.hold",
        source=account,
        target=ledger.held(account),
        amount=points,
        reasons=(Reason(_("%(points)s points held for a payment.", points=points)),),
        claims=rules.claims(parts),
        inserts=rules.uses(parts, receipt_id=None),
    )
    return ledger.hold(
        uow,
        transfer,
        plugin="loyalty",
        mall_id=mall_id,
        store_id=store_id,
        reference=reference,
        expires_at=expires_at,
        business_date=today,
    )


def capture_points(uow: UnitOfWork, *, hold_id: int, today: date) -> int:
    """Take all held points as payment at the hold's store; returns the entry's id."""
    hold, member_id = _held_by(uow, hold_id)
    account = points_of(member_id, hold.mall_id)
    why = (Reason(_("%(points)s held points taken as payment.", points=hold.amount)),)
    target = spent_at(hold.store_id or 0, hold.mall_id)
    transfer = Transfer("loyalty.spend", ledger.held(account), target, hold.amount, reasons=why)
    return ledger.capture(uow, hold_id=hold_id, to=transfer, plugin="loyalty", business_date=today)


def release_points(uow: UnitOfWork, *, hold_id: int, today: date, state: str = "released") -> int:
    """Give held points back to the lots they came from; returns the entry's id."""
    hold, member_id = _held_by(uow, hold_id)
    taken = uow.session.execute(select(LotUse.lot_id, LotUse.points).where(LotUse.entry_id == hold.entry_id)).all()
    parts = [(lot_id, points) for lot_id, points in taken]
    account = points_of(member_id, hold.mall_id)
    transfer = Transfer(
        kind="loyalty.release",
        source=ledger.held(account),
        target=account,
        amount=hold.amount,
        reasons=(Reason(_("%(points)s held points given back.", points=hold.amount)),),
        claims=rules.returns(parts),
        inserts=rules.uses(parts, receipt_id=None, sign=-1),
    )
    return ledger.release(uow, hold_id=hold_id, back=transfer, plugin="loyalty", business_date=today, state=state)


def _held_by(uow: UnitOfWork, hold_id: int) -> tuple[Hold, int]:
    hold = uow.session.get(Hold, hold_id)
    if hold is None or hold.account.name != "loyalty":
        raise NotFound(record="Hold")
    return hold, hold.account.owner_id
