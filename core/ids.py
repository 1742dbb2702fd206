"""Numbers drawn before a write: ids in blocks, and codes that are never given out twice.

A receipt's and an entry's id must be known before the one statement that writes everything, so a process takes a block
of ids at a time and hands them out. A killed process loses the rest of its block; ids have gaps, seals have none.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from core.db import Database, UnitOfWork
from core.models.setting import Sequence

BLOCK = 1000
_SEQUENCE = Sequence.__table__


@dataclass
class _Block:
    pid: int
    following: int = 0
    end: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


def draw(database: Database, count: int) -> list[int]:
    """`count` ids that nobody else has or will have; ascending within one call."""
    block: _Block | None = database.memory.get("ids")
    if block is None or block.pid != os.getpid():
        block = database.memory["ids"] = _Block(os.getpid())
    with block.lock:
        if block.end - block.following < count:
            with database.writer.begin() as connection:
                block.following = advance(connection, "ids", by=max(BLOCK, count))
            block.end = block.following + max(BLOCK, count)
        start, block.following = block.following, block.following + count
    return list(range(start, start + count))


def draw_within(uow: UnitOfWork, count: int) -> list[int]:
    """`count` ids in the middle of a unit of work, which on SQLite holds the one write lock that `draw` would wait for.

    There they come with its transaction, and go back with it. On PostgreSQL they must not: the sequence's row would
    stay locked until the commit.
    """
    if not uow.database.is_sqlite:
        return draw(uow.database, count)
    start = advance(uow.session.connection(), "ids", by=count)
    return list(range(start, start + count))


def next_code(uow: UnitOfWork, *, prefix: str, name: str, width: int = 4) -> str:
    """The next code of a series, e.g. 'S0001'. A code is used up even when the thing it named is gone."""
    number = advance(uow.session.connection(), name, by=1)
    return f"{prefix}{number:0{width}d}"


def advance(connection: Connection, name: str, *, by: int) -> int:
    """Move the sequence `name` on by `by`, in the caller's transaction; returns where it stood."""
    moved = update(_SEQUENCE).where(_SEQUENCE.c.name == name).values(next_value=_SEQUENCE.c.next_value + by)
    after = connection.execute(moved.returning(_SEQUENCE.c.next_value)).scalar()
    if after is not None:
        return int(after) - by
    try:
        with connection.begin_nested():
            connection.execute(_SEQUENCE.insert(), {"name": name, "next_value": 1 + by})
    except IntegrityError:  # another process made the row in the same moment
        return advance(connection, name, by=by)
    return 1


def peek(connection: Connection, name: str) -> int:
    """Where the sequence stands, 1 when it was never used."""
    found = connection.execute(select(_SEQUENCE.c.next_value).where(_SEQUENCE.c.name == name)).scalar()
    return int(found) if found is not None else 1
