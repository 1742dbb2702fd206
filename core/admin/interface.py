"""Reading and writing for screens: every query narrowed to the user's reach, counts that stop at ten thousand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from flask import current_app
from flask_appbuilder.models.sqla.interface import SQLAInterface
from sqlalchemy import Select, func, inspect, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, joinedload, selectinload

from core import clock, scope
from core.admin.request import actor, state
from core.db import UnitOfWork, unit_of_work
from core.errors import Conflict, NotFound
from core.i18n import Text, _
from core.scope import MallScoped, StoreScoped

COUNTED = 10_000
"""Counting stops here; a list that is longer says "10,000+"."""

Sentences = Mapping[str, Text]


class Interface(SQLAInterface):
    """One model's door for a view. The session it reads with belongs to the request and never writes."""

    def select(self) -> Select[Any]:
        """All rows in reach.

        Scoped models are narrowed by the session; others that name a mall or a store are narrowed here, so that no
        table shows one store what belongs to another.
        """
        query, reach = select(self.obj), scope.current()
        if reach.system:
            return query
        if hasattr(self.obj, "mall_id") and not issubclass(self.obj, MallScoped | StoreScoped):
            query = query.where(self.obj.mall_id.in_(reach.malls))
        if hasattr(self.obj, "store_id") and not issubclass(self.obj, StoreScoped) and reach.stores is not None:
            query = query.where(self.obj.store_id.in_(reach.stores))
        return query

    def count_up_to(self, query: Select[Any]) -> int:
        """How many rows, at most one more than `COUNTED`."""
        keys = [getattr(self.obj, column.key) for column in inspect(self.obj).primary_key]
        some = query.with_only_columns(*keys).order_by(None).limit(COUNTED + 1).subquery()
        return int(self.session.scalar(select(func.count()).select_from(some)) or 0)

    def rows(self, query: Select[Any], related: Iterable[str] = ()) -> list[Any]:
        """The rows of a query, with the relations named: one row's in the same statement, many in one more."""
        for name in related:
            many = inspect(self.obj).relationships[name].uselist
            query = query.options((selectinload if many else joinedload)(getattr(self.obj, name)))
        return list(self.session.scalars(query).unique())

    def find(self, session: Session, query: Select[Any], *, pk: str) -> Any:
        """The row of `query` with this key (parts joined by commas), or `NotFound`."""
        columns = inspect(self.obj).primary_key
        parts = pk.split(",")
        if len(parts) != len(columns):
            raise NotFound(record=self.obj.__name__)
        for column, part in zip(columns, parts, strict=True):
            query = query.where(column == _typed(column, part))
        row = session.scalars(query).unique().one_or_none()
        if row is None:
            raise NotFound(record=self.obj.__name__)
        return row

    def key_of(self, row: Any) -> str:
        """What `find` takes."""
        return ",".join(str(part) for part in inspect(self.obj).primary_key_from_instance(row))


def _typed(column: Any, part: str) -> Any:
    try:
        return column.type.python_type(part)
    except (ValueError, TypeError, NotImplementedError):
        raise NotFound from None


def reader() -> Session:
    """The request's own session, for looking only."""
    return cast(Session, current_app.extensions["appbuilder"].session)


@contextmanager
def looking() -> Iterator[UnitOfWork]:
    """A unit of work for services that only read: takes no lock, and whatever is changed in it is forgotten."""
    database = state().database
    with database.session() as session:
        session.info["actor"] = actor()
        yield UnitOfWork(database, session, actor(), clock.now())
        session.rollback()


@contextmanager
def work(sentences: Sentences | None = None) -> Iterator[UnitOfWork]:
    """A unit of work of the signed-in user; what the database refuses becomes a sentence (`Conflict`)."""
    try:
        with unit_of_work(state().database, actor=actor()) as uow:
            yield uow
        reader().rollback()  # what it has read is from before
    except IntegrityError as error:
        raise Conflict(_sentence(str(error.orig), sentences or {}), code="integrity") from error


def _sentence(said: str, sentences: Sentences) -> Text:
    """`sentences` are by constraint (PostgreSQL names it) or by `table.column` (SQLite lists them)."""
    for name, sentence in sentences.items():
        if name in said:
            return sentence
    lowered = said.lower()
    if "unique" in lowered:
        return _("Another record has the same value already.")
    if "foreign key" in lowered:
        return _("Other records still need this one.")
    return _("The database does not accept these values.")
