"""A rule in words: what it gives, where, to whom and when."""

from __future__ import annotations

from datetime import date

from core import Text, _
from plugins.loyalty.rules import figures
from plugins.loyalty.rules.earn import EarnRule


def gives(rule: EarnRule, currency: str) -> Text:
    """What the rule gives."""
    if rule.kind == "factor":
        return _("Times %(factor)s", factor=figures.factor(rule.factor_percent))
    per = figures.money(rule.per_amount, currency)
    return _("%(points)s per %(per)s paid", points=rule.points, per=per)


def conditions(rule: EarnRule, *, store: str, tier: str) -> list[Text]:
    """Under which conditions; `store` and `tier` are the names of those that the rule means."""
    found = []
    if rule.store_id is not None:
        found.append(_("only in %(store)s", store=store))
    if rule.tier_id is not None:
        found.append(_("only for %(tier)s", tier=tier))
    if rule.starts_on is not None or rule.ends_on is not None:
        found.append(period(rule.starts_on, rule.ends_on))
    return found


def period(first: date | None, last: date | None) -> Text:
    """The days, both included."""
    if last is None:
        return _("from %(first)s", first=first)
    if first is None:
        return _("until %(last)s", last=last)
    return _("%(first)s to %(last)s", first=first, last=last)
