"""One table of its own, and one that looks like the core's."""

from sqlalchemy.orm import Mapped

from core import Model, row_id


class Honest(Model):
    """As it should be."""

    __tablename__ = "table_thief_purse"

    id: Mapped[int] = row_id()


class Loot(Model):
    """Not its own name."""

    __tablename__ = "core_loot"

    id: Mapped[int] = row_id()
