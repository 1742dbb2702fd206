"""The books: accounts, entries, postings, holds, roll-ups, and the seal over them.

Entries and postings are append-only, and of an account only the balance changes; triggers refuse everything else. No
foreign keys, for the reason in receipt.py.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Id, Model, Moment, value_column
from core.scope import MallScoped


class Account(MallScoped, Model):
    """An account in one unit. Kept ones have a running balance that never falls below `floor`; others have none."""

    __tablename__ = "core_account"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("owner_id", "owner", "name", "unit", name="uq_core_account_ref"),
        CheckConstraint("balance >= floor", name="ck_core_account_floor"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    name: Mapped[str] = mapped_column(String(40))
    owner: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int] = mapped_column(Id)
    unit: Mapped[str] = mapped_column(String(20))
    floor: Mapped[int | None] = value_column(nullable=True)
    balance: Mapped[int | None] = value_column(nullable=True)

    def __str__(self) -> str:
        return f"{self.name}:{self.owner_id}"


class Entry(MallScoped, Model):
    """One booked fact: why value moved, when it happened and when it was recorded. Corrections reverse it."""

    __tablename__ = "core_entry"
    __audited__ = False
    __table_args__ = (
        UniqueConstraint("reference", "kind", name="uq_core_entry_reference"),
        Index("ix_core_entry_receipt", "receipt_id"),
        UniqueConstraint("reverses_id", name="uq_core_entry_reverses"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    store_id: Mapped[int | None] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(120))
    receipt_id: Mapped[int | None] = mapped_column(Id)
    reverses_id: Mapped[int | None] = mapped_column(Id)
    happened_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    business_date: Mapped[date]
    plugin: Mapped[str] = mapped_column(String(30))
    rule: Mapped[str] = mapped_column(String(60), default="")
    reasons: Mapped[str] = mapped_column(Text, default="[]")
    postings: Mapped[list[Posting]] = relationship(
        primaryjoin="Entry.id == foreign(Posting.entry_id)", viewonly=True, order_by="Posting.no"
    )


class Posting(Model):
    """One side of an entry: what the account gains (or loses, when negative). Sums to zero per entry and unit."""

    __tablename__ = "core_posting"
    __audited__ = False
    __table_args__ = (Index("ix_core_posting_account", "account_id", "entry_id"),)

    entry_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(Id)
    unit: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = value_column()
    account: Mapped[Account] = relationship(primaryjoin="foreign(Posting.account_id) == Account.id", viewonly=True)


class Hold(MallScoped, Model):
    """Value set aside for a payment under way: captured, released, or let go when it expires."""

    __tablename__ = "core_hold"
    __audited__ = False
    __table_args__ = (
        CheckConstraint("state in ('held', 'captured', 'released', 'expired')", name="ck_core_hold_state"),
        Index("ix_core_hold_open", "state", "expires_at"),
        UniqueConstraint("reference", name="uq_core_hold_reference"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    store_id: Mapped[int | None] = mapped_column(Id)
    account_id: Mapped[int] = mapped_column(Id)
    unit: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = value_column()
    captured: Mapped[int] = value_column(default=0)
    state: Mapped[str] = mapped_column(String(10), default="held")
    reference: Mapped[str] = mapped_column(String(120))
    entry_id: Mapped[int] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime] = mapped_column(Moment)
    account: Mapped[Account] = relationship(primaryjoin="foreign(Hold.account_id) == Account.id", viewonly=True)


class RollUp(MallScoped, Model):
    """What moved on an account on one business day: the balance of accounts that keep none is the sum of these."""

    __tablename__ = "core_rollup"
    __audited__ = False

    account_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    business_date: Mapped[date] = mapped_column(primary_key=True)
    mall_id: Mapped[int] = mapped_column(Id)
    unit: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int] = value_column()
    entries: Mapped[int] = mapped_column(Id)


class Unsealed(Model):
    """What is booked and waits for the sealer. Written with the booking, removed with the seal."""

    __tablename__ = "core_unsealed"
    __audited__ = False

    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)


class Seal(Model):
    """The place of a receipt, an entry or an account in the sealed chain: gapless `seq`, its hash, its block."""

    __tablename__ = "core_seal"
    __audited__ = False
    __table_args__ = (UniqueConstraint("kind", "record_id", name="uq_core_seal_record"),)

    seq: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    record_id: Mapped[int] = mapped_column(Id)
    leaf: Mapped[bytes] = mapped_column(LargeBinary(32))
    block: Mapped[int] = mapped_column(Id, index=True)


class Checkpoint(Model):
    """A signed block of the chain: everything up to `last_seq` was so at `sealed_at`."""

    __tablename__ = "core_checkpoint"
    __audited__ = False

    block: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    first_seq: Mapped[int] = mapped_column(Id)
    last_seq: Mapped[int] = mapped_column(Id)
    root: Mapped[bytes] = mapped_column(LargeBinary(32))
    chain: Mapped[bytes] = mapped_column(LargeBinary(32))
    signature: Mapped[bytes] = mapped_column(LargeBinary(64))
    key_id: Mapped[int]
    sealed_at: Mapped[datetime] = mapped_column(Moment)
