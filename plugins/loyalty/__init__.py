"""Points and tiers: what a purchase gives, why, how long it lasts, and how it is paid back."""

from core import Manifest, Setting, _

MANIFEST = Manifest(
    name="loyalty",
    title=_("Points"),
    version="0.1.0",
    summary=_("Members earn points by rule and tier, pay with them, and see where each point came from."),
    permissions=("rule", "tier", "lot", "member", "statement", "report"),
    settings=(
        Setting("expiry_months", "int", 12, _("Months until points expire"), _("0: points never expire"), 0, 120),
        Setting("pending_days", "int", 0, _("Days until points can be used"), None, 0, 365),
        Setting("pay_with_points", "bool", True, _("Points pay at the till")),
        Setting("points_per_unit", "int", 100, _("Points worth 1.00"), None, 1, 100_000),
    ),
)
