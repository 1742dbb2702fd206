"""What loyalty proposes for a receipt: points for a sale, points as payment, points back on a return. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from fractions import Fraction
from typing import Any

from core import AccountRef, Facts, Fill, Insert, Line, Original, Reason, Refused, Tell, Tender, Transfer, _
from plugins.loyalty.rules import earn
from plugins.loyalty.rules.accounts import debt_of, issued_by, points_of, spent_at
from plugins.loyalty.rules.lots import claims, expiry, give_back, in_order, returns, take, uses

Proposals = list[Transfer | Tell]


def reward(facts: Facts) -> Proposals:
    """The points of a sale: one lot, one entry, every step explained; an old debt is repaid first."""
    if facts.member is None or facts.receipt.kind != "sale":
        return []
    if facts.member.status != "active":
        return [Tell("points", {"explain": [_("This membership is frozen.")]})]
    day = facts.receipt.key.business_date
    rules = facts.own.known.current.get(facts.mall.id, ())
    terms = earn.terms(rules, store_id=facts.store.id, tier_id=facts.own.tier_id, on=day)
    lines = facts.receipt.lines
    paid = earn.paid_per_line(lines, facts.receipt.tenders)
    points = earn.points_for(terms, paid)
    if not points:
        return [Tell("points", {"explain": [earn.why_nothing(terms, paid)]})]
    reasons = earn.explain(terms, lines, paid)
    account = points_of(facts.member.id, facts.mall.id)
    debt = debt_of(facts.member.id, facts.mall.id)
    repaid = min(points, -facts.balances.get(debt, 0))
    available = day + timedelta(days=facts.settings["pending_days"])
    lot = {
        "id": Fill.NEW_ID,
        "mall_id": facts.mall.id,
        "member_id": facts.member.id,
        "entry_id": Fill.ENTRY_ID,
        "receipt_id": facts.receipt_id,
        "earned": points,
        "remaining": points - repaid,
        "available_on": available,
        "expires_on": expiry(available, facts.settings["expiry_months"]),
        "rules": terms.references,
    }
    transfer = Transfer(
        kind="loyalty.earn",
        source=issued_by(facts.store.id, facts.mall.id),
        target=account,
        amount=points,
        rule=terms.references,
        reasons=reasons,
        inserts=(Insert("loyalty_lot", lot),),
    )
    told = Tell("points", {"earned": points, "explain": [reason.text for reason in reasons]})
    return [transfer, *_repay(account, debt, repaid), told]


def _repay(account: AccountRef, debt: AccountRef, points: int) -> list[Transfer]:
    if not points:
        return []
    why = Reason(_("%(points)s points repay what earlier returns left open.", points=points))
    return [Transfer("loyalty.repay", account, debt, points, reasons=(why,))]


def tender(facts: Facts) -> Proposals:
    """Answer for tenders in points: take them from the lots that expire first; on a return give them back there."""
    named = [(i, t) for i, t in enumerate(facts.receipt.tenders) if t.type == "points"]
    if not named:
        return []
    if facts.member is None:
        raise Refused(_("Points can only be used by a member."), code="points_need_member")
    if facts.receipt.kind != "sale":
        return _refund(facts, named, points_of(facts.member.id, facts.mall.id))
    if facts.member.status != "active":
        raise Refused(_("This membership is frozen."), code="member_frozen")
    if not facts.settings["pay_with_points"]:
        raise Refused(_("Points do not pay here."), code="points_not_accepted")
    return _spend(facts, named, points_of(facts.member.id, facts.mall.id))


def _spend(facts: Facts, named: Sequence[tuple[int, Tender]], account: AccountRef) -> Proposals:
    wanted = [(place, points_due(tender_, facts.settings["points_per_unit"])) for place, tender_ in named]
    total = sum(points for _place, points in wanted)
    usable = [lot for lot in in_order(facts.own.lots) if lot.usable(facts.today)]
    parts = take(usable, total)
    if sum(points for _lot, points in parts) < total:
        have = sum(lot.remaining for lot in usable)
        sentence = _("The member has %(have)s usable points, %(need)s are needed.", have=have, need=total)
        raise Refused(sentence, code="not_enough_points")
    proposals: Proposals = []
    for place, points in wanted:
        mine, parts = _split(parts, points)
        proposals.append(
            Transfer(
                kind="loyalty.spend",
                key=str(place),
                source=account,
                target=spent_at(facts.store.id, facts.mall.id),
                amount=points,
                reasons=(Reason(_("%(points)s points paid at the till.", points=points)),),
                claims=claims(mine),
                inserts=uses(mine, receipt_id=facts.receipt_id),
                tender=place,
            )
        )
    return [*proposals, Tell("points", {"spent": total})]


def points_due(tender_: Tender, per_unit: int) -> int:
    """How many points pay this tender; refused when the till reckoned another number."""
    due = -(-tender_.amount * per_unit // 100)
    if tender_.points not in (None, due) or not due:
        sentence = _("%(points)s points are needed for this amount.", points=due)
        raise Refused(sentence, code="points_mismatch")
    return due


def _split(parts: list[tuple[int, int]], points: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The first `points` of the parts, and the rest."""
    mine, rest = [], []
    for lot_id, part in parts:
        now = min(part, points)
        if now:
            mine.append((lot_id, now))
        if part > now:
            rest.append((lot_id, part - now))
        points -= now
    return mine, rest


