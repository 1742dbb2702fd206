"""What a purchase gives: points per money, times the tier's factor, exact per line, floored once per receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from core import Line, Reason, Tender, Text, _, share
from plugins.loyalty.rules import figures

NOT_EARNING = frozenset({"points", "coupon"})
"""Tenders that earn nothing: what they paid is taken off the lines. Gift cards count as payment."""
RULE_WIDTH = 60
"""So many characters an entry has for its rules; the lot and the reasons name all of them."""


@dataclass(frozen=True, slots=True)
class EarnRule:
    """One version of a rule, as the arithmetic needs it; see models.Rule for the meaning of the columns."""

    code: str
    version: int
    kind: str
    name: str = ""
    points: int = 0
    per_amount: int = 100
    factor_percent: int = 100
    store_id: int | None = None
    tier_id: int | None = None
    starts_on: date | None = None
    ends_on: date | None = None

    @property
    def reference(self) -> str:
        """How entries and lots name this version."""
        return f"{self.code}@{self.version}"

    @property
    def rank(self) -> tuple[bool, bool, bool, str]:
        """Of several base rules the lowest counts: a store's own, a tier's, one for some days, then by code."""
        always = self.starts_on is None and self.ends_on is None
        return (self.store_id is None, self.tier_id is None, always, self.code)

    def holds(self, *, store_id: int, tier_id: int | None, on: date) -> bool:
        """Whether the rule counts in the store, for the tier, on the day."""
        if self.store_id not in (None, store_id) or self.tier_id not in (None, tier_id):
            return False
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or on <= self.ends_on)


DEFAULT = EarnRule("base", 1, "base", points=1, per_amount=100)
"""Version 1 of the rule `base`, which every mall begins with: 1 point for each 1.00 paid."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was agreed at the moment of the sale: the base rule and the factors, in the order of their codes."""

    base: EarnRule
    factors: tuple[EarnRule, ...] = ()

    @property
    def references(self) -> str:
        """The versions, as lots keep them."""
        return " ".join(rule.reference for rule in (self.base, *self.factors))

    @property
    def rate(self) -> Fraction:
        """Points per minor unit, factors multiplied in."""
        rate = Fraction(self.base.points, self.base.per_amount)
        for rule in self.factors:
            rate *= Fraction(rule.factor_percent, 100)
        return rate


def shortened(references: str) -> str:
    """As many of the versions as an entry has room for."""
    if len(references) <= RULE_WIDTH:
        return references
    return f"{references[: RULE_WIDTH - 1].rpartition(' ')[0]}…"


def terms(rules: Iterable[EarnRule], *, store_id: int, tier_id: int | None, on: date) -> Terms | None:
    """The terms in force: of the base rules that hold the nearest one, and every factor. None where no base holds."""
    holding = [rule for rule in rules if rule.holds(store_id=store_id, tier_id=tier_id, on=on)]
    base = min((rule for rule in holding if rule.kind == "base"), key=lambda rule: rule.rank, default=None)
    if base is None:
        return None
    return Terms(base, tuple(sorted((r for r in holding if r.kind == "factor"), key=lambda rule: rule.code)))


def terms_named(rules: Iterable[EarnRule], references: str) -> Terms:
    """The terms of an earlier sale, from the versions its lot names."""
    by_reference = {DEFAULT.reference: DEFAULT, **{rule.reference: rule for rule in rules}}
    named = [by_reference[reference] for reference in references.split()]
    return Terms(named[0], tuple(named[1:]))


def paid_per_line(lines: Sequence[Line], tenders: Iterable[Tender]) -> list[int]:
    """What was paid for each line with money that earns (minor units).

    Other tenders are taken off the lines in proportion, largest remainder; of a tax beside the lines they pay last.
    """
    amounts = [line.amount for line in lines]
    unearning = min(sum(amounts), sum(tender.amount for tender in tenders if tender.type in NOT_EARNING))
    if not unearning:
        return amounts
    return [amount - off for amount, off in zip(amounts, share(unearning, amounts), strict=True)]


def points_for(terms_: Terms, paid: Iterable[int | Fraction]) -> int:
    """Points of a receipt: exact over the lines, floored once."""
    return floor(sum(paid) * terms_.rate)


def explain(terms_: Terms, lines: Sequence[Line], *, paid: Sequence[int], currency: str) -> tuple[Reason, ...]:
    """Where each point comes from: one step a paid line, one for each factor, one for the rounding.

    What the steps give (`gives`, to the hundredth of a point) adds up to the points: each is what it makes of all
    before it, so that a third of a point is never lost between them.
    """
    base, steps, shown, whole = terms_.base, list[Reason](), 0, 0
    figures_ = {"points": base.points, "per": figures.money(base.per_amount, currency)}
    for line, amount in zip(lines, paid, strict=True):
        if amount:
            whole += amount
            before, shown = shown, 100 * whole * base.points // base.per_amount
            told = {"paid": figures.money(amount, currency), **figures_, "gives": figures.gain(shown - before)}
            sentence = _("%(paid)s paid, at %(points)s per %(per)s: %(gives)s", **told)
            steps.append(Reason(sentence, line=line.line, rule=base.reference))
    rate = Fraction(base.points, base.per_amount)
    for rule in terms_.factors:
        rate *= Fraction(rule.factor_percent, 100)
        before, shown = shown, floor(100 * whole * rate)
        told = {"name": rule.name, "factor": figures.factor(rule.factor_percent), "gives": figures.gain(shown - before)}
        steps.append(Reason(_("%(name)s, times %(factor)s: %(gives)s", **told), rule=rule.reference))
    rounding = 100 * floor(whole * rate) - shown
    if rounding:
        steps.append(Reason(_("Rounded down to whole points: %(gives)s", gives=figures.gain(rounding))))
    return tuple(steps)


def why_nothing(terms_: Terms | None, lines: Sequence[Line], *, paid: Sequence[int], currency: str) -> Text:
    """Why a receipt gave no point."""
    if terms_ is None:
        return _("No rule gives points here.")
    if not terms_.rate:
        none = terms_.base if not terms_.base.points else next(r for r in terms_.factors if not r.factor_percent)
        return _("%(name)s gives no points.", name=none.name)
    if not sum(line.amount for line in lines):
        return _("Nothing was paid.")
    if not sum(paid):
        return _("What is paid with points or coupons gives no points.")
    least = -(-terms_.rate.denominator // terms_.rate.numerator)
    said = {"paid": figures.money(sum(paid), currency), "least": figures.money(least, currency)}
    return _("%(paid)s paid is less than the %(least)s that give a point.", **said)
