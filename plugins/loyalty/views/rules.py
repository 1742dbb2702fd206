"""Earning rules: what holds now, what it says in words, what it gives, and how it came to be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import aliased
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core import Store, Text, UnitOfWork, _
from core.admin import Cell, Interface, Panel, State, View, deed, formats, here
from core.admin.interface import reader
from plugins.loyalty import services
from plugins.loyalty.models import Rule, Tier
from plugins.loyalty.rules import earn, words
from plugins.loyalty.rules.earn import EarnRule, Terms
from plugins.loyalty.views.reach import whole_mall

KINDS = {"base": _("Gives points"), "factor": _("Multiplies points")}
ON = {True: State(_("On"), "ok", "check"), False: State(_("Off"), "mute", "minus")}
SAMPLES = (990, 12_800, 100_000)
"""Purchases to try a rule on, in minor units."""
_FIGURES = ("name", "points", "per_amount", "factor_percent", "store_id", "tier_id", "starts_on", "ends_on")


def _stores() -> Iterable[Store]:
    return reader().scalars(select(Store).order_by(Store.code)).all()


def _tiers() -> Iterable[Tier]:
    return reader().scalars(select(Tier).order_by(Tier.rank, Tier.id)).all()


def rule_facts(row: Rule) -> EarnRule:
    """The version as the arithmetic takes it."""
    return EarnRule(**{field.name: getattr(row, field.name) for field in fields(EarnRule)})


def says(_value: Any, row: Rule) -> Cell:
    """The rule in words."""
    store = str(formats.store(row.store_id).text)
    rule, tier = rule_facts(row), row.tier.name if row.tier else ""
    parts = [words.gives(rule, formats.mall_of(row).currency), *words.conditions(rule, store=store, tier=tier)]
    return formats.text(parts)


class RuleView(View):
    """The newest version of each rule. A change is the next version; what was earned by an older one stays so."""

    route_base = "/points/rules"
    class_permission_name = "loyalty.rule"
    exclude_route_methods = View.exclude_route_methods | {"delete"}
    datamodel = Interface(Rule)
    list_title, add_title, edit_title = _("Earning rules"), _("Add a rule"), _("Change the rule")
    list_columns = ("name", "code", "kind", "says", "is_on", "version", "created_at")
    show_columns = ("code", "name", "kind", "says", "is_on", "version", "created_at")
    add_columns = ("code", "kind", *_FIGURES)
    edit_columns = _FIGURES
    search_columns = ("code", "name", "kind", "is_on")
    order_columns = ("code", "name", "created_at")
    base_order = ("code", "asc")
    related = ("tier",)
    choices = {"kind": KINDS}
    states = {"is_on": ON}  # type: ignore[dict-item]
    rows = {"store_id": _stores, "tier_id": _tiers}
    money = frozenset({"per_amount"})
    formats = {"says": says, "version": formats.text}
    label_columns = {
        "says": _("What it says"),
        "is_on": _("State"),
        "version": _("Version"),
        "points": _("Points"),
        "per_amount": _("For each amount of"),
        "factor_percent": _("Factor in percent"),
        "tier_id": _("Only for the tier"),
        "store_id": _("Only in the store"),
        "starts_on": _("First day"),
        "ends_on": _("Last day"),
    }
    helps = {
        "points": _("Of a rule that gives points."),
        "factor_percent": _("Of a rule that multiplies points: 200 doubles them."),
        "kind": _("Where several rules give points the nearest counts: the store's, the tier's, that of some days."),
    }
    form_fields = {
        "code": StringField(
            _("Code"),
            description=_("Small letters, digits and hyphens; it stands on every entry."),
            validators=[InputRequired(_("This is needed.")), Length(max=30)],
        )
    }
    sentences = {
        "uq_loyalty_rule_version": _("Somebody else changed this rule in the same moment. Look at it again."),
        "loyalty_rule.version": _("Somebody else changed this rule in the same moment. Look at it again."),
    }
    empty = _("No rule is written yet. Until then 1 per 1.00 paid holds, in every store and for every tier.")

    def visible(self, query: Select[Any]) -> Select[Any]:
        """The newest version of each; in a store its own and those of the whole mall."""
        newer, stores = aliased(Rule), here().scope.stores
        same = (newer.mall_id == Rule.mall_id, newer.code == Rule.code, newer.version > Rule.version)
        # Begun anew: what was given shows a store only rows that name it, and a rule of the whole mall names none.
        query = select(Rule).where(~exists(select(newer.id).where(*same)))
        return query if stores is None else query.where(or_(Rule.store_id.is_(None), Rule.store_id.in_(stores)))

    def title_of(self, record: Rule) -> str:
        """A rule is called by its name."""
        return record.name

    def create(self, uow: UnitOfWork, form: Any) -> Rule:
        """The first version of a new rule."""
        typed = {name: form[name].data for name in self.add_columns}
        return services.add_rule(uow, mall_id=whole_mall(), **typed)

    def change(self, uow: UnitOfWork, row: Rule, *, form: Any) -> Rule:
        """The next version; the one before stays for its receipts."""
        typed = {name: form[name].data for name in self.edit_columns}
        return services.save_rule(uow, mall_id=whole_mall(row.mall_id), code=row.code, **typed)

    @deed(_("Switch off"), ask=_("Switch the rule off? It stops counting with the next receipt."))
    def switch_off(self, uow: UnitOfWork, *, rows: list[Rule], reason: str) -> Text:
        """The next version is off."""
        for row in rows:
            services.save_rule(uow, mall_id=whole_mall(row.mall_id), code=row.code, is_on=False)
        return _("The rule is off.")

    @deed(_("Switch on"))
    def switch_on(self, uow: UnitOfWork, *, rows: list[Rule], reason: str) -> Text:
        """The next version is on."""
        for row in rows:
            services.save_rule(uow, mall_id=whole_mall(row.mall_id), code=row.code, is_on=True)
        return _("The rule is on.")

    def deeds_for(self, record: Rule) -> list[Any]:
        """What fits its state."""
        fits = "switch_off" if record.is_on else "switch_on"
        return [one for one in super().deeds_for(record) if one.name == fits]

    def panels(self, record: Rule) -> Iterable[Panel]:
        """What it gives for a few purchases, and all its versions."""
        yield _tried(record)
        query = select(Rule).where(Rule.mall_id == record.mall_id, Rule.code == record.code)
        versions = reader().scalars(query.order_by(Rule.version.desc()))
        rows = [
            [formats.text(v), formats.moment(v.created_at, v), says(None, v), self.cell(v, "is_on")] for v in versions
        ]
        yield Panel(_("Versions"), [_("Version"), _("Made on"), _("What it says"), _("State")], rows)


def _tried(record: Rule) -> Panel:
    """A factor is tried on the mall's own base rule."""
    rule, newest = rule_facts(record), None
    if record.kind == "factor":
        query = select(Rule).filter_by(mall_id=record.mall_id, code=earn.DEFAULT.code).order_by(Rule.version.desc())
        newest = reader().scalars(query.limit(1)).first()
    base = rule_facts(newest) if newest else earn.DEFAULT
    terms = Terms(base, (rule,)) if record.kind == "factor" else Terms(rule)
    rows = [
        [formats.money(amount, record), formats.points(earn.points_for(terms, [Fraction(amount)]))]
        for amount in SAMPLES
    ]
    return Panel(_("Tried on a purchase"), [_("Paid"), _("Points")], rows)
