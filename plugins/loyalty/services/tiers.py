"""Make tiers, and say which one a member is in."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core import Member, NotFound, UnitOfWork, _
from plugins.loyalty.models import MemberTier, Tier


def set_tier(uow: UnitOfWork, *, member_id: int, mall_id: int, tier_code: str, today: date) -> MemberTier:
    """Put a member into a tier by hand; one who was never put into any is in the lowest."""
    member = uow.session.get(Member, member_id)
    if member is None or member.mall_id != mall_id:
        raise NotFound(_("There is no such member."), code="member_not_found")
    tier = uow.session.scalar(select(Tier).filter_by(mall_id=mall_id, code=tier_code))
    if tier is None:
        raise NotFound(_("There is no such tier."), code="tier_not_found")
    row = uow.session.get(MemberTier, member_id)
    if row is None:
        row = MemberTier(member_id=member_id, mall_id=mall_id, tier_id=tier.id, since=today)
        uow.session.add(row)
    elif row.tier_id != tier.id:
        row.tier_id, row.since = tier.id, today
    uow.session.flush()
    uow.session.refresh(row)
    return row


def tier_of(uow: UnitOfWork, *, member_id: int, mall_id: int) -> Tier | None:
    """The tier a member is in: their own, else the lowest of the mall; None where the mall has none."""
    row = uow.session.get(MemberTier, member_id)
    if row is not None:
        return row.tier
    return uow.session.scalar(select(Tier).filter_by(mall_id=mall_id).order_by(Tier.rank, Tier.id).limit(1))
