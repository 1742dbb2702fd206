"""What the rules need, read in bulk: rules once per version, tiers of all members, lots only where they are used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, ScalarSelect, bindparam, case, func, or_, outerjoin, select

from core import Member, Read, Visit, clock
from plugins.loyalty.models import Lot, LotUse, MemberTier, Rule, Tier
from plugins.loyalty.rules.earn import DEFAULT, EarnRule
from plugins.loyalty.rules.lots import LotFacts

_LOT, _USE, _MEMBER, _TIER = Lot.__table__.c, LotUse.__table__.c, Member.__table__.c, MemberTier.__table__.c


def _points_where(*condition: ColumnElement[bool]) -> ScalarSelect[Any]:
    left = select(func.coalesce(func.sum(_LOT.remaining), 0))
    return left.where(_LOT.member_id == _MEMBER.id, _LOT.remaining > 0, *condition).scalar_subquery()


# Made once: it runs with every receipt. Two sums instead of one with "or", so that each reads its own end of an index
# and not every lot the member ever earned.
_TODAY = bindparam("today", type_=Date)
_STANDING = (
    select(
        _MEMBER.id, _TIER.tier_id, _points_where(_LOT.available_on > _TODAY) + _points_where(_LOT.expires_on < _TODAY)
    )
    .select_from(outerjoin(Member.__table__, MemberTier.__table__, _TIER.member_id == _MEMBER.id))
    .where(_MEMBER.id.in_(bindparam("member_ids", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class Known:
    """Rules (every version) and tiers of all malls."""

    rules: Mapping[int, tuple[EarnRule, ...]]
    current: Mapping[int, tuple[EarnRule, ...]]
    tiers: Mapping[int | None, tuple[str, str]]
    lowest: Mapping[int, int]

    def in_force(self, mall_id: int) -> tuple[EarnRule, ...]:
        """The newest version of each rule of the mall that is on."""
        return self.current.get(mall_id, (DEFAULT,))

    def ever(self, mall_id: int) -> tuple[EarnRule, ...]:
        """Every version of every rule that the mall has written."""
        return self.rules.get(mall_id, ())


@dataclass(frozen=True, slots=True)
class Own:
    """What loyalty knows of one receipt. `blocked` are points that cannot be used today."""

    known: Known
    tier_id: int | None = None
    blocked: int = 0
    lots: tuple[LotFacts, ...] = ()
    """The member's lots, those too that the sale's points came from; only where some receipt takes or gives back."""
    given: str = ""
    """On a return: the versions that the sale's points were given by; empty when it gave none."""
    used: tuple[tuple[int, int], ...] = ()
    """On a return: which lots the sale's points tender was taken from, less what came back."""
    paid_points: int = 0
    """On a return: how many points the sale was paid with."""


def read_facts(visits: tuple[Visit, ...], read: Read) -> dict[int, Own]:
    """Everything for a batch of visits of one store, in at most four selects; one when all are plain sales."""
    known = read.remembered("loyalty.rules", lambda: _known(read))
    member_ids = sorted({visit.member.id for visit in visits if visit.member})
    today = clock.today(visits[0].mall.zone)
    standing = _standing(read, member_ids, today=today) if member_ids else {}
    facts = {visit.receipt_id: Own(known, *_of(known, standing, visit=visit)) for visit in visits}
    deep = {visit.member.id for visit in visits if visit.member and (visit.original or _pays_in_points(visit))}
    if deep:
        facts |= _with_lots(read, [visit for visit in visits if visit.member and visit.member.id in deep], facts=facts)
    return facts


def _of(known: Known, standing: dict[int, tuple[int | None, int]], *, visit: Visit) -> tuple[int | None, int]:
    tier_id, blocked = standing.get(visit.member.id, (None, 0)) if visit.member else (None, 0)
    return tier_id or known.lowest.get(visit.mall.id), blocked


def _pays_in_points(visit: Visit) -> bool:
    return any(tender.type == "points" for tender in visit.receipt.tenders)


