"""Book out points that nobody used in time."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core import Claim, Reason, Transfer, UnitOfWork, _, ledger
from plugins.loyalty.models import Lot
from plugins.loyalty.rules.accounts import expired, points_of


def expire_lots(uow: UnitOfWork, *, mall_id: int, today: date, limit: int = 500) -> int:
    """Expire up to `limit` lots whose last day is past; one entry each. Returns how many, 0 when none is left.

    A lot is booked out once however often this runs: the entry is named after the lot.
    """
    due = (
        select(Lot)
        .where(Lot.mall_id == mall_id, Lot.expires_on < today, Lot.remaining > 0)
        .order_by(Lot.id)
        .limit(limit)
    )
    lots = uow.session.scalars(due).all()
    for lot in lots:
        reason = Reason(
            _("%(points)s points expired on %(day)s.", points=lot.remaining, day=lot.expires_on.isoformat())
        )
        gone = Claim("loyalty_lot", lot.id, guard={"remaining": lot.remaining}, changes={"remaining": 0})
        transfer = Transfer(
            kind="loyalty.expire",
            source=points_of(lot.member_id, mall_id),
            target=expired(mall_id),
            amount=lot.remaining,
            rule=lot.rules,
            reasons=(reason,),
            claims=(gone,),
        )
        reference = f"lot:{lot.id}:{lot.expires_on.isoformat()}:{lot.remaining}"
        ledger.post(uow, transfer, plugin="loyalty", mall_id=mall_id, reference=reference, business_date=today)
    return len(lots)
