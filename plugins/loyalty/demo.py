"""Sample rows for the demo's mall: four tiers, and some members above the lowest. Points stay the same for all."""

from __future__ import annotations

from sqlalchemy import select

from core import Mall, Member, NotFound, UnitOfWork, _, clock
from plugins.loyalty import services
from plugins.loyalty.models import MemberTier, Tier

TIERS = (("ordinary", _("Ordinary")), ("silver", _("Silver")), ("gold", _("Gold")), ("diamond", _("Diamond")))
RAISED = ("silver", "silver", "silver", "gold", "gold", "diamond")
"""The tiers of the mall's first members, in turn, with as many in between who stay where they are."""
MOST = 120


def fill(uow: UnitOfWork, *, mall_id: int) -> None:
    """Make what is not there yet; a second time it changes nothing."""
    mall = uow.session.get(Mall, mall_id)
    if mall is None:
        raise NotFound(_("There is no such mall."))
    have = set(uow.session.scalars(select(Tier.code).filter_by(mall_id=mall_id)))
    for rank, (code, name) in enumerate(TIERS):
        if code not in have:
            uow.session.add(Tier(mall_id=mall_id, code=code, name=name.into(mall.locale), rank=rank))
    uow.session.flush()
    _raise_some(uow, mall)


def _raise_some(uow: UnitOfWork, mall: Mall) -> None:
    if uow.session.scalar(select(MemberTier.member_id).filter_by(mall_id=mall.id).limit(1)) is not None:
        return
    first = uow.session.scalars(select(Member.id).filter_by(mall_id=mall.id).order_by(Member.id).limit(MOST)).all()
    for place, member_id in enumerate(first[::2]):
        code = RAISED[place % len(RAISED)]
        services.set_tier(uow, member_id=member_id, mall_id=mall.id, tier_code=code, today=clock.today(mall.zone))
