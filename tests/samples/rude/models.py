"""A table to propose nonsense for."""

from datetime import date

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from core import Id, MallScoped, Model, value_column


class Thing(MallScoped, Model):
    """Has a column of every kind that can be got wrong."""

    __tablename__ = "rude_thing"
    __audited__ = False
    __table_args__ = (CheckConstraint("amount <> 13", name="ck_rude_thing_amount"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    mall_id: Mapped[int] = mapped_column(Id)
    amount: Mapped[int] = value_column()
    name: Mapped[str] = mapped_column(String(10), default="")
    day: Mapped[date]
