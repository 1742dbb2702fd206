"""The screens of loyalty, and where they stand in the menu."""

from core import _
from core.admin import AdminEntry
from plugins.loyalty.views.lots import LotView
from plugins.loyalty.views.rules import RuleView
from plugins.loyalty.views.tiers import MemberTierView, TierView

_READ = ("can_list", "can_show")
_WRITE = (*_READ, "can_add", "can_edit")

ENTRIES = [
    AdminEntry(
        RuleView,
        "Earning rules",
        _("Earning rules"),
        icon="star",
        order=10,
        grants={
            "marketing": {"loyalty.rule": (*_WRITE, "can_switch_off", "can_switch_on")},
            **{
                role: {"loyalty.rule": _READ} for role in ("department_head", "store_manager", "finance", "member_care")
            },
        },
    ),
    AdminEntry(
        TierView,
        "Tiers",
        _("Tiers"),
        icon="flag",
        order=20,
        grants={
            "marketing": {"loyalty.tier": (*_WRITE, "can_delete")},
            **{
                role: {"loyalty.tier": _READ} for role in ("department_head", "store_manager", "finance", "member_care")
            },
        },
    ),
    AdminEntry(
        MemberTierView,
        "Members' tiers",
        _("Members' tiers"),
        icon="users",
        order=30,
        grants={
            "member_care": {"loyalty.member": _WRITE},
            **{role: {"loyalty.member": _READ} for role in ("department_head", "marketing")},
        },
    ),
    AdminEntry(
        LotView,
        "Points by lot",
        _("Points by lot"),
        icon="clock",
        order=40,
        grants={role: {"loyalty.lot": _READ} for role in ("department_head", "finance", "marketing", "member_care")},
    ),
]
