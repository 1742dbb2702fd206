"""Receipts as booked, with lines and tenders; those that wait for their sale; and those that contradict one another.

Receipts are part of the books: triggers refuse every change. They carry no foreign keys, because what they point at
is never deleted, and checking would make every receipt of a store queue at the store's row.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Id, Model, Moment, row_id, value_column
from core.scope import StoreScoped
from core.vault import Sealed, new_uid

WAITING = text("settled_at is null and refusal = ''")
"""Which parked receipts still wait for their sale. As a text, so that both databases know it for their index's own."""


class ReceiptRow(StoreScoped, Model):
    """A receipt: what the till said, and the answer it got. `total` and `tax` in minor units of `currency`."""

    __tablename__ = "core_receipt"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("till_id", "number", "business_date", name="uq_core_receipt_key"),
        UniqueConstraint("original_id", "return_no", name="uq_core_receipt_return"),
        Index("ix_core_receipt_member", "member_id", "store_id"),
        Index("ix_core_receipt_day", "store_id", "business_date"),
        CheckConstraint("kind in ('sale', 'return', 'void')", name="ck_core_receipt_kind"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    store_id: Mapped[int] = mapped_column(Id)
    till_id: Mapped[int] = mapped_column(Id)
    till_code: Mapped[str] = mapped_column(String(30))
    number: Mapped[str] = mapped_column(String(60))
    business_date: Mapped[date]
    kind: Mapped[str] = mapped_column(String(10))
    happened_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    member_id: Mapped[int | None] = mapped_column(Id)
    currency: Mapped[str] = mapped_column(String(3))
    total: Mapped[int] = value_column()
    tax: Mapped[int] = value_column(default=0)
    change_given: Mapped[int] = value_column(default=0)
    original_id: Mapped[int | None] = mapped_column(Id)
    return_no: Mapped[int | None]
    """The how-manieth return of its sale: unique, so that two returns at once cannot both take back the same goods."""
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    answer: Mapped[str] = mapped_column(Text, deferred=True)
    lines: Mapped[list[ReceiptLine]] = relationship(
        primaryjoin="ReceiptRow.id == foreign(ReceiptLine.receipt_id)", viewonly=True, order_by="ReceiptLine.no"
    )
    tenders: Mapped[list[ReceiptTender]] = relationship(
        primaryjoin="ReceiptRow.id == foreign(ReceiptTender.receipt_id)", viewonly=True, order_by="ReceiptTender.no"
    )

    def __str__(self) -> str:
        return f"{self.till_code} {self.business_date} {self.number}"


class ReceiptLine(Model):
    """A line of a receipt; `returned_line` is the line of the original sale that it takes back."""

    __tablename__ = "core_receipt_line"
    __audited__ = False

    receipt_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sku: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    category: Mapped[str] = mapped_column(String(200), default="")
    qty: Mapped[str] = mapped_column(String(20))
    unit_price: Mapped[int] = value_column(default=0)
    discount: Mapped[int] = value_column(default=0)
    amount: Mapped[int] = value_column()
    original_line: Mapped[int | None]


class ReceiptTender(Model):
    """A part of the payment. Card numbers and codes are never kept here, only a masked reference."""

    __tablename__ = "core_receipt_tender"
    __audited__ = False

    receipt_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    type: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = value_column()
    points: Mapped[int | None] = value_column(nullable=True)
    ref: Mapped[str] = mapped_column(String(120), default="")


class ReceiptConflict(StoreScoped, Model):
    """The same number with other contents: refused, and listed for staff to look at."""

    __tablename__ = "core_receipt_conflict"

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(Id)
    store_id: Mapped[int] = mapped_column(Id, index=True)
    receipt_id: Mapped[int] = mapped_column(Id)
    till_code: Mapped[str] = mapped_column(String(30))
    number: Mapped[str] = mapped_column(String(60))
    business_date: Mapped[date]
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    body: Mapped[str] = mapped_column(Text)
    arrived_at: Mapped[datetime] = mapped_column(Moment)
    handled_at: Mapped[datetime | None] = mapped_column(Moment)
    note: Mapped[str] = mapped_column(String(200), default="")


class ParkedReceipt(StoreScoped, Model):
    """A return that came before its sale: kept whole, booked as soon as the sale is there."""

    __tablename__ = "core_receipt_parked"
    __table_args__ = (
        UniqueConstraint("till_id", "number", "business_date", name="uq_core_receipt_parked_key"),
        UniqueConstraint("uid", name="uq_core_receipt_parked_uid"),
        Index("ix_core_receipt_parked_waiting", "id", sqlite_where=WAITING, postgresql_where=WAITING),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    store_id: Mapped[int] = mapped_column(Id)
    till_id: Mapped[int] = mapped_column(Id)
    number: Mapped[str] = mapped_column(String(60))
    business_date: Mapped[date]
    original_till: Mapped[str] = mapped_column(String(30))
    original_number: Mapped[str] = mapped_column(String(60))
    original_date: Mapped[date]
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), default=new_uid)
    person_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    body_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The receipt, sealed since it may name people and cards; gone once it is booked."""
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    answer: Mapped[str] = mapped_column(Text)
    parked_at: Mapped[datetime] = mapped_column(Moment)
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    refusal: Mapped[str] = mapped_column(String(200), default="")

    body = Sealed("body_sealed")
