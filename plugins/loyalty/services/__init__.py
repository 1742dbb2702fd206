"""The verbs of loyalty: write rules, set tiers, expire points, hold and release them."""

from plugins.loyalty.services.expire import expire_lots
from plugins.loyalty.services.hold import capture_points, hold_points, release_points
from plugins.loyalty.services.rules import save_rule, set_tier
from plugins.loyalty.services.totals import count_points, members_with_points

__all__ = [
    "capture_points",
    "count_points",
    "expire_lots",
    "hold_points",
    "members_with_points",
    "release_points",
    "save_rule",
    "set_tier",
]
