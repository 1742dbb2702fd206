"""What is left to give away, and what was given or heard of."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Id, MallScoped, Model, row_id, value_column


class Budget(MallScoped, Model):
    """Money to give away in offers (minor units)."""

    __tablename__ = "minimal_budget"
    __table_args__ = (CheckConstraint("spendable >= 0", name="ck_minimal_budget_spendable"),)

    id: Mapped[int] = row_id()
    mall_id: Mapped[int] = mapped_column(ForeignKey("core_mall.id"))
    spendable: Mapped[int] = value_column()


class Note(MallScoped, Model):
    """Something given or heard of."""

    __tablename__ = "minimal_note"
    __audited__ = False

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    receipt_id: Mapped[int | None] = mapped_column(Id)
    what: Mapped[str] = mapped_column(String(60))
