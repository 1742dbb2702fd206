"""What the database is asked: every statement as it reaches it, whoever sent it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event

from core.db import Database

_SENT = re.compile(r"^F\t\d+\t(Query|Parse|Execute|Sync)\b", re.MULTILINE)
_FIGURES = re.compile(r"'(?:[^']|'')*'|x'[0-9a-f]*'|-?\b\d+\b|NULL")
"""Everything that can be bound to a mark."""


@dataclass
class Asked:
    """`statements` with begin and commit, and on PostgreSQL the `trips` to the server that they took."""

    statements: int = 0
    trips: int = 0
    texts: list[str] = field(default_factory=list)


@contextmanager
def counted(database: Database) -> Iterator[Asked]:
    """Count what is asked while inside; connections are made anew for it, so ask something once before."""
    asked = Asked()
    with _sqlite(database, asked) if database.is_sqlite else _postgresql(database, asked):
        yield asked


@contextmanager
def _sqlite(database: Database, asked: Asked) -> Iterator[None]:
    def hear(text: str) -> None:
        if text.startswith("--"):  # what a trigger does is part of the statement that woke it
            return
        shape = _FIGURES.sub("?", text)
        if not asked.texts or asked.texts[-1] != shape:  # a prepared statement that runs for many rows is one
            asked.texts.append(shape)
        asked.statements = len(asked.texts)

    driven: list[Any] = []

    def listen(dbapi: Any, _record: Any, _proxy: Any) -> None:
        dbapi.set_trace_callback(hear)
        driven.append(dbapi)

    with _each_checkout(database, listen):
        yield
    for dbapi in driven:
        dbapi.set_trace_callback(None)


@contextmanager
def _postgresql(database: Database, asked: Asked) -> Iterator[None]:
    """By libpq's own trace of what goes over the wire."""
    with tempfile.TemporaryFile("r+") as trace:
        driven: list[Any] = []

        def listen(dbapi: Any, _record: Any, _proxy: Any) -> None:
            if dbapi not in driven:
                dbapi.pgconn.trace(trace.fileno())
                dbapi.pgconn.set_trace_flags(1)
                driven.append(dbapi)

        with _each_checkout(database, listen):
            yield
        for dbapi in driven:
            dbapi.pgconn.untrace()
        trace.seek(0)
        sent = _SENT.findall(trace.read())
        asked.statements = sum(kind in ("Query", "Execute") for kind in sent)
        asked.trips = sum(kind in ("Query", "Sync") for kind in sent)


@contextmanager
def _each_checkout(database: Database, listen: Any) -> Iterator[None]:
    engines = {database.reader, database.writer, database.facts, database.direct}
    for engine in engines:
        event.listen(engine, "checkout", listen)
    try:
        yield
    finally:
        for engine in engines:
            event.remove(engine, "checkout", listen)
