"""Reading for the receipt path: on connections that cannot write, several questions in one trip where possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from sqlalchemy import Select
from sqlalchemy.engine import Connection

from core.db import Database
from core.errors import BrokenPlugin

Question = tuple[str, Sequence[Any]]
T = TypeVar("T")


class Read:
    """What a plugin's `receipt_facts` reads with: selects only. `stamp` tells whether what it remembers still holds."""

    def __init__(self, connection: Connection, stamps: dict[str, int], memory: dict[str, Any]) -> None:
        self._connection = connection
        self._stamps = stamps
        self._memory = memory

    def rows(self, query: Select[Any], **values: Any) -> list[Any]:
        """All rows of a select; `values` fill its bind parameters. A select made once costs half of one made anew."""
        if not isinstance(query, Select):
            raise BrokenPlugin(because="receipt_facts may only select")
        return list(self._connection.execute(query, values).fetchall())

    def stamp(self, name: str) -> int:
        """The version of what `name` stands for (a plugin's rules), as of this batch; 0 when never changed."""
        return self._stamps.get(name, 0)

    def remembered(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gave for this database; asked again only when the stamp `name` was raised, wherever."""
        stamp, kept = self.stamp(name), self._memory.get(f"read:{name}")
        if kept is None or kept[0] != stamp:
            kept = self._memory[f"read:{name}"] = (stamp, make())
        found: T = kept[1]
        return found


@contextmanager
def reader(database: Database) -> Iterator[Connection]:
    """A connection that the database itself keeps from writing."""
    with database.facts.connect() as connection:
        yield connection


def ask(connection: Connection, questions: Sequence[Question]) -> list[list[Any]]:
    """The rows of several questions, written with `?` marks: one round trip on PostgreSQL, in-process on SQLite."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return [driver.execute(sql, tuple(params)).fetchall() for sql, params in questions]
    cursors = [psycopg.RawCursor(driver) for _question in questions]
    with driver.pipeline():
        for cursor, (sql, params) in zip(cursors, questions, strict=True):
            cursor.execute(_numbered(sql), tuple(params))
    return [cursor.fetchall() for cursor in cursors]


@lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    """The question with PostgreSQL's own marks, `$1` and so on."""
    first, *others = sql.split("?")
    return first + "".join(f"${number}{rest}" for number, rest in enumerate(others, start=1))


def marks(values: Sequence[Any]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" * len(values))
