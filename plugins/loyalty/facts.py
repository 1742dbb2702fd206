"""What the rules need, read in bulk: rules once per version, tiers of all members, lots only where they are used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, ScalarSelect, bindparam, func, outerjoin, select

from core import Member, Read, Visit, clock
from plugins.loyalty.models import Lot, LotUse, MemberTier, Rule, Tier
from plugins.loyalty.rules.earn import EarnRule
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
    """Rules (every version) and tiers of all malls, at one version of the stamp."""

    stamp: int
    rules: dict[int, tuple[EarnRule, ...]]
    current: dict[int, tuple[EarnRule, ...]]
    tiers: dict[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Own:
    """What loyalty knows of one receipt: the tier, points that cannot be used today, lots, and what the sale gave."""

    known: Known
    tier_id: int | None = None
    blocked: int = 0
    lots: tuple[LotFacts, ...] = ()
    given: str = ""
    """On a return: the versions that the sale's points were given by; empty when it gave none."""
    used: tuple[tuple[int, int], ...] = ()
    """On a return: which lots the sale's points tender was taken from, less what came back."""


_remembered: dict[int, Known] = {}


def read_facts(visits: tuple[Visit, ...], read: Read) -> dict[int, Own]:
    """Everything for a batch of visits of one store, in at most four selects; one when all are plain sales."""
    known = _known(read)
    member_ids = sorted({visit.member.id for visit in visits if visit.member})
    today = clock.today(visits[0].mall.zone)
    standing = _standing(read, member_ids, today) if member_ids else {}
    facts = {visit.receipt_id: Own(known, *_of(standing, visit)) for visit in visits}
    deep = [visit for visit in visits if visit.member and (visit.original or _pays_in_points(visit))]
    return {**facts, **_with_lots(read, deep, facts)} if deep else facts


def _of(standing: dict[int, tuple[int | None, int]], visit: Visit) -> tuple[int | None, int]:
    return standing.get(visit.member.id, (None, 0)) if visit.member else (None, 0)


def _pays_in_points(visit: Visit) -> bool:
    return any(tender.type == "points" for tender in visit.receipt.tenders)


def _known(read: Read) -> Known:
    """The rules as of this batch; read again only when one changed, in whatever process."""
    stamp = read.stamp("loyalty.rules")
    known = _remembered.get(0)
    if known is None or known.stamp != stamp:
        rows = read.rows(select(Rule.__table__).order_by(Rule.__table__.c.version))
        tiers = read.rows(select(Tier.__table__))
        known = _remembered[0] = Known(stamp, *_by_mall(rows), {t.id: (t.code, t.name) for t in tiers})
    return known


def _by_mall(rows: Iterable[Any]) -> tuple[dict[int, tuple[EarnRule, ...]], dict[int, tuple[EarnRule, ...]]]:
    every: dict[int, list[EarnRule]] = {}
    newest: dict[tuple[int, str], tuple[EarnRule, bool]] = {}
    for row in rows:
        rule = EarnRule(**{name: getattr(row, name) for name in EarnRule.__slots__})
        every.setdefault(row.mall_id, []).append(rule)
        newest[row.mall_id, row.code] = (rule, row.is_on)
    current: dict[int, list[EarnRule]] = {}
    for (mall_id, _code), (rule, is_on) in newest.items():
        if is_on:
            current.setdefault(mall_id, []).append(rule)
    return {m: tuple(rules) for m, rules in every.items()}, {m: tuple(rules) for m, rules in current.items()}


def _standing(read: Read, member_ids: list[int], today: date) -> dict[int, tuple[int | None, int]]:
    """Tier and points not usable today (pending, or expired and not yet booked out), by member."""
    rows = read.rows(_STANDING, member_ids=member_ids, today=today)
    return {member_id: (tier_id, int(points)) for member_id, tier_id, points in rows}


def _with_lots(read: Read, visits: list[Visit], facts: dict[int, Own]) -> dict[int, Own]:
    member_ids = sorted({visit.member.id for visit in visits if visit.member})
    sales = sorted({visit.original.id for visit in visits if visit.original})
    lots = read.rows(select(Lot.__table__).where(_LOT.member_id.in_(member_ids), _LOT.remaining > 0))
    given = read.rows(select(_LOT.receipt_id, _LOT.rules).where(_LOT.receipt_id.in_(sales))) if sales else []
    used = _used(read, sales) if sales else {}
    rules = {row.receipt_id: row.rules for row in given}
    return {
        visit.receipt_id: replace(
            facts[visit.receipt_id],
            lots=tuple(_lot(row) for row in lots if visit.member and row.member_id == visit.member.id),
            given=rules.get(visit.original.id, "") if visit.original else "",
            used=used.get(visit.original.id, ()) if visit.original else (),
        )
        for visit in visits
    }


def _used(read: Read, sales: list[int]) -> dict[int, tuple[tuple[int, int], ...]]:
    """For each sale: lot and points still to give back, in the order in which they were taken."""
    query = (
        select(_USE.receipt_id, _USE.lot_id, func.sum(_USE.points).label("points"), func.min(_USE.id).label("first"))
        .where(_USE.receipt_id.in_(sales))
        .group_by(_USE.receipt_id, _USE.lot_id)
        .order_by("first")
    )
    used: dict[int, list[tuple[int, int]]] = {}
    for row in read.rows(query):
        used.setdefault(row.receipt_id, []).append((row.lot_id, int(row.points)))
    return {receipt_id: tuple(parts) for receipt_id, parts in used.items()}


def _lot(row: Any) -> LotFacts:
    return LotFacts(row.id, row.remaining, row.available_on, row.expires_on, row.receipt_id)
