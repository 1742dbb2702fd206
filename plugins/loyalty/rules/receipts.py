"""What loyalty proposes for a receipt: points for a sale, points back on a return, and what the till shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from core import AccountRef, Facts, Fill, Insert, Line, Original, Reason, Tell, Text, Transfer, _
from plugins.loyalty.rules import earn
from plugins.loyalty.rules.accounts import debt_of, issued_by, owed_to, points_of
from plugins.loyalty.rules.lots import LOT, after, blocked_by, claims, expiry, in_order, take, uses

Proposals = list[Transfer | Tell]


@dataclass(frozen=True, slots=True)
class Gain:
    """What a sale gives: points with the steps that lead there, or none and why."""

    points: int
    references: str = ""
    reasons: tuple[Reason, ...] = ()
    why_nothing: Text | None = None


def gain(facts: Facts) -> Gain:
    """Reckon the points of a sale by the rules in force on its business day."""
    lines, currency = facts.receipt.lines, facts.mall.currency
    rules, on = facts.own.known.in_force(facts.mall.id), facts.receipt.key.business_date
    terms = earn.terms(rules, store_id=facts.store.id, tier_id=facts.own.tier_id, on=on)
    paid = earn.paid_per_line(lines, facts.receipt.tenders)
    points = earn.points_for(terms, paid) if terms else 0
    if terms is None or not points:
        return Gain(0, why_nothing=earn.why_nothing(terms, lines, paid=paid, currency=currency))
    reasons = earn.explain(terms, lines, paid=paid, currency=currency)
    return Gain(points, terms.references, reasons)


def reward(facts: Facts) -> Proposals:
    """The points of a sale: one lot, one entry, every step explained; an old debt is repaid first."""
    if facts.member is None or facts.receipt.kind != "sale":
        return []
    if facts.member.status != "active":
        return [Tell("points", {"explain": [_("This membership is frozen.")]})]
    found = gain(facts)
    if not found.points:
        return [Tell("points", {"explain": [found.why_nothing]})]
    debt = debt_of(facts.member.id, facts.mall.id)
    repaid = min(found.points, facts.balances.get(debt, 0))
    transfer = Transfer(
        kind="loyalty.earn",
        source=issued_by(facts.store.id, facts.mall.id),
        target=points_of(facts.member.id, facts.mall.id),
        amount=found.points,
        rule=earn.shortened(found.references),
        reasons=found.reasons,
        inserts=(Insert(LOT, _lot(facts, found, repaid=repaid)),),
    )
    told = Tell("points", {"earned": found.points, "explain": [reason.text for reason in found.reasons]})
    return [transfer, *(_repay(facts, debt, points=repaid) if repaid else []), told]


def _lot(facts: Facts, found: Gain, *, repaid: int) -> dict[str, Any]:
    """The points as they lie there from now on. Months count from the day of the sale; nothing expires unusable."""
    day = facts.receipt.key.business_date
    available = day + timedelta(days=facts.settings["pending_days"])
    return {
        "id": Fill.NEW_ID,
        "mall_id": facts.mall.id,
        "member_id": facts.member.id if facts.member else 0,
        "entry_id": Fill.ENTRY_ID,
        "receipt_id": facts.receipt_id,
        "earned": found.points,
        "remaining": found.points - repaid,
        "available_on": available,
        "expires_on": max(available, expiry(day, facts.settings["expiry_months"])),
        "rules": found.references,
    }


def _repay(facts: Facts, debt: AccountRef, *, points: int) -> list[Transfer]:
    """Points that should have come back with an earlier return go back now, and the note of it with them."""
    member, mall = debt.owner_id, facts.mall.id
    why = (Reason(_("Points that repay what earlier returns left open: %(points)s", points=points)),)
    return [
        Transfer("loyalty.repay", points_of(member, mall), issued_by(facts.store.id, mall), points, reasons=why),
        Transfer("loyalty.settle", debt, owed_to(mall), points, reasons=why),
    ]


def returned(facts: Facts) -> Proposals:
    """Take back what the returned lines gave, at the sale's rules: its own lot first, then others, the rest is owed."""
    if facts.member is None or facts.original is None or not facts.own.given:
        return []
    terms = earn.terms_named(facts.own.known.ever(facts.mall.id), facts.own.given)
    before, later = _left_paid(facts.original, ()), _left_paid(facts.original, facts.returning)
    points = earn.points_for(terms, before) - earn.points_for(terms, later)
    if not points:
        return []
    # After the points that paid came back, so that nobody owes what lies there again.
    lots = in_order(after(facts.own.lots, facts.accepted), first=facts.original.id)
    parts = take(lots, points)
    why = _("Points of the returned goods, taken back: %(points)s", points=points)
    told = Tell("points", {"earned": -points, "explain": [why]})
    return [*_take_back(facts, parts, owed=points - sum(part for _lot, part in parts), why=Reason(why)), told]


def _take_back(facts: Facts, parts: list[tuple[int, int]], *, owed: int, why: Reason) -> list[Transfer]:
    member, mall = facts.member.id if facts.member else 0, facts.mall.id
    found = []
    if parts:
        found.append(
            Transfer(
                kind="loyalty.take_back",
                source=points_of(member, mall),
                target=issued_by(facts.store.id, mall),
                amount=sum(part for _lot, part in parts),
                rule=earn.shortened(facts.own.given),
                reasons=(why,),
                claims=claims(parts),
                inserts=uses(parts, receipt_id=None),
            )
        )
    if owed:
        open_ = Reason(_("Points that are no longer there and stay owed: %(points)s", points=owed))
        found.append(Transfer("loyalty.owe", owed_to(mall), debt_of(member, mall), owed, reasons=(why, open_)))
    return found


def _left_paid(original: Original, returning: Sequence[Line]) -> list[Fraction]:
    """What was paid (with money that earns) for the goods the customer still has, per line."""
    lines = [sold.line for sold in original.lines]
    paid = earn.paid_per_line(lines, original.tenders)
    left = []
    for sold, amount in zip(original.lines, paid, strict=True):
        kept = sold.line.amount - sold.returned - sum(r.amount for r in returning if r.original_line == sold.line.line)
        left.append(amount * Fraction(kept, sold.line.amount) if sold.line.amount else Fraction(0))
    return left


def standing(facts: Facts) -> list[Tell]:
    """What the till shows of the member: tier, balance, usable points and what they are worth (minor units)."""
    if facts.member is None or facts.own is None:
        return []
    balance = facts.balances.get(points_of(facts.member.id, facts.mall.id), 0)
    blocked = facts.own.blocked + blocked_by(facts.accepted, facts.own.lots, on=facts.today)
    usable = max(0, balance - blocked) if facts.member.status == "active" else 0
    worth = usable * 100 // facts.settings["points_per_unit"] if facts.settings["pay_with_points"] else 0
    told: dict[str, Any] = {"balance": balance, "usable": usable, "usable_value": worth}
    if debt := facts.balances.get(debt_of(facts.member.id, facts.mall.id), 0):
        told["owed"] = debt
    code, name = facts.own.known.tiers.get(facts.own.tier_id, ("", ""))
    return [Tell("points", told), Tell("member", {"tier": code, "tier_name": name})]
