"""Write earning rules, version by version."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core import LIMIT, Conflict, Invalid, Mall, NotFound, Store, UnitOfWork, _
from plugins.loyalty.models import Rule, Tier
from plugins.loyalty.rules.earn import DEFAULT

PERIOD = ("starts_on", "ends_on")
FIGURES = ("name", "kind", "store_id", "tier_id", "points", "per_amount", "factor_percent", *PERIOD, "is_on")
HIGHEST_FACTOR = 10_000
"""In percent: times 100."""
_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,29}", re.ASCII)


def add_rule(uow: UnitOfWork, *, mall_id: int, code: str, **figures: Any) -> Rule:
    """Write the first version of a rule under a new code. `Conflict` (rule_exists) when the mall has one."""
    if newest_rule(uow, mall_id=mall_id, code=code) is not None:
        raise Conflict(_("There is a rule with this code already."), code="rule_exists")
    return save_rule(uow, mall_id=mall_id, code=code, **figures)


def save_rule(uow: UnitOfWork, *, mall_id: int, code: str, **figures: Any) -> Rule:
    """Add the next version of the rule `code`; figures not named (see models.Rule) stay as they are.

    Older versions remain for the receipts of their time. Version 1 of `base`, what every mall begins with, is written
    down together with the mall's first rule. Raises `Invalid` for a rule that cannot be.
    """
    if unknown := set(figures) - set(FIGURES):
        raise TypeError(f"a rule has no {', '.join(sorted(unknown))}")
    newest = newest_rule(uow, mall_id=mall_id, code=code) or _begin(uow, mall_id, code=code)
    before = {name: getattr(newest, name) for name in FIGURES} if newest else _beginning(code)
    after = {**before, **figures}
    if newest and after["kind"] != newest.kind:
        raise Invalid(_("A rule keeps its kind. Add another rule instead."), code="rule_kind_fixed")
    _check(code, after)
    _check_places(uow, mall_id, figures=after)
    version = newest.version + 1 if newest else 1
    rule = Rule(mall_id=mall_id, code=code, version=version, created_at=uow.now, **after)
    uow.session.add(rule)
    uow.session.flush()
    return rule


def newest_rule(uow: UnitOfWork, *, mall_id: int, code: str) -> Rule | None:
    """The newest version of a rule, on or off; None where the mall has written none under this code."""
    query = select(Rule).filter_by(mall_id=mall_id, code=code).order_by(Rule.version.desc()).limit(1)
    return uow.session.scalar(query)


def _begin(uow: UnitOfWork, mall_id: int, *, code: str) -> Rule | None:
    """Write down the rule that holds as long as a mall has none; returns it when it is the one of this code."""
    if newest_rule(uow, mall_id=mall_id, code=DEFAULT.code) is not None:
        return None
    mall = uow.session.get(Mall, mall_id)
    if mall is None:
        raise NotFound(_("There is no such mall."))
    figures = _beginning(_("Points for what is paid").into(mall.locale))
    first = Rule(mall_id=mall_id, code=DEFAULT.code, version=DEFAULT.version, created_at=mall.created_at, **figures)
    uow.session.add(first)
    return first if code == DEFAULT.code else None


def _beginning(name: str) -> dict[str, Any]:
    nothing: dict[str, Any] = dict.fromkeys(FIGURES)
    figures = {"points": DEFAULT.points, "per_amount": DEFAULT.per_amount, "factor_percent": DEFAULT.factor_percent}
    return {**nothing, **figures, "name": name, "kind": DEFAULT.kind, "is_on": True}


def _check(code: str, figures: Mapping[str, Any]) -> None:
    if not _CODE.fullmatch(code):
        raise Invalid(_("A code has small letters, digits and hyphens, at most 30."), code="bad_rule_code")
    if not (figures["name"] or "").strip():
        raise Invalid(_("A name is needed."), code="name_missing")
    if figures["kind"] not in ("base", "factor"):
        raise Invalid(_("A rule gives points or multiplies them."), code="unknown_rule_kind")
    if figures["kind"] == "factor" and code == DEFAULT.code:
        raise Invalid(_("A rule keeps its kind. Add another rule instead."), code="rule_kind_fixed")
    if not (0 <= figures["points"] <= LIMIT and 0 < figures["per_amount"] <= LIMIT):
        raise Invalid(_("Points are not negative, and the amount they are given for is above zero."), code="bad_points")
    if not 0 <= figures["factor_percent"] <= HIGHEST_FACTOR:
        raise Invalid(_("A factor is between 0 and 100."), code="bad_factor")
    first, last = (figures[name] for name in PERIOD)
    if first and last and last < first:
        raise Invalid(_("The last day is before the first."), code="bad_period")


def _check_places(uow: UnitOfWork, mall_id: int, *, figures: Mapping[str, Any]) -> None:
    """Store and tier must be of the same mall."""
    for model, row_id in ((Store, figures["store_id"]), (Tier, figures["tier_id"])):
        row: Any = uow.session.get(model, row_id) if row_id is not None else None
        if row_id is not None and (row is None or row.mall_id != mall_id):
            raise NotFound(record=model.__name__)
