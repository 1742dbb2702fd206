"""Tiers, versioned rules, and the lots that say which points are still there and until when."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core import Id, MallScoped, Member, Model, Moment, only_grows, row_id, value_column

_LEFT = text("remaining > 0")


class Tier(MallScoped, Model):
    """A tier of the programme; `rank` orders them, 0 is where everybody starts."""

    __tablename__ = "loyalty_tier"
    __stamp__ = "loyalty.rules"
    __table_args__ = (UniqueConstraint("mall_id", "code", name="uq_loyalty_tier_code"),)

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    code: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(60))
    rank: Mapped[int] = mapped_column(default=0)

    def __str__(self) -> str:
        return self.name


class MemberTier(MallScoped, Model):
    """The tier a member is in. No row: the lowest."""

    __tablename__ = "loyalty_member"

    member_id: Mapped[int] = mapped_column(ForeignKey("core_member.id"), primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    tier_id: Mapped[int] = mapped_column(ForeignKey("loyalty_tier.id"))
    since: Mapped[date]
    member: Mapped[Member] = relationship(viewonly=True)
    tier: Mapped[Tier] = relationship(viewonly=True)


class Rule(MallScoped, Model):
    """One version of an earning rule. Never changed: an edit adds the next version, as does switching it off.

    A *base* rule gives `points` for each `per_amount` (minor units) paid; a *factor* rule multiplies what the base
    gives by `factor_percent` / 100 for members of `tier_id`. `store_id` None means every store of the mall.
    """

    __tablename__ = "loyalty_rule"
    __stamp__ = "loyalty.rules"
    __table_args__ = (
        UniqueConstraint("mall_id", "code", "version", name="uq_loyalty_rule_version"),
        CheckConstraint("kind in ('base', 'factor')", name="ck_loyalty_rule_kind"),
        CheckConstraint("points >= 0 and per_amount > 0 and factor_percent >= 0", name="ck_loyalty_rule_figures"),
    )

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    code: Mapped[str] = mapped_column(String(30))
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(10))
    store_id: Mapped[int | None] = mapped_column(ForeignKey("core_store.id"))
    tier_id: Mapped[int | None] = mapped_column(ForeignKey("loyalty_tier.id"))
    points: Mapped[int] = value_column(default=1)
    per_amount: Mapped[int] = value_column(default=100)
    factor_percent: Mapped[int] = mapped_column(default=100)
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    is_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Moment)
    tier: Mapped[Tier | None] = relationship(viewonly=True)

    def __str__(self) -> str:
        return f"{self.code}@{self.version}"


class Lot(MallScoped, Model):
    """Points that were earned together: how many are left, from when they can be used, until when they last."""

    __tablename__ = "loyalty_lot"
    __table_args__ = (
        CheckConstraint("remaining >= 0 and remaining <= earned", name="ck_loyalty_lot_remaining"),
        Index("ix_loyalty_lot_expiry", "member_id", "expires_on", sqlite_where=_LEFT, postgresql_where=_LEFT),
        Index("ix_loyalty_lot_pending", "member_id", "available_on", sqlite_where=_LEFT, postgresql_where=_LEFT),
        Index("ix_loyalty_lot_due", "mall_id", "expires_on", sqlite_where=_LEFT, postgresql_where=_LEFT),
        Index("ix_loyalty_lot_receipt", "receipt_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    member_id: Mapped[int] = mapped_column(Id)
    entry_id: Mapped[int] = mapped_column(Id)
    receipt_id: Mapped[int | None] = mapped_column(Id)
    earned: Mapped[int] = value_column()
    remaining: Mapped[int] = value_column()
    available_on: Mapped[date]
    expires_on: Mapped[date]
    rules: Mapped[str] = mapped_column(Text)
    """The versions that gave the points, 'base@1 vip@2', by which a return is reckoned however rules changed since."""
    member: Mapped[Member] = relationship(primaryjoin="foreign(Lot.member_id) == Member.id", viewonly=True)


class LotUse(Model):
    """Which entry took how many points from which lot; below zero where they came back. What a return restores."""

    __tablename__ = "loyalty_lot_use"
    __table_args__ = (Index("ix_loyalty_lot_use_receipt", "receipt_id"), Index("ix_loyalty_lot_use_lot", "lot_id"))

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    lot_id: Mapped[int] = mapped_column(Id)
    entry_id: Mapped[int] = mapped_column(Id)
    receipt_id: Mapped[int | None] = mapped_column(Id)
    points: Mapped[int] = value_column()


only_grows(LotUse.__table__)
