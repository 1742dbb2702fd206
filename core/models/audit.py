"""The audit trail: who changed what, when, from where, what before and what after. Append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Id, Model, Moment, row_id


class Audit(Model):
    """One change or one look at personal data. `before` and `after` are JSON; sealed columns show as '•••'."""

    __tablename__ = "core_audit"
    __audited__ = False
    __table_args__ = (
        Index("ix_core_audit_record", "record", "record_id"),
        Index("ix_core_audit_at", "at"),
    )

    id: Mapped[int] = row_id()
    mall_id: Mapped[int | None] = mapped_column(Id)
    store_id: Mapped[int | None] = mapped_column(Id)
    at: Mapped[datetime] = mapped_column(Moment)
    actor: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(60), default="")
    action: Mapped[str] = mapped_column(String(40))
    record: Mapped[str] = mapped_column(String(60), default="")
    record_id: Mapped[str] = mapped_column(String(40), default="")
    before: Mapped[str] = mapped_column(Text, default="")
    after: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(String(200), default="")
