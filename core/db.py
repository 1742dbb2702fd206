"""Engines, sessions, the model base and the unit of work, for SQLite and PostgreSQL alike.

Three engines on one database. `reader` opens plain transactions; `writer` opens write transactions (on SQLite behind
a lock file, so that writers queue nearly first come, first served); `facts` can only read, because the database says
so, and is what plugins' bulk reads run on. On PostgreSQL `reader` and `writer` are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flask_appbuilder import Model as FabModel
from flask_appbuilder.security.sqla import models as fab_models
from sqlalchemy import BigInteger, DateTime, Dialect, Engine, Integer, TypeDecorator, UpdateBase, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column

from core import clock, engines, scope
from core.errors import BrokenPlugin

Id = BigInteger().with_variant(Integer, "sqlite")
"""Identifiers stay below 2^53, so that a till written in JavaScript keeps them exact."""


class Moment(TypeDecorator[datetime]):
    """A point in time: UTC in the database, always with a zone in Python."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


USERS = fab_models
"""Flask-AppBuilder's tables of users and roles; ours point at them, so the metadata must know them."""


class Model(FabModel):
    """The base of all tables of ours. Without `extend_existing`, so that two plugins cannot share a table unseen."""

    __abstract__ = True
    __table_args__: Any = ()
    __stamp__: str = ""
    """The stamp to raise when a row changes, so that every process drops what it remembered of such rows."""
    __audited__: bool = True
    """Whether the audit trail keeps what changes here; off for what is a trail of its own, or no business data."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {getattr(self, 'id', '?')}>"


@event.listens_for(Model, "instrument_class", propagate=True)
def _complete_table(mapper: Mapper[Any], _cls: type) -> None:
    table: Any = mapper.local_table
    engines.bound_values(table)
    engines.name_constraints(table)


def row_id() -> Mapped[int]:
    """The usual primary key."""
    return mapped_column(Id, primary_key=True, autoincrement=True)


def value_column(*, nullable: bool = False, default: int | None = None) -> Any:
    """A column of money (minor units) or points: an integer within ±10^15, whatever the database would let in."""
    return mapped_column(BigInteger, nullable=nullable, default=default, info={"value": True})


class AtriumSession(Session):
    """Reads on the reader until something is written, then stays on the writer until the transaction ends."""

    def get_bind(self, mapper: Any = None, *, clause: Any = None, bind: Any = None, **kw: Any) -> Any:
        if _deciding.get():
            raise BrokenPlugin(because="a receipt hook asked for a session")
        if bind is not None:
            return bind
        database: Database = self.info["database"]
        if self._flushing or isinstance(clause, UpdateBase):
            self.info["writing"] = True
        return database.writer if self.info.get("writing") else database.reader


_deciding: ContextVar[bool] = ContextVar("atrium_deciding", default=False)


@contextmanager
def deciding() -> Iterator[None]:
    """While receipt hooks run: nobody gets a session."""
    token = _deciding.set(True)
    try:
        yield
    finally:
        _deciding.reset(token)


def _refuse_while_deciding(connection: Connection) -> None:
    if _deciding.get():
        connection.close()
        raise BrokenPlugin(because="a receipt hook asked for a connection that can write")


_working: ContextVar[bool] = ContextVar("atrium_working", default=False)


def is_working() -> bool:
    """Whether a unit of work is open here: on SQLite nobody else can write until it ends."""
    return _working.get()


BeforeFlush = Callable[[Session], None]


@dataclass
class Database:
    """One database with its engines. `before_flush` holds what core adds to each write (audit, stamps)."""

    url: str
    reader: Engine
    writer: Engine
    facts: Engine
    direct: Engine
    before_flush: list[BeforeFlush] = field(default_factory=list)
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    """What this process remembers of this database (blocks of ids, the directory), by subject."""

    @classmethod
    def connect(cls, url: str) -> Database:
        """Open the database at `url` (`sqlite:///…` or `postgresql+psycopg://…`)."""
        made = engines.connect(url)
        for engine in {made.reader, made.writer, made.direct}:
            event.listen(engine, "engine_connect", _refuse_while_deciding)
        return cls(made.url, made.reader, made.writer, made.facts, made.direct)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded default."""
        return self.writer.dialect.name == "sqlite"

    def session(self) -> AtriumSession:
        """A new session under the scope in force. Close it."""
        if _deciding.get():
            raise BrokenPlugin(because="a receipt hook asked for a session")
        session = AtriumSession(info={"database": self}, expire_on_commit=False)
        event.listen(session, "do_orm_execute", scope.narrow_reads)
        event.listen(session, "before_flush", self._prepare_flush)
        event.listen(session, "after_transaction_end", _forget_writing)
        return session

    def _prepare_flush(self, session: Session, *_: object) -> None:
        session.info["writing"] = True
        scope.guard_writes(session)
        for step in self.before_flush:
            step(session)

    def dispose(self) -> None:
        """Close all connections; after a fork, or at the end of a test."""
        for engine in {self.reader, self.writer, self.facts, self.direct}:
            engine.dispose()


def _forget_writing(session: Session, transaction: Any) -> None:
    if transaction.parent is None:
        session.info.pop("writing", None)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something and from where, for the audit trail. `kind` is 'user', 'till', 'job' or 'command'."""

    kind: str
    name: str
    id: int | None = None
    address: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"


SYSTEM = Actor("job", "system")


@dataclass
class UnitOfWork:
    """One transaction with its audit rows and its outbox. Services take one, and never commit."""

    database: Database
    session: AtriumSession
    actor: Actor
    now: datetime
    after_commit: list[Callable[[], None]] = field(default_factory=list)


@contextmanager
def unit_of_work(database: Database, *, actor: Actor) -> Iterator[UnitOfWork]:
    """Begin a write transaction; commit at the end, roll back on any exception."""
    token = _working.set(True)
    try:
        with database.session() as session:
            session.info["writing"] = True
            session.info["actor"] = actor
            uow = UnitOfWork(database, session, actor, clock.now())
            session.info["uow"] = uow
            yield uow
            session.commit()
    finally:
        _working.reset(token)
    for step in uow.after_commit:
        step()


def use(database: Database) -> None:
    """Make `database` the one that `current()` returns, for this process or context."""
    global _default
    _default = database


_default: Database | None = None


def current() -> Database:
    """The database of this process."""
    if _default is None:
        raise RuntimeError("no database: call core.db.use() first")
    return _default
