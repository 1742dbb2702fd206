"""Points as payment: taken from the lots that expire first, given back to the very lots they came from. Pure."""

from __future__ import annotations

from core import Facts, Reason, Refused, Tell, Tender, Transfer, _
from plugins.loyalty.rules.accounts import points_of, spent_at
from plugins.loyalty.rules.lots import claims, give_back, in_order, returns, split, take, uses

Named = list[tuple[int, Tender]]
Proposals = list[Transfer | Tell]


def tender(facts: Facts) -> Proposals:
    """Answer for the tenders in points, of a sale or of a return."""
    named = [(place, one) for place, one in enumerate(facts.receipt.tenders) if one.type == "points"]
    if not named:
        return []
    if not all(one.amount for _place, one in named):
        raise Refused(_("A payment with points needs an amount."), code="points_without_amount")
    if facts.member is None:
        raise Refused(_("Points can only be used by a member."), code="points_need_member")
    return _spend(facts, named) if facts.receipt.kind == "sale" else _refund(facts, named)


def _spend(facts: Facts, named: Named) -> Proposals:
    _check(facts, named)
    wanted = [(place, points_due(one, facts.settings["points_per_unit"])) for place, one in named]
    total = sum(points for _place, points in wanted)
    usable = [lot for lot in in_order(facts.own.lots) if lot.usable(facts.today)]
    parts = take(usable, total)
    if sum(points for _lot, points in parts) < total:
        raise not_enough(have=sum(lot.remaining for lot in usable), need=total)
    proposals: Proposals = [Tell("points", {"spent": total})]
    for place, points in wanted:
        mine, parts = split(parts, points)
        proposals.append(
            Transfer(
                kind="loyalty.spend",
                key=str(place),
                source=points_of(facts.member.id if facts.member else 0, facts.mall.id),
                target=spent_at(facts.store.id, facts.mall.id),
                amount=points,
                reasons=(Reason(_("Points paid at the till: %(points)s", points=points)),),
                claims=claims(mine),
                inserts=uses(mine, receipt_id=facts.receipt_id),
                tender=place,
            )
        )
    return proposals


def _check(facts: Facts, named: Named) -> None:
    if facts.member is not None and facts.member.status != "active":
        raise Refused(_("This membership is frozen."), code="member_frozen")
    if not facts.settings["pay_with_points"]:
        raise Refused(_("Points do not pay here."), code="points_not_accepted")
    if sum(one.amount for _place, one in named) > facts.receipt.total:
        raise Refused(
            _("Points pay at most the total: they are never given out as change."), code="points_exceed_total"
        )


def not_enough(*, have: int, need: int) -> Refused:
    """The refusal of a payment that the member's points do not cover."""
    return Refused(_("Usable points: %(have)s, needed: %(need)s.", have=have, need=need), code="not_enough_points")


def points_due(tender_: Tender, per_unit: int) -> int:
    """How many points pay this tender, rounded up; refused when the till reckoned another number."""
    return _agreed(tender_, -(-tender_.amount * per_unit // 100))


def _agreed(tender_: Tender, points: int) -> int:
    if tender_.points not in (None, points):
        raise Refused(_("Points for this amount: %(points)s.", points=points), code="points_mismatch")
    return points


def _refund(facts: Facts, named: Named) -> Proposals:
    """Points that paid come back at the worth they paid at, whatever a point is worth today."""
    left, proposals, total = list(facts.own.used), Proposals(), 0
    for place, one in named:
        points = _agreed(one, _points_back(facts, one, left=sum(used for _lot, used in left)))
        back = give_back(left, points)
        given = dict(back)
        left = [(lot_id, used - given.get(lot_id, 0)) for lot_id, used in left]
        total += points
        proposals.append(
            Transfer(
                kind="loyalty.refund",
                key=str(place),
                source=spent_at(facts.store.id, facts.mall.id),
                target=points_of(facts.member.id if facts.member else 0, facts.mall.id),
                amount=points,
                reasons=(Reason(_("Points given back with the return: %(points)s", points=points)),),
                claims=returns(back),
                inserts=uses(back, receipt_id=facts.original.id if facts.original else None, sign=-1),
                tender=place,
            )
        )
    return [*proposals, Tell("points", {"spent": -total})]


def _points_back(facts: Facts, tender_: Tender, *, left: int) -> int:
    """The part of the sale's points that this amount is, rounded up as it was taken, never more than are left."""
    sold = facts.original.tenders if facts.original else ()
    paid = sum(one.amount for one in sold if one.type == "points")
    exact: int = tender_.amount * facts.own.paid_points
    if not paid or not left or exact // paid > left:
        raise Refused(_("The sale was not paid with that many points."), code="points_refund_exceeds")
    return min(left, -(-exact // paid))
