"""Points as statements tell them: movements of one member with their reasons, and what stores gave and took."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from core import Account, Entry, Posting, ReceiptRow, StoreFacts, Text, UnitOfWork, _
from plugins.loyalty.models import Lot
from plugins.loyalty.rules.accounts import unit_of
from plugins.loyalty.rules.kinds import KINDS
from plugins.loyalty.rules.lots import FOREVER

SOON = timedelta(days=90)
TOLD = 1
"""Steps of an explanation that fit into a line; the others stand in the books."""


@dataclass(frozen=True, slots=True)
class Balances:
    """A member's points before the period and at its end, from the ledger."""

    account_id: int
    opening: int
    closing: int


def balances(uow: UnitOfWork, *, member_id: int, mall_id: int, days: tuple[date, date]) -> Balances | None:
    """What the member had before the first day, and after the last one by the running balance; None without points."""
    own = and_(Account.owner_id == member_id, Account.owner == "member", Account.name == "loyalty")
    query = select(Account.id, Account.balance).where(own, Account.unit == unit_of(mall_id))
    account = uow.session.execute(query).first()
    if account is None:
        return None
    first, last = days
    before = case((Entry.business_date < first, Posting.amount), else_=0)
    after = case((Entry.business_date > last, Posting.amount), else_=0)
    sums = select(func.coalesce(func.sum(before), 0), func.coalesce(func.sum(after), 0))
    sums = sums.join(Entry, Entry.id == Posting.entry_id).where(Posting.account_id == account.id)
    opening, later = uow.session.execute(sums.select_from(Posting)).one()
    return Balances(account.id, int(opening), int(account.balance or 0) - int(later))


def movements(
    uow: UnitOfWork, *, account_id: int, days: tuple[date, date], stores: Mapping[int, StoreFacts]
) -> Iterator[dict[str, Any]]:
    """Every movement of the period with what it was for. Of stores that are not in `stores` nothing but the points."""
    query = (
        select(Entry, Posting.amount, ReceiptRow.number)
        .join(Entry, Entry.id == Posting.entry_id)
        .outerjoin(ReceiptRow, ReceiptRow.id == Entry.receipt_id)
        .where(Posting.account_id == account_id, Entry.business_date.between(*days))
        .order_by(Entry.business_date, Entry.happened_at, Entry.id)
    )
    for entry, points, number in uow.session.execute(query):
        store = stores.get(entry.store_id or 0)
        own = entry.store_id is None or store is not None
        yield {
            "day": entry.business_date,
            "what": KINDS.get(entry.kind, entry.kind),
            "why": why(entry.reasons) if own else None,
            "where": _where(store, number) if own else _("Another store"),
            "points": int(points),
        }


def why(reasons: str) -> Text | None:
    """An entry's explanation in one line: its first steps, and how many more there are."""
    steps = [Text.restored({key: one[key] for key in ("text", "with") if key in one}) for one in json.loads(reasons)]
    if not steps:
        return None
    told = steps[0]
    for step in steps[1:TOLD]:
        told = _("%(first)s; %(then)s", first=told, then=step)
    more = len(steps) - TOLD
    return _("%(told)s; %(more)s more steps", told=told, more=more) if more > 0 else told


def _where(store: StoreFacts | None, number: str | None) -> str | None:
    if store is None:
        return None
    return f"{store.code} {store.name}, {number}" if number else f"{store.code} {store.name}"


def expiring(uow: UnitOfWork, *, member_id: int, mall_id: int, today: date) -> Iterator[dict[str, Any]]:
    """The member's points that expire within ninety days, by their last day."""
    query = (
        select(Lot.expires_on, func.sum(Lot.remaining))
        .where(Lot.member_id == member_id, Lot.mall_id == mall_id, Lot.remaining > 0)
        .where(Lot.expires_on.between(today, min(today + SOON, FOREVER)), Lot.expires_on != FOREVER)
        .group_by(Lot.expires_on)
        .order_by(Lot.expires_on)
    )
    for day, points in uow.session.execute(query):
        yield {"day": day, "points": int(points)}


def by_store(
    uow: UnitOfWork, *, mall_id: int, stores: list[StoreFacts], days: tuple[date, date]
) -> Iterator[dict[str, Any]]:
    """What each store gave and took back, and was paid with and gave back, in points; stores without any are left out.

    `net` is what all of it added to the members' points.
    """
    ways = {"given": ("issued", -1), "taken_back": ("issued", 1), "paid": ("spent", 1), "given_back": ("spent", -1)}
    sums = [_moved(f"loyalty.{name}", sign * Posting.amount) for name, sign in ways.values()]
    query = (
        select(Account.owner_id, *sums)
        .select_from(Posting)
        .join(Account, Account.id == Posting.account_id)
        .join(Entry, Entry.id == Posting.entry_id)
        .where(Account.owner == "store", Account.owner_id.in_([store.id for store in stores]))
        .where(Account.unit == unit_of(mall_id), Entry.business_date.between(*days))
        .group_by(Account.owner_id)
    )
    found = {row[0]: dict(zip(ways, map(int, row[1:]), strict=True)) for row in uow.session.execute(query)}
    for store in stores:
        if points := found.get(store.id):
            net = points["given"] - points["taken_back"] - points["paid"] + points["given_back"]
            yield {"store": f"{store.code} {store.name}", **points, "net": net}


def _moved(name: str, amount: ColumnElement[int]) -> ColumnElement[int]:
    """The sum of what moved on accounts of this name in one direction."""
    return func.sum(case((and_(Account.name == name, amount > 0), amount), else_=0))
