"""Totals from the ledger, for the books and for the switchboard."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select

from core import Account, Entry, Posting, UnitOfWork


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
