"""The sales that returns and voids point at: what was sold, and what came back since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from core.db import UnitOfWork
from core.directory import Directory
from core.models.job import Outbox
from core.models.receipt import ReceiptLine, ReceiptRow, ReceiptTender
from core.types import Line, Original, ReceiptKey, Sold, Tender, TillFacts

REWARDS = "receipt.rewards"
"""The topic of rewards that are still to come."""

_RECEIPT, _LINE, _TENDER = ReceiptRow.__table__.c, ReceiptLine.__table__.c, ReceiptTender.__table__.c
_OUTBOX = Outbox.__table__.c
_PENDING = '"rewards":"pending"'


Owed = dict[int, frozenset[str]]
"""By sale, the plugins whose rewards for it are still to come."""


def read_originals(
    connection: Connection, known: Directory, *, till: TillFacts, keys: Sequence[ReceiptKey]
) -> tuple[dict[ReceiptKey, Original], Owed]:
    """The sales of the same store under these keys, as far as they have arrived, and what they are still owed."""
    tills = {key.till: known.till_by_code.get((till.store_id, key.till)) for key in keys}
    ids = [found.id for found in tills.values() if found is not None]
    query = select(ReceiptRow.__table__).where(
        _RECEIPT.till_id.in_(ids), _RECEIPT.number.in_([key.number for key in keys]), _RECEIPT.kind == "sale"
    )
    rows = {ReceiptKey(r.till_code, r.business_date, r.number): r for r in connection.execute(query)}
    wanted = {key: rows[key] for key in keys if key in rows}
    if not wanted:
        return {}, {}
    # Before the returns are read: what is given in between is then taken back, not forgotten.
    pending = [row.id for row in wanted.values() if _PENDING in row.answer]
    owed = still_owed(connection, pending) if pending else {}
    return _complete(connection, wanted), owed


def still_owed(connection: Connection, sales: Sequence[int]) -> Owed:
    """Of these sales, the plugins whose rewards wait in the outbox."""
    query = select(_OUTBOX.subject_id, _OUTBOX.payload).where(
        _OUTBOX.topic == REWARDS, _OUTBOX.subject_id.in_(sales), _OUTBOX.done_at.is_(None)
    )
    owed: Owed = {}
    for sale, payload in connection.execute(query):
        owed[sale] = owed.get(sale, frozenset()) | {str(json.loads(payload)["plugin"])}
    return owed


def as_original(uow: UnitOfWork, row: ReceiptRow) -> Original:
    """The sale that a booked return points at, as it stood before that return."""
    sale = uow.session.get_one(ReceiptRow, row.original_id)
    key = ReceiptKey(sale.till_code, sale.business_date, sale.number)
    return _complete(uow.session.connection(), {key: sale}, before=row.return_no)[key]


def _complete(
    connection: Connection, rows: dict[ReceiptKey, Any], *, before: int | None = None
) -> dict[ReceiptKey, Original]:
    ids = [row.id for row in rows.values()]
    lines = connection.execute(select(ReceiptLine.__table__).where(_LINE.receipt_id.in_(ids)).order_by(_LINE.no)).all()
    tenders = connection.execute(select(ReceiptTender.__table__).where(_TENDER.receipt_id.in_(ids))).all()
    back = connection.execute(
        select(_RECEIPT.original_id, _RECEIPT.return_no, _LINE.original_line, _LINE.amount, _LINE.qty)
        .outerjoin_from(ReceiptRow.__table__, ReceiptLine.__table__, _LINE.receipt_id == _RECEIPT.id)
        .where(_RECEIPT.original_id.in_(ids), *([_RECEIPT.return_no < before] if before else []))
    ).all()
    return {
        key: Original(
            id=row.id,
            key=key,
            happened_at=row.happened_at,
            total=row.total,
            member_id=row.member_id,
            lines=tuple(
                _sold(line, [b for b in back if b.original_id == row.id]) for line in lines if line.receipt_id == row.id
            ),
            tenders=tuple(Tender(t.type, t.amount, t.points, t.ref or None) for t in tenders if t.receipt_id == row.id),
            returns=max((b.return_no for b in back if b.original_id == row.id), default=0),
        )
        for key, row in rows.items()
    }


def _sold(row: Any, back: list[Any]) -> Sold:
    line = Line(row.no, row.sku, row.name, row.amount, row.qty, row.unit_price, row.discount, row.category or None)
    mine = [b for b in back if b.original_line == row.no]
    qty = sum((Decimal(b.qty) for b in mine), Decimal(0))
    return Sold(line, sum(b.amount for b in mine), str(qty))
