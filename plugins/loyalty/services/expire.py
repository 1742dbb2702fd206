"""Book out points that nobody used in time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import func, select

from core import Claim, Reason, Transfer, UnitOfWork, _, ledger
from plugins.loyalty.models import Lot, LotUse
from plugins.loyalty.rules import earn, lots
from plugins.loyalty.rules.accounts import expired, points_of


def expire_lots(uow: UnitOfWork, *, mall_id: int, today: date, limit: int = 500) -> int:
    """Expire up to `limit` lots whose last day is past; one entry each. Returns how many, 0 when none is left.

    However often this runs, the same points are booked out once: an entry is named after its lot and how often that
    was used before. Points that come back to an expired lot expire again.
    """
    due = (
        select(Lot.id, Lot.member_id, Lot.remaining, Lot.expires_on, Lot.rules)
        .where(Lot.mall_id == mall_id, Lot.expires_on < today, Lot.remaining > 0)
        .order_by(Lot.id)
        .limit(limit)
    )
    found = uow.session.execute(due).all()
    turns = _turns(uow, [lot.id for lot in found])
    for lot in found:
        reference = f"lot:{lot.id}:{turns.get(lot.id, 0)}"
        transfer = _out(lot, mall_id)
        ledger.post(uow, transfer, occasion=ledger.Occasion(mall_id, reference, today))
    return len(found)


def _turns(uow: UnitOfWork, lot_ids: Sequence[int]) -> dict[int, int]:
    """How often each lot was used so far; it only grows."""
    query = select(LotUse.lot_id, func.count()).where(LotUse.lot_id.in_(lot_ids)).group_by(LotUse.lot_id)
    return {lot_id: count for lot_id, count in uow.session.execute(query)}


def _out(lot: Any, mall_id: int) -> Transfer:
    day = lot.expires_on.isoformat()
    return Transfer(
        kind="loyalty.expire",
        source=points_of(lot.member_id, mall_id),
        target=expired(mall_id),
        amount=lot.remaining,
        rule=earn.shortened(lot.rules),
        reasons=(Reason(_("Points that expired on %(day)s: %(points)s", day=day, points=lot.remaining)),),
        claims=(Claim(lots.LOT, lot.id, guard={"remaining": lot.remaining}, changes={"remaining": 0}),),
        inserts=lots.uses([(lot.id, lot.remaining)], receipt_id=None),
    )
