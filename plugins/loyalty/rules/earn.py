"""What a purchase gives: points per money, times the tier's factor, exact per line, floored once per receipt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from core import Line, Reason, Tender, Text, _

NOT_EARNING = frozenset({"points"})
"""Tenders that earn nothing: what they paid is taken off the lines. Gift cards count as payment."""


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

    def holds(self, *, store_id: int, tier_id: int | None, on: date) -> bool:
        """Whether the rule counts in the store, for the tier, on the day."""
        if self.store_id not in (None, store_id) or self.tier_id not in (None, tier_id):
            return False
        return (self.starts_on is None or self.starts_on <= on) and (self.ends_on is None or on <= self.ends_on)


DEFAULT = EarnRule("base", 1, "base", points=1, per_amount=100)
"""What holds in a mall that has not written a base rule of its own: 1 point for each 1.00 paid."""


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


def terms(rules: Iterable[EarnRule], *, store_id: int, tier_id: int | None, on: date) -> Terms:
    """The terms in force. A base rule of the store goes before one of the mall; then the first code counts."""
    holding = sorted((r for r in rules if r.holds(store_id=store_id, tier_id=tier_id, on=on)), key=lambda r: r.code)
    bases = sorted((r for r in holding if r.kind == "base"), key=lambda r: (r.store_id is None, r.code))
    return Terms(bases[0] if bases else DEFAULT, tuple(r for r in holding if r.kind == "factor"))


def terms_named(rules: Iterable[EarnRule], references: str) -> Terms:
    """The terms of an earlier sale, from the versions its lot names."""
    by_reference = {DEFAULT.reference: DEFAULT, **{rule.reference: rule for rule in rules}}
    named = [by_reference[reference] for reference in references.split()]
    return Terms(named[0], tuple(named[1:]))


def paid_per_line(lines: Sequence[Line], tenders: Iterable[Tender]) -> list[Fraction]:
    """What was paid for each line with money that earns (minor units); other tenders are taken off in proportion."""
    total = sum(line.amount for line in lines)
    unearning = min(total, sum(tender.amount for tender in tenders if tender.type in NOT_EARNING))
    return [line.amount - Fraction(unearning * line.amount, total or 1) for line in lines]


def points_for(terms_: Terms, paid: Iterable[Fraction]) -> int:
    """Points of a receipt: exact over the lines, floored once."""
    return floor(sum((amount * terms_.rate for amount in paid), Fraction(0)))


def explain(terms_: Terms, lines: Sequence[Line], paid: Sequence[Fraction]) -> tuple[Reason, ...]:
    """Where each point comes from: one step a line, one for each factor, one for the rounding."""
    base = terms_.base
    steps = [
        Reason(
            _(
                "%(paid)s paid, %(points)s points per %(per)s: %(gives)s",
                paid=_money(amount),
                points=base.points,
                per=_money(Fraction(base.per_amount)),
                gives=_exact(amount * base.points / base.per_amount),
            ),
            line=line.line,
            rule=base.reference,
        )
        for line, amount in zip(lines, paid, strict=True)
    ]
    for rule in terms_.factors:
        steps.append(
            Reason(_("%(name)s: times %(factor)s", name=rule.name, factor=_percent(rule)), rule=rule.reference)
        )
    exact = sum((amount * terms_.rate for amount in paid), Fraction(0))
    if exact != floor(exact):
        steps.append(Reason(_("%(exact)s rounded down to %(points)s", exact=_exact(exact), points=floor(exact))))
    return tuple(steps)


def why_nothing(terms_: Terms, paid: Iterable[Fraction]) -> Text:
    """Why a receipt gave no point."""
    per = Fraction(terms_.base.per_amount, terms_.base.points or 1)
    return _(
        "%(paid)s paid is less than the %(per)s that give a point.",
        paid=_money(sum(paid, Fraction(0))),
        per=_money(per),
    )


def _money(minor: Fraction) -> str:
    return _hundredths(round(minor))


def _exact(points: Fraction) -> str:
    return str(points.numerator) if points.denominator == 1 else _hundredths(floor(points * 100))


def _percent(rule: EarnRule) -> str:
    return _hundredths(rule.factor_percent).rstrip("0").rstrip(".")


def _hundredths(value: int) -> str:
    return f"{value // 100}.{value % 100:02d}"
