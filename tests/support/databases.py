"""Fresh migrated databases, fast: each is a copy of a template that is migrated once per test run.

PostgreSQL copies with `CREATE DATABASE … TEMPLATE`, SQLite by copying the file. Templates are made under a file lock,
so the workers of one run share them.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from filelock import FileLock
from psycopg import sql
from sqlalchemy import make_url

from tests.support import postgres

KEPT, KEPT_AT_MOST, SIZE = 60, 500, 12 * 2**20
"""Used databases are dropped together, this many at a time. Dropping one makes the server write everything out, up to a
second each on a busy disk, so on our own server, which is removed as a whole, as many stay as a tenth of the free disk
holds (bytes each; every process of the run keeps its own)."""

_used: list[str] = []


def migrate(url: str) -> None:
    """Bring an empty database to the newest schema of the core and every plugin in the checkout."""
    from core.migrations import upgrade_all

    upgrade_all(url)


@dataclass(frozen=True)
class Run:
    """One test run: its shared folder, the process whose end ends it, and the PostgreSQL it was pointed at, if any."""

    folder: Path
    owner: int
    given: str | None = None

    @property
    def token(self) -> str:
        """Marks this run's databases on a server that others use too."""
        return f"atrium_test_{self.owner}"


# --- PostgreSQL -------------------------------------------------------------------------------------------------


def server_url(run: Run) -> str:
    """An address on the run's PostgreSQL whose user may create databases; raises when there is none."""
    if run.given is None:
        return postgres.started(run.folder, run.owner)
    return make_url(run.given).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)


@contextlib.contextmanager
def fresh_postgres(run: Run, *, migrated: bool = True) -> Iterator[str]:
    """The address of a database of one's own; afterwards nobody is connected to it any more."""
    template = _postgres_template(run) if migrated else "template0"
    name = f"{run.token}_{secrets.token_hex(6)}"
    _admin(run, "create database {} template {}", name, template)
    try:
        yield _address(run, name)
    finally:
        _admin(run, "alter database {} allow_connections false", name)
        _admin(run, f"select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'")  # noqa: S608
        _used.append(name)
        if len(_used) >= _kept(run):
            drop_used(run)


def _kept(run: Run) -> int:
    if run.given is not None:
        return KEPT
    return max(KEPT, min(KEPT_AT_MOST, len(_used) + shutil.disk_usage(run.folder).free // 10 // SIZE))


def drop_used(run: Run) -> None:
    """Drop the databases this process is done with."""
    while _used:
        _admin(run, "drop database {} with (force)", _used.pop())


def leave(run: Run, *, last: bool) -> None:
    """Leave nothing on a server that was given to us (our own is removed as a whole); `last` drops the template too."""
    if run.given is None:
        return
    drop_used(run)
    if last and (run.folder / "databases.done").exists():
        _admin(run, "alter database {} is_template false", f"{run.token}_template")
        _admin(run, "drop database {} with (force)", f"{run.token}_template")


def _postgres_template(run: Run) -> str:
    name, done = f"{run.token}_template", run.folder / "databases.done"
    with FileLock(run.folder / "databases.lock"):
        if not done.exists():
            _admin(run, "drop database if exists {}", name)
            _admin(run, "create database {} template template0", name)
            migrate(_address(run, name))
            # A template that nobody can open is never "being accessed by other users" when it is copied.
            _admin(run, "alter database {} is_template true allow_connections false", name)
            done.touch()
    return name


def _address(run: Run, database: str) -> str:
    return make_url(server_url(run)).set(database=database).render_as_string(hide_password=False)


def _admin(run: Run, statement: str, *names: str) -> None:
    plain = make_url(server_url(run)).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


# --- SQLite -----------------------------------------------------------------------------------------------------


def fresh_sqlite(run: Run, folder: Path, *, migrated: bool = True) -> str:
    """The address of a database file of one's own in `folder`."""
    path = folder / "atrium.sqlite"
    if migrated:
        shutil.copyfile(_sqlite_template(run), path)
        path.chmod(0o600)
    return f"sqlite:///{path}"


def _sqlite_template(run: Run) -> Path:
    folder = run.folder / "template"
    path, done = folder / "atrium.sqlite", folder / "done"
    # Not beside the file: that is where the suite's own write lock stands.
    with FileLock(run.folder / "sqlite.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            migrate(f"sqlite:///{path}")
            # Whatever still stands in the write-ahead log goes into the one file that is copied.
            with contextlib.closing(sqlite3.connect(path)) as connection:
                connection.execute("pragma wal_checkpoint(truncate)")
            done.touch()
    return path
