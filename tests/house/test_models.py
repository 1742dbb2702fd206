"""What holds for every table of ours, whoever adds it."""

from collections.abc import Iterable, Iterator

import pytest
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Mapper, mapped_column

from tests.support import models

SAFE_IN_A_LOG = {"id", "kind", "state", "status", "code", "seq", "name_masked", "phone_masked", "number_masked", "tail"}
"""Columns a `__repr__` may show. Everything else may be a secret or a person, and logs are kept for long."""


def leaks(mapper: Mapper[object]) -> Iterator[str]:
    """Columns whose value shows in the `repr` of a row."""
    row = mapper.class_()
    for attribute in mapper.column_attrs:
        # Past the setters: even a value that was never valid must not be shown.
        row.__dict__[attribute.key] = f"<<{attribute.key}>>"
    shown = repr(row)
    yield from (a.key for a in mapper.column_attrs if f"<<{a.key}>>" in shown and a.key not in SAFE_IN_A_LOG)


def nameless(tables: Iterable[Table]) -> Iterator[str]:
    """Constraints and indexes that a later migration could not name."""
    ours = (CheckConstraint, UniqueConstraint, ForeignKeyConstraint)
    for table in tables:
        for part in (*(c for c in table.constraints if isinstance(c, ours)), *table.indexes):
            if not isinstance(part.name, str):
                yield f"{table.name}: {type(part).__name__} on {', '.join(column.name for column in part.columns)}"


@pytest.mark.parametrize("mapper", models.mappers(), ids=lambda mapper: mapper.class_.__name__)
def test_a_row_in_a_log_shows_no_secret(mapper: Mapper[object]) -> None:
    assert list(leaks(mapper)) == []


def test_every_constraint_has_a_name() -> None:
    assert list(nameless(models.tables())) == []


def test_every_table_has_a_model_or_is_meant_not_to() -> None:
    assert len(models.tables()) == len(models.mappers())


# --- and both would be noticed ----------------------------------------------------------------------------------


def test_a_leaking_row_is_noticed() -> None:
    class Base(DeclarativeBase):
        pass

    class Card(Base):
        __tablename__ = "card"
        id: Mapped[int] = mapped_column(primary_key=True)
        pin: Mapped[str] = mapped_column(String(8))
        sealed: Mapped[bytes] = mapped_column(LargeBinary)

        def __repr__(self) -> str:
            return f"<Card {self.id} {self.pin}>"

    assert list(leaks(Card.__mapper__)) == ["pin"]


def test_a_nameless_constraint_is_noticed() -> None:
    table = Table(
        "card",
        MetaData(),
        Column("id", Integer, primary_key=True),
        Column("code", String, unique=True),
        Column("mall_id", ForeignKey("mall.id")),
        CheckConstraint("id > 0", name="ck_card_id"),
        CheckConstraint("id < 9"),
    )

    assert sorted(nameless([table])) == [
        "card: CheckConstraint on ",
        "card: ForeignKeyConstraint on mall_id",
        "card: UniqueConstraint on code",
    ]
