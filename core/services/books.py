"""The totals of the books: what came in, what was given for it, and whether every unit adds up to nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import case, func, select

from core.db import UnitOfWork
from core.host import Host
from core.models import Entry, Member, Posting, ReceiptRow, Store

OF_PLUGINS = ("points_earned", "points_spent", "points_balance", "gift_card_liability")
"""Totals that are always there, 0 while the plugin that knows them is absent."""


def totals(uow: UnitOfWork, host: Host) -> dict[str, Any]:
    """Everything that `books` tells, over the whole database: integers, money in minor units.

    `sales` is net of returns and voids. `trial_balance` (unit → sum of all postings) is recomputed from the postings;
    anything but zero is a fault. Plugins add theirs (hook `books_totals`).
    """
    return {
        **dict.fromkeys(OF_PLUGINS, 0),
        **_of_plugins(uow, host),
        "receipts": _count(uow, ReceiptRow.id),
        "members": _count(uow, Member.id),
        "stores": _count(uow, Store.id),
        "sales": _sales(uow),
        "entries": _count(uow, Entry.id),
        "trial_balance": _trial_balance(uow),
    }


def _of_plugins(uow: UnitOfWork, host: Host) -> dict[str, int]:
    found: dict[str, int] = {}
    for bell in host.bells("books_totals"):
        found |= host.ring(bell, {"uow": uow})
    return found


def _count(uow: UnitOfWork, column: Any) -> int:
    return uow.session.scalar(select(func.count(column))) or 0


def _sales(uow: UnitOfWork) -> int:
    signed = case((ReceiptRow.kind == "sale", ReceiptRow.total), else_=-ReceiptRow.total)
    return int(uow.session.scalar(select(func.coalesce(func.sum(signed), 0))) or 0)


def _trial_balance(uow: UnitOfWork) -> dict[str, int]:
    rows = uow.session.execute(select(Posting.unit, func.sum(Posting.amount)).group_by(Posting.unit))
    return {unit: int(amount) for unit, amount in rows}
