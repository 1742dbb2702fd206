"""A plugin for tests, as a stranger would write one: an offer within a budget, coupons, stamps, and two tables."""

from core import Manifest, Setting, _

MANIFEST = Manifest(
    name="minimal",
    title=_("Minimal"),
    version="1.0",
    summary=_("A tenth off while the budget lasts, a stamp for each visit."),
    on_by_default=False,
    settings=(Setting("percent", "int", 10, _("Percent off"), None, 0, 50),),
)
