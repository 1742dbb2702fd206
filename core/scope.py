"""Who may see which rows: nothing unless said, one's own stores for a user, everything only for named system work.

Three kinds of rows: *global* (roles, plugins), *mall* (members, products, accounts), *store* (receipts, tills, staff).
Reads are narrowed by loader criteria under the ORM; writes by a guard before each flush, since a criterion does not
see an INSERT or an UPDATE that moves a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapped, ORMExecuteState, Session, mapped_column, with_loader_criteria
from sqlalchemy.sql.base import ExecutableOption

from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Scope:
    """The malls and stores in reach. `stores` is None for somebody who sees all stores of the malls."""

    malls: frozenset[int] = frozenset()
    stores: frozenset[int] | None = frozenset()
    system: bool = False
    why: str = ""

    def has_store(self, mall_id: int, store_id: int | None) -> bool:
        """Whether a row of this mall and store is in reach."""
        if self.system:
            return True
        return mall_id in self.malls and (self.stores is None or store_id in self.stores)


NOBODY = Scope()
_scope: ContextVar[Scope] = ContextVar("atrium_scope", default=NOBODY)


class MallScoped:
    """Mixin of rows that belong to a mall."""

    mall_id: Mapped[int] = mapped_column()


class StoreScoped:
    """Mixin of rows that belong to one store of a mall."""

    mall_id: Mapped[int] = mapped_column()
    store_id: Mapped[int] = mapped_column()


def current() -> Scope:
    """The scope in force here."""
    return _scope.get()


@contextmanager
def scoped(scope: Scope) -> Iterator[Scope]:
    """Work inside `scope`."""
    token = _scope.set(scope)
    try:
        yield scope
    finally:
        _scope.reset(token)


@contextmanager
def system_scope(why: str) -> Iterator[Scope]:
    """See everything, for work that no user does; `why` stands in the audit trail of what is written."""
    with scoped(Scope(system=True, why=why)) as scope:
        yield scope


def enter(scope: Scope) -> None:
    """Put `scope` in force for the rest of this request."""
    _scope.set(scope)


def narrow_reads(state: ORMExecuteState) -> None:
    """Session event: add the scope's criteria to every ORM select, update and delete."""
    scope = _scope.get()
    if scope.system or state.is_column_load:
        return
    if state.is_select or state.is_update or state.is_delete:
        state.statement = state.statement.options(*_criteria(scope.malls, scope.stores))


@lru_cache(maxsize=256)
def _criteria(malls: frozenset[int], stores: frozenset[int] | None) -> tuple[ExecutableOption, ...]:
    """The options for one reach; kept, since making them costs more than the query (they are compiled by identity)."""
    mall_ids = tuple(sorted(malls))
    own_malls = with_loader_criteria(MallScoped, lambda c: c.mall_id.in_(mall_ids), include_aliases=True)
    if stores is None:
        return own_malls, with_loader_criteria(StoreScoped, lambda c: c.mall_id.in_(mall_ids), include_aliases=True)
    store_ids = tuple(sorted(stores))
    return own_malls, with_loader_criteria(StoreScoped, lambda c: c.store_id.in_(store_ids), include_aliases=True)


def guard_writes(session: Session, *_: object) -> None:
    """Session event: refuse to add, change, move or delete a row outside the scope."""
    scope = _scope.get()
    if scope.system:
        return
    for row in (*session.new, *session.dirty, *session.deleted):
        for mall_id, store_id in _places(row):
            if mall_id not in scope.malls:
                raise NotFound(record=type(row).__name__)
            if isinstance(row, StoreScoped) and not scope.has_store(mall_id, store_id):
                raise NotFound(record=type(row).__name__)


def _places(row: Any) -> Iterator[tuple[Any, Any]]:
    """Where the row is going to be and where it was: both must be in reach."""
    if not isinstance(row, MallScoped | StoreScoped):
        return
    attrs = inspect(row).attrs
    stores = getattr(attrs, "store_id", None) if isinstance(row, StoreScoped) else None
    store_history = stores.load_history() if stores is not None else None
    mall_history = attrs.mall_id.load_history()
    yield row.mall_id, getattr(row, "store_id", None)
    if mall_history.deleted or (store_history and store_history.deleted):
        old_mall = mall_history.deleted[0] if mall_history.deleted else row.mall_id
        old_store = (
            store_history.deleted[0] if store_history and store_history.deleted else getattr(row, "store_id", None)
        )
        yield old_mall, old_store
