"""Reading for the receipt path: on connections that cannot write, several questions in one trip where possible."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select
from sqlalchemy.engine import Connection

from core.db import Database
from core.errors import BrokenPlugin

Question = tuple[str, Sequence[Any]]


class Read:
    """What a plugin's `receipt_facts` reads with: selects only. `stamp` tells whether what it remembers still holds."""

    def __init__(self, connection: Connection, stamps: dict[str, int]) -> None:
        self._connection = connection
        self._stamps = stamps

    def rows(self, query: Select[Any]) -> list[Any]:
        """All rows of a select."""
        if not isinstance(query, Select):
            raise BrokenPlugin(because="receipt_facts may only select")
        return list(self._connection.execute(query).fetchall())

    def stamp(self, name: str) -> int:
        """The version of what `name` stands for (a plugin's rules), as of this batch; 0 when never changed."""
        return self._stamps.get(name, 0)


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
    with driver.pipeline():
        cursors = [driver.execute(sql.replace("?", "%s"), tuple(params)) for sql, params in questions]
    return [cursor.fetchall() for cursor in cursors]


def marks(values: Sequence[Any]) -> str:
    """As many question marks as there are values."""
    return ", ".join("?" * len(values))
