"""The daily close of each till: what it counted, what arrived, and whether the two agree."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core import Id, Model, Moment, StoreScoped, row_id, value_column


class Close(StoreScoped, Model):
    """A till's business day as it closed it last; totals net of returns and voids, in minor units."""

    __tablename__ = "pos_bridge_close"
    __table_args__ = (
        UniqueConstraint("till_id", "business_date", name="uq_pos_bridge_close_day"),
        Index("ix_pos_bridge_close_store", "store_id", "business_date"),
    )

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("core_store.id"))
    till_id: Mapped[int] = mapped_column(ForeignKey("core_till.id"))
    till_code: Mapped[str] = mapped_column(String(30))
    business_date: Mapped[date]
    said_receipts: Mapped[int] = mapped_column(Id)
    said_total: Mapped[int] = value_column()
    arrived_receipts: Mapped[int] = mapped_column(Id)
    arrived_total: Mapped[int] = value_column()
    difference: Mapped[int] = value_column()
    agrees: Mapped[bool]
    """Whether every figure agrees, counts and tenders too; a difference of 0 alone does not say so."""
    details: Mapped[str] = mapped_column(Text)
    """Both sides in full and what differs, as JSON: the answer the till got."""
    times: Mapped[int] = mapped_column(default=0)
    closed_at: Mapped[datetime] = mapped_column(Moment)

    def __str__(self) -> str:
        return f"{self.till_code} {self.business_date}"
