"""Totals from the ledger, for the books and for the switchboard."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from core import Account, Entry, Posting, UnitOfWork, ledger
from plugins.loyalty.models import Lot
from plugins.loyalty.rules.accounts import debt_of, points_of
from plugins.loyalty.rules.lots import FOREVER


def count_points(uow: UnitOfWork) -> Mapping[str, int]:
    """Points earned by receipts (gross), spent, and held by members, over the whole database."""
    moved = (
        select(Entry.kind, func.coalesce(func.sum(Posting.amount), 0))
        .join(Posting, Posting.entry_id == Entry.id)
        .where(Posting.amount > 0, Entry.kind.in_(("loyalty.earn", "loyalty.spend")))
        .group_by(Entry.kind)
    )
    by_kind = {kind: int(amount) for kind, amount in uow.session.execute(moved).all()}
    balance = select(func.coalesce(func.sum(Account.balance), 0)).where(Account.name == "loyalty")
    return {
        "points_earned": by_kind.get("loyalty.earn", 0),
        "points_spent": by_kind.get("loyalty.spend", 0),
        "points_balance": int(uow.session.scalar(balance) or 0),
    }


def members_with_points(uow: UnitOfWork, *, mall_id: int) -> tuple[int, int]:
    """How many members of the mall have points, and how many points that is."""
    query = select(func.count(), func.coalesce(func.sum(Account.balance), 0)).where(
        Account.mall_id == mall_id, Account.name == "loyalty", Account.balance > 0
    )
    members, points = uow.session.execute(query).one()
    return int(members), int(points or 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's points on a day. `next_expiry` is the last day of those that go first, None when none ever does."""

    balance: int
    usable: int
    pending: int
    owed: int
    next_expiry: date | None
    next_points: int


def points_of_member(uow: UnitOfWork, *, member_id: int, mall_id: int, today: date) -> Standing:
    """What the member has, what of it can be used today, and what expires next."""
    query = select(Lot.remaining, Lot.available_on, Lot.expires_on).where(Lot.member_id == member_id, Lot.remaining > 0)
    lots = [(left, since, until) for left, since, until in uow.session.execute(query)]
    usable = [(left, until) for left, since, until in lots if since <= today <= until]
    first = min((until for _left, until in usable), default=FOREVER)
    return Standing(
        balance=ledger.balance(uow, points_of(member_id, mall_id)),
        usable=sum(left for left, _until in usable),
        pending=sum(left for left, since, _until in lots if since > today),
        owed=ledger.balance(uow, debt_of(member_id, mall_id)),
        next_expiry=None if first == FOREVER else first,
        next_points=sum(left for left, until in usable if until == first),
    )
