"""What a member's page shows of their points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from core import Account, Entry, Mall, Member, Posting, UnitOfWork, _, clock
from core.admin import Cell, formats
from plugins.loyalty import services
from plugins.loyalty.rules.accounts import unit_of
from plugins.loyalty.rules.kinds import KINDS

LAST = 10
"""Movements shown; all of them stand in the books."""


def panels(member_id: int, uow: UnitOfWork) -> Iterable[Mapping[str, Any]]:
    """Tier and points, and the last movements."""
    member = uow.session.get(Member, member_id)
    mall = uow.session.get(Mall, member.mall_id) if member else None
    if member is None or mall is None:
        return
    yield {"title": _("Points and tier"), "order": 10, "rows": _standing(uow, member, mall=mall)}
    movements = _movements(uow, member)
    if movements:
        yield {"title": _("Last points"), "order": 20, "rows": movements}


def _standing(uow: UnitOfWork, member: Member, *, mall: Mall) -> list[tuple[Any, Any]]:
    tier = services.tier_of(uow, member_id=member.id, mall_id=mall.id)
    found = services.points_of_member(uow, member_id=member.id, mall_id=mall.id, today=clock.today(mall.zone))
    rows: list[tuple[Any, Any]] = [(_("Tier"), tier.name)] if tier else []
    rows += [(_("Balance"), formats.points(found.balance)), (_("Can be used"), formats.points(found.usable))]
    if found.pending:
        rows.append((_("Pending"), formats.points(found.pending)))
    if found.owed:
        rows.append((_("Owed"), formats.points(found.owed)))
    if found.next_expiry:
        rows.append((_("Expires on %(day)s", day=found.next_expiry), formats.points(found.next_points)))
    return rows


def _movements(uow: UnitOfWork, member: Member) -> list[tuple[Any, Any]]:
    query = (
        select(Entry.kind, Entry.business_date, Posting.amount)
        .join(Posting, Posting.entry_id == Entry.id)
        .join(Account, Account.id == Posting.account_id)
        .where(Account.owner == "member", Account.owner_id == member.id)
        .where(Account.name == "loyalty", Account.unit == unit_of(member.mall_id))
        .order_by(Entry.id.desc())
        .limit(LAST)
    )
    rows = uow.session.execute(query).all()
    return [(_title(kind, day), Cell(formats.change(amount).text, num=True)) for kind, day, amount in rows]


def _title(kind: str, day: Any) -> Any:
    return _("%(day)s, %(what)s", day=day, what=KINDS.get(kind, kind))