def _known(read: Read) -> Known:
    tiers = read.rows(select(Tier.__table__).order_by(Tier.__table__.c.rank.desc(), Tier.__table__.c.id.desc()))
    rows = read.rows(select(Rule.__table__).order_by(Rule.__table__.c.version))
    words = {tier.id: (tier.code, tier.name) for tier in tiers}
    return Known(*_by_mall(rows), words, lowest={tier.mall_id: tier.id for tier in tiers})


def _by_mall(rows: Iterable[Any]) -> tuple[dict[int, tuple[EarnRule, ...]], dict[int, tuple[EarnRule, ...]]]:
    """Every version, and the newest of each rule that is on; `base` is the default until the mall writes its own."""
    every: dict[int, list[EarnRule]] = {}
    newest: dict[int, dict[str, EarnRule | None]] = {}
    for row in rows:
        rule = EarnRule(**{name: getattr(row, name) for name in EarnRule.__slots__})
        every.setdefault(row.mall_id, []).append(rule)
        newest.setdefault(row.mall_id, {DEFAULT.code: DEFAULT})[row.code] = rule if row.is_on else None
    current = {mall_id: tuple(rule for rule in rules.values() if rule) for mall_id, rules in newest.items()}
    return {mall_id: tuple(rules) for mall_id, rules in every.items()}, current


def _standing(read: Read, member_ids: list[int], *, today: date) -> dict[int, tuple[int | None, int]]:
    """Tier and points not usable today (pending, or expired and not yet booked out), by member."""
    rows = read.rows(_STANDING, member_ids=member_ids, today=today)
    return {member_id: (tier_id, int(points)) for member_id, tier_id, points in rows}


def _with_lots(read: Read, visits: list[Visit], *, facts: dict[int, Own]) -> dict[int, Own]:
    member_ids = sorted({visit.member.id for visit in visits if visit.member})
    sales = sorted({visit.original.id for visit in visits if visit.original})
    used = _used(read, sales) if sales else {}
    given = read.rows(select(_LOT.receipt_id, _LOT.rules).where(_LOT.receipt_id.in_(sales))) if sales else []
    rules = {row.receipt_id: row.rules for row in given}
    lots = _lots(read, member_ids, also={row.lot_id for rows in used.values() for row in rows})
    found = {}
    for visit in visits:
        own = replace(facts[visit.receipt_id], lots=tuple(lots.get(visit.member.id if visit.member else 0, ())))
        if visit.original:
            rows = used.get(visit.original.id, [])
            parts, paid = tuple((row.lot_id, int(row.left)) for row in rows), sum(int(row.taken) for row in rows)
            own = replace(own, given=rules.get(visit.original.id, ""), used=parts, paid_points=paid)
        found[visit.receipt_id] = own
    return found


def _lots(read: Read, member_ids: list[int], *, also: set[int]) -> dict[int, list[LotFacts]]:
    """Lots with something left, and those named: points may come back to an empty one."""
    wanted = or_(_LOT.remaining > 0, _LOT.id.in_(also)) if also else _LOT.remaining > 0
    found: dict[int, list[LotFacts]] = {}
    for row in read.rows(select(Lot.__table__).where(_LOT.member_id.in_(member_ids), wanted)):
        lot = LotFacts(row.id, row.remaining, row.available_on, row.expires_on, row.receipt_id)
        found.setdefault(row.member_id, []).append(lot)
    return found


def _used(read: Read, sales: list[int]) -> dict[int, list[Any]]:
    """For each sale its lots, in the order in which they were taken: points taken, and those still to give back."""
    taken = func.sum(case((_USE.points > 0, _USE.points), else_=0))
    query = (
        select(_USE.receipt_id, _USE.lot_id, func.sum(_USE.points).label("left"), taken.label("taken"))
        .where(_USE.receipt_id.in_(sales))
        .group_by(_USE.receipt_id, _USE.lot_id)
        .order_by(func.min(_USE.id))
    )
    used: dict[int, list[Any]] = {}
    for row in read.rows(query):
        used.setdefault(row.receipt_id, []).append(row)
    return used
