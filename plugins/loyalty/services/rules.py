"""Write earning rules, version by version, and say which tier a member is in."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import func, select

from core import NotFound, UnitOfWork
from plugins.loyalty.models import MemberTier, Rule, Tier

FIGURES = (
    "name",
    "kind",
    "store_id",
    "tier_id",
    "points",
    "per_amount",
    "factor_percent",
    "starts_on",
    "ends_on",
    "is_on",
)


def save_rule(uow: UnitOfWork, *, mall_id: int, code: str, **figures: Any) -> Rule:
    """Add the next version of the rule `code` with these figures (see models.Rule); older ones stay for old receipts.

    The first version a mall writes of `base` is 2: version 1 is what the programme comes with.
    """
    newest = uow.session.scalar(select(func.max(Rule.version)).filter_by(mall_id=mall_id, code=code))
    if unknown := set(figures) - set(FIGURES):
        raise TypeError(f"a rule has no {', '.join(sorted(unknown))}")
    version = (newest or (1 if code == "base" else 0)) + 1
    rule = Rule(mall_id=mall_id, code=code, version=version, created_at=uow.now, **figures)
    uow.session.add(rule)
    uow.session.flush()
    return rule


def set_tier(uow: UnitOfWork, *, member_id: int, mall_id: int, tier_code: str, today: date) -> MemberTier:
    """Put a member into a tier by hand."""
    tier = uow.session.scalar(select(Tier).filter_by(mall_id=mall_id, code=tier_code))
    if tier is None:
        raise NotFound(record="Tier")
    row = uow.session.get(MemberTier, member_id) or MemberTier(member_id=member_id, mall_id=mall_id)
    row.tier_id, row.since = tier.id, today
    uow.session.add(row)
    uow.session.flush()
    return row
