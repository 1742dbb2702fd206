"""Set points aside for a payment under way, then take them or give them back to their lots."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from core import Account, Hold, Member, NotFound, Reason, Refused, Transfer, UnitOfWork, _, ledger
from plugins.loyalty.models import Lot, LotUse
from plugins.loyalty.rules import lots as rules
from plugins.loyalty.rules.accounts import points_of, spent_at
from plugins.loyalty.rules.tenders import not_enough


@dataclass(frozen=True, slots=True)
class Purpose:
    """What points are held for: the store, the payment's own reference (held once under it), and until when."""

    store_id: int
    reference: str
    until: datetime


def hold_points(uow: UnitOfWork, *, member_id: int, points: int, purpose: Purpose, today: date) -> int:
    """Hold points that can be used today; returns the hold's id. Raises `Refused`: not_enough_points, member_frozen."""
    mall_id = _mall_of(uow, member_id)
    usable = _usable(uow, member_id, today=today)
    parts = rules.take(rules.in_order(usable), points)
    if sum(part for _lot, part in parts) < points:
        raise not_enough(have=sum(lot.remaining for lot in usable), need=points)
    account = points_of(member_id, mall_id)
    transfer = Transfer(
        kind="loyalty.hold",
        source=account,
        target=ledger.held(account),
        amount=points,
        reasons=(Reason(_("Points held for a payment: %(points)s", points=points)),),
        claims=rules.claims(parts),
        inserts=rules.uses(parts, receipt_id=None),
    )
    occasion = ledger.Occasion(mall_id, purpose.reference, today, purpose.store_id)
    return ledger.hold(uow, transfer, occasion=occasion, expires_at=purpose.until)


def capture_points(uow: UnitOfWork, *, hold_id: int, today: date) -> int:
    """Take all held points as payment at the hold's store; returns the entry's id."""
    hold, member_id = _held_by(uow, hold_id)
    account = points_of(member_id, hold.mall_id)
    why = (Reason(_("Held points taken as payment: %(points)s", points=hold.amount)),)
    target = spent_at(hold.store_id or 0, hold.mall_id)
    transfer = Transfer("loyalty.spend", ledger.held(account), target, hold.amount, reasons=why)
    return ledger.capture(uow, hold_id=hold_id, to=transfer, business_date=today)


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
        reasons=(Reason(_("Held points given back: %(points)s", points=hold.amount)),),
        claims=rules.returns(parts),
        inserts=rules.uses(parts, receipt_id=None, sign=-1),
    )
    return ledger.release(uow, hold_id=hold_id, back=transfer, business_date=today, state=state)


def release_expired(uow: UnitOfWork, *, mall_id: int, today: date, limit: int = 500) -> int:
    """Give back what is held past its time; returns how many holds, 0 when none is left."""
    query = (
        select(Hold.id)
        .join(Account, Account.id == Hold.account_id)
        .where(Hold.mall_id == mall_id, Hold.state == "held", Hold.expires_at < uow.now, Account.name == "loyalty")
    )
    found = uow.session.scalars(query.order_by(Hold.id).limit(limit)).all()
    for hold_id in found:
        release_points(uow, hold_id=hold_id, today=today, state="expired")
    return len(found)


def _mall_of(uow: UnitOfWork, member_id: int) -> int:
    member = uow.session.get(Member, member_id)
    if member is None:
        raise NotFound(_("There is no such member."), code="member_not_found")
    if member.status != "active":
        raise Refused(_("This membership is frozen."), code="member_frozen")
    return member.mall_id


def _usable(uow: UnitOfWork, member_id: int, *, today: date) -> list[rules.LotFacts]:
    query = select(Lot.id, Lot.remaining, Lot.available_on, Lot.expires_on).where(
        Lot.member_id == member_id, Lot.remaining > 0, Lot.available_on <= today, Lot.expires_on >= today
    )
    return [rules.LotFacts(*row) for row in uow.session.execute(query).all()]


def _held_by(uow: UnitOfWork, hold_id: int) -> tuple[Hold, int]:
    hold = uow.session.get(Hold, hold_id)
    if hold is None or hold.account.name != "loyalty":
        raise NotFound(record="Hold")
    return hold, hold.account.owner_id
