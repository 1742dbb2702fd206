"""Malls, their stores, and the tills that stand in them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, Moment, row_id
from core.scope import MallScoped, StoreScoped


class Mall(Model):
    """A mall: its currency, wall clock and language hold for everything inside it."""

    __tablename__ = "core_mall"
    __stamp__ = "directory"

    id: Mapped[int] = row_id()
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3), default="CNY")
    zone: Mapped[str] = mapped_column(String(60), default="Asia/Shanghai")
    locale: Mapped[str] = mapped_column(String(5), default="zh")
    created_at: Mapped[datetime] = mapped_column(Moment)

    def __str__(self) -> str:
        return self.name


class Store(MallScoped, Model):
    """A store of a mall: run by the mall itself, or by a partner tenant with its own terms.

    Codes are generated per mall, unique, and never given to another store.
    """

    __tablename__ = "core_store"
    __stamp__ = "directory"
    __table_args__ = (
        UniqueConstraint("mall_id", "code", name="uq_core_store_code"),
        CheckConstraint("kind in ('direct', 'partner')", name="ck_core_store_kind"),
        CheckConstraint("state in ('open', 'closed')", name="ck_core_store_state"),
    )

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(10), default="direct")
    trade: Mapped[str] = mapped_column(String(40), default="")
    floor: Mapped[str] = mapped_column(String(10), default="")
    unit: Mapped[str] = mapped_column(String(20), default="")
    address: Mapped[str] = mapped_column(String(200), default="")
    manager: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(30), default="")
    cooperation: Mapped[str] = mapped_column(String(30), default="")
    settlement: Mapped[str] = mapped_column(String(30), default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    mall: Mapped[Mall] = relationship(viewonly=True)

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Till(StoreScoped, Model):
    """A till and its key. Only the key's keyed hash is stored; an imported till has none and cannot call in."""

    __tablename__ = "core_till"
    __stamp__ = "directory"
    __table_args__ = (
        UniqueConstraint("store_id", "code", name="uq_core_till_code"),
        UniqueConstraint("token_hash", name="uq_core_till_token"),
        CheckConstraint("state in ('active', 'revoked', 'imported')", name="ck_core_till_state"),
    )

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    store_id: Mapped[int] = mapped_column(ForeignKey("core_store.id"), index=True)
    code: Mapped[str] = mapped_column(String(30))
    model: Mapped[str] = mapped_column(String(60), default="")
    state: Mapped[str] = mapped_column(String(10), default="active")
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    token_tail: Mapped[str] = mapped_column(String(8), default="")
    max_future_hours: Mapped[int] = mapped_column(default=24)
    max_past_days: Mapped[int] = mapped_column(default=35)
    created_at: Mapped[datetime] = mapped_column(Moment)
    revoked_at: Mapped[datetime | None] = mapped_column(Moment)
    last_seen_at: Mapped[datetime | None] = mapped_column(Moment)
    clock_seconds: Mapped[int | None]
    """How far the till's clock was ahead of ours at its last heartbeat, in seconds."""
    version: Mapped[str] = mapped_column(String(40), default="")
    queue_length: Mapped[int | None]
    store: Mapped[Store] = relationship(viewonly=True)

    def __repr__(self) -> str:
        return f"<Till {self.id} {self.code}>"

    def __str__(self) -> str:
        return self.code