def _refund(facts: Facts, named: Sequence[tuple[int, Tender]], account: AccountRef) -> Proposals:
    """Points that paid go back to the very lots they came from."""
    left, proposals = list(facts.own.used), list[Transfer | Tell]()
    for place, tender_ in named:
        points = points_due(tender_, facts.settings["points_per_unit"])
        back = give_back(left, points)
        if sum(part for _lot, part in back) < points:
            raise Refused(_("The sale was not paid with that many points."), code="points_refund_exceeds")
        given = dict(back)
        left = [(lot_id, used - given.get(lot_id, 0)) for lot_id, used in left]
        proposals.append(
            Transfer(
                kind="loyalty.refund",
                key=str(place),
                source=spent_at(facts.store.id, facts.mall.id),
                target=account,
                amount=points,
                reasons=(Reason(_("%(points)s points given back with the return.", points=points)),),
                claims=returns(back),
                inserts=uses(back, receipt_id=facts.original.id if facts.original else None, sign=-1),
                tender=place,
            )
        )
    return proposals


def returned(facts: Facts) -> Proposals:
    """Take back what the returned lines gave, at the sale's rules: its own lot first, then others, the rest is owed."""
    if facts.member is None or facts.original is None or not facts.own.given:
        return []
    terms = earn.terms_named(facts.own.known.rules.get(facts.mall.id, ()), facts.own.given)
    before, after = _left_paid(facts.original, ()), _left_paid(facts.original, facts.returning)
    points = earn.points_for(terms, before) - earn.points_for(terms, after)
    if not points:
        return []
    parts = take(in_order(facts.own.lots, first=facts.original.id), points)
    from_lots = sum(part for _lot, part in parts)
    source, issued = points_of(facts.member.id, facts.mall.id), issued_by(facts.store.id, facts.mall.id)
    why = (Reason(_("%(points)s points of the returned goods are taken back.", points=points)),)
    proposals: Proposals = []
    if from_lots:
        rows = uses(parts, receipt_id=None)
        proposals.append(
            Transfer(
                "loyalty.take_back",
                source,
                issued,
                from_lots,
                rule=terms.references,
                reasons=why,
                claims=claims(parts),
                inserts=rows,
            )
        )
    if points > from_lots:
        debt = debt_of(facts.member.id, facts.mall.id)
        proposals.append(Transfer("loyalty.owe", debt, issued, points - from_lots, rule=terms.references, reasons=why))
    return [*proposals, Tell("points", {"earned": -points, "explain": [reason.text for reason in why]})]


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
    usable = max(0, balance - facts.own.blocked - _pending_now(facts))
    code, name = facts.own.known.tiers.get(facts.own.tier_id, ("", "")) if facts.own.tier_id else ("", "")
    worth = usable * 100 // facts.settings["points_per_unit"] if facts.settings["pay_with_points"] else 0
    told: dict[str, Any] = {"balance": balance, "usable": usable, "usable_value": worth}
    debt = -facts.balances.get(debt_of(facts.member.id, facts.mall.id), 0)
    if debt:
        told["owed"] = debt
    return [Tell("points", told), Tell("member", {"tier": code, "tier_name": name})]


def _pending_now(facts: Facts) -> int:
    """Points of this very sale that wait for the return window."""
    if not facts.settings["pending_days"] or not facts.receipt.lines:
        return 0
    transfers = [proposal for proposal in reward(facts) if isinstance(proposal, Transfer)]
    return sum(t.amount if t.kind == "loyalty.earn" else -t.amount for t in transfers)
