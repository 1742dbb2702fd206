"""The verbs of loyalty: write rules, set tiers, expire points, hold and release them, count and explain them."""

from plugins.loyalty.services.expire import expire_lots
from plugins.loyalty.services.hold import Purpose, capture_points, hold_points, release_expired, release_points
from plugins.loyalty.services.rules import add_rule, newest_rule, save_rule
from plugins.loyalty.services.statement import balances, by_store, expiring, movements
from plugins.loyalty.services.tiers import set_tier, tier_of
from plugins.loyalty.services.totals import count_points, members_with_points, points_of_member

__all__ = [
    "Purpose",
    "add_rule",
    "balances",
    "by_store",
    "capture_points",
    "count_points",
    "expire_lots",
    "expiring",
    "hold_points",
    "members_with_points",
    "movements",
    "newest_rule",
    "points_of_member",
    "release_expired",
    "release_points",
    "save_rule",
    "set_tier",
    "tier_of",
]
