"""How connections are made: what each database needs to be durable, ordered and, where asked, unable to write."""

from __future__ import annotations

import fcntl
import os
import select
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from psycopg.types.numeric import Int8Dumper
from sqlalchemy import CheckConstraint, Engine, ForeignKeyConstraint, Table, UniqueConstraint, create_engine, event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import InvalidatePoolError

from core.errors import UnsafeSetting
from core.i18n import _
from core.types import LIMIT


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines on one database; see core.db. `direct` writes one statement at a time, each its own transaction."""

    url: str
    reader: Engine
    writer: Engine
    facts: Engine
    direct: Engine


def connect(url: str) -> Engines:
    """Make the engines for `url`."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, str(parsed.database))
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed.set(drivername="postgresql+psycopg").render_as_string(hide_password=False))
    raise UnsafeSetting(_("ATRIUM_DATABASE_URL must name SQLite or PostgreSQL."))


def _postgresql(url: str) -> Engines:
    shared: dict[str, Any] = {"pool_size": 5, "max_overflow": 10, "pool_pre_ping": False}
    quick: dict[str, Any] = {**shared, "isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
    # The receipts' few statements come again and again: plan each once.
    once = "-c timezone=UTC -c statement_timeout=20000 -c plan_cache_mode=force_generic_plan"
    writer = create_engine(url, **shared, connect_args={"options": "-c timezone=UTC -c statement_timeout=60000"})
    direct = create_engine(url, **quick, connect_args={"options": once})
    facts = create_engine(url, **quick, connect_args={"options": f"{once} -c default_transaction_read_only=on"})
    for engine in (writer, direct, facts):
        event.listen(engine, "connect", _prepare_postgresql)
    for engine in (writer, direct, facts):
        event.listen(engine, "checkout", lambda dbapi, _record, _proxy: _expect_alive(dbapi))
    return Engines(url, writer, writer, facts, direct)


def _expect_alive(dbapi: Any) -> None:
    """Before a connection is used: has the server gone, or said good-bye to it? Then it and all others are made anew.

    Something that came unasked is nearly always that. Looking at the socket costs microseconds, a ping a round trip.
    """
    if not dbapi.closed:
        poll = select.poll()
        poll.register(dbapi.pgconn.socket, select.POLLIN)
        if not poll.poll(0):
            return
    raise InvalidatePoolError("the database has closed the connection")


def _prepare_postgresql(dbapi: Any, _record: Any) -> None:
    # By default an integer is sent as the smallest type it fits, and each mix of types is prepared anew.
    dbapi.adapters.register_dumper(int, Int8Dumper)


def _sqlite(url: str, path: str) -> Engines:
    lock = WriteLock(Path(path + ".lock"))
    reader, writer, facts = (create_engine(url, pool_size=5, max_overflow=20) for _n in range(3))
    for engine in (reader, writer, facts):
        event.listen(engine, "connect", _prepare_sqlite)
    event.listen(facts, "connect", _only_read)
    event.listen(reader, "begin", _begin)
    event.listen(facts, "begin", _begin)

    @event.listens_for(writer, "begin")
    def begin_immediate(connection: Connection) -> None:
        lock.acquire(connection)
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    # The pool takes a connection back after COMMIT or ROLLBACK has run: only then may the next writer start.
    event.listen(writer, "checkin", lambda _dbapi, record: lock.release(record))
    event.listen(writer, "invalidate", lambda _dbapi, record, _error: lock.release(record))
    return Engines(url, reader, writer, facts, writer)


def _prepare_sqlite(dbapi: Any, _record: Any) -> None:
    dbapi.isolation_level = None  # the driver must not begin or commit behind our back
    for pragma in (
        "journal_mode=wal",
        "synchronous=full",
        "foreign_keys=on",
        "recursive_triggers=on",  # otherwise a replacing insert walks round the triggers that keep the books
        "busy_timeout=30000",
        "cache_size=-32000",
    ):
        dbapi.execute(f"pragma {pragma}")


def _only_read(dbapi: Any, _record: Any) -> None:
    dbapi.execute("pragma query_only=on")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


class WriteLock:
    """A lock file beside the database: SQLite's own busy handler sleeps and starves, this queues.

    Threads of a process wait on a thread lock, processes on the file; a killed process frees it by dying.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._owner = 0
        self._file: int | None = None
        self._pid = 0

    def acquire(self, connection: Connection) -> None:
        """Wait for the turn of this connection; a connection that has it keeps it."""
        info = connection.connection.record_info
        if info is None or info.get("write_lock"):
            return
        if self._owner == threading.get_ident():
            raise RuntimeError("a unit of work inside another would wait for itself")
        self._threads.acquire()
        fcntl.flock(self._descriptor(), fcntl.LOCK_EX)
        self._owner, info["write_lock"] = threading.get_ident(), True

    def release(self, record: Any) -> None:
        """Let the next writer in."""
        if record.record_info.pop("write_lock", False):
            fcntl.flock(self._descriptor(), fcntl.LOCK_UN)
            self._owner = 0
            self._threads.release()

    def _descriptor(self) -> int:
        # A descriptor inherited over fork() would share the parent's lock: open an own one in each process.
        if self._file is None or self._pid != os.getpid():
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._pid = os.getpid()
        return self._file


def bound_values(table: Table) -> None:
    """Give every column of money or points the CHECK that keeps it an integer within bounds."""
    for column in table.columns:
        if not column.info.get("value"):
            continue
        name, bounds = f"ck_{table.name}_{column.name}_bounds", f"abs({column.name}) <= {LIMIT}"
        whole = f"typeof({column.name}) in ('integer', 'null')"  # SQLite stores 'abc' in an integer column
        table.append_constraint(CheckConstraint(bounds, name=name).ddl_if(dialect="postgresql"))
        table.append_constraint(CheckConstraint(f"{whole} and {bounds}", name=name).ddl_if(dialect="sqlite"))


def name_constraints(table: Table) -> None:
    """Name what has no name yet, so that later migrations can find it on either database."""
    for constraint in table.constraints:
        columns = "_".join(c.name for c in getattr(constraint, "columns", ()))
        if isinstance(constraint, ForeignKeyConstraint) and constraint.name is None:
            constraint.name = f"fk_{table.name}_{columns}"
        elif isinstance(constraint, UniqueConstraint) and constraint.name is None:
            constraint.name = f"uq_{table.name}_{columns}"
    table.primary_key.name = table.primary_key.name or f"pk_{table.name}"
