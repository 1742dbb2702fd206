"""Members and their cards. Personal data is sealed under a key of the person's own, found by blind index."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Model, Moment, row_id
from core.models.mall import Store
from core.scope import MallScoped
from core.vault import Sealed, new_uid


class Member(MallScoped, Model):
    """A member of a mall's programme. One person, one phone, one membership.

    The name stays in clear, since it must be searched; phone, e-mail and address are sealed.
    """

    __tablename__ = "core_member"
    __table_args__ = (
        UniqueConstraint("uid", name="uq_core_member_uid"),
        UniqueConstraint("phone_index", "mall_id", name="uq_core_member_phone"),
        Index("ix_core_member_tail", "phone_tail"),
        Index("ix_core_member_name", "name", "mall_id"),
        Index("ix_core_member_home", "home_store_id"),
        CheckConstraint("status in ('active', 'frozen', 'closing', 'closed')", name="ck_core_member_status"),
    )

    id: Mapped[int] = row_id()
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), default=new_uid)
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    home_store_id: Mapped[int | None] = mapped_column(ForeignKey("core_store.id"))
    person_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The person's own key, wrapped; destroying it erases every sealed column of the row."""
    name: Mapped[str] = mapped_column(String(80), info={"personal": "name"})
    phone_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    phone_index: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    phone_tail: Mapped[bytes | None] = mapped_column(LargeBinary(8))
    phone_masked: Mapped[str] = mapped_column(String(20), default="")
    email_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    address_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    gender: Mapped[str] = mapped_column(String(1), default="")
    birthday: Mapped[date | None] = mapped_column(info={"personal": "birthday"})
    status: Mapped[str] = mapped_column(String(10), default="active")
    source: Mapped[str] = mapped_column(String(20), default="desk")
    consent_sms: Mapped[bool] = mapped_column(default=False)
    consent_email: Mapped[bool] = mapped_column(default=False)
    consent_phone: Mapped[bool] = mapped_column(default=False)
    joined_on: Mapped[date]
    created_at: Mapped[datetime] = mapped_column(Moment)
    home_store: Mapped[Store | None] = relationship(viewonly=True)

    phone = Sealed("phone_sealed")
    email = Sealed("email_sealed")
    address = Sealed("address_sealed")

    def __repr__(self) -> str:
        return f"<Member {self.id}>"

    def __str__(self) -> str:
        return self.name


class Card(MallScoped, Model):
    """A member card, plastic or electronic. Its number is sealed; an old card never works again but is still found."""

    __tablename__ = "core_card"
    __table_args__ = (
        UniqueConstraint("uid", name="uq_core_card_uid"),
        UniqueConstraint("number_index", "mall_id", name="uq_core_card_number"),
        Index("ix_core_card_member", "member_id"),
        Index("ix_core_card_tail", "number_tail"),
        CheckConstraint(
            "state in ('made', 'in_stock', 'handed_out', 'active', 'lost', 'replaced', 'expired')",
            name="ck_core_card_state",
        ),
    )

    id: Mapped[int] = row_id()
    uid: Mapped[bytes] = mapped_column(LargeBinary(16), default=new_uid)
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    member_id: Mapped[int | None] = mapped_column(ForeignKey("core_member.id"))
    person_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    number_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    number_tail: Mapped[bytes] = mapped_column(LargeBinary(8))
    number_masked: Mapped[str] = mapped_column(String(30), default="")
    form: Mapped[str] = mapped_column(String(12), default="electronic")
    kind: Mapped[str] = mapped_column(String(20), default="retail")
    state: Mapped[str] = mapped_column(String(12), default="active")
    created_at: Mapped[datetime] = mapped_column(Moment)
    member: Mapped[Member | None] = relationship(viewonly=True)

    number = Sealed("number_sealed")

    def __repr__(self) -> str:
        return f"<Card {self.id} {self.number_masked}>"

    def __str__(self) -> str:
        return self.number_masked
