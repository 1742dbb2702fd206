"""First migrations are plain SQL, one file a database: exactly what the tables were on that day, triggers included.

`draw` writes the files from the models when a plugin is new; `run` carries them out inside a migration. Later
migrations use Alembic's operations as usual.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Sequence, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.schema import CreateIndex, CreateTable

from core.append_only import statements
from core.db import Model

SEPARATOR = ";\n\n"
DIALECTS: dict[str, Dialect] = {"postgresql": postgresql.dialect(), "sqlite": sqlite.dialect()}  # type: ignore[no-untyped-call]


def draw(folder: Path, *, prefixes: tuple[str, ...], name: str = "0001_initial") -> None:
    """Write `<name>.postgresql.sql` and `<name>.sqlite.sql` for the tables whose names begin with one of `prefixes`."""
    tables = [table for table in Model.metadata.sorted_tables if table.name.startswith(prefixes)]
    for dialect in DIALECTS:
        parts = [part for table in tables for part in _create(table, dialect)]
        (folder / f"{name}.{dialect}.sql").write_text(SEPARATOR.join(parts) + ";\n", encoding="utf-8")


def _create(table: Table, dialect: str) -> list[str]:
    compiled = DIALECTS[dialect]
    sequences = [column.default for column in table.columns if isinstance(column.default, Sequence)]
    parts = [f"create sequence {sequence.name}" for sequence in sequences if dialect == "postgresql"]
    parts += [str(CreateTable(table).compile(dialect=compiled)).strip()]
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    parts += [str(CreateIndex(index).compile(dialect=compiled)).strip() for index in indexes]
    parts += statements(table, dialect)
    return [part.replace("\t", "    ").replace(" \n", "\n") for part in parts]


def run(migration: str) -> None:
    """Carry out the SQL beside the migration file `migration`, for the database at hand."""
    connection = _connection()
    file = Path(migration).with_suffix(f".{connection.dialect.name}.sql")
    for statement in file.read_text(encoding="utf-8").removesuffix(";\n").split(SEPARATOR):
        connection.exec_driver_sql(
            statement.replace("%", "%%") if connection.dialect.name == "postgresql" else statement
        )


def drop(*prefixes: str) -> None:
    """Drop the tables with these prefixes that are there, children first."""
    connection = _connection()
    for table in reversed(Model.metadata.sorted_tables):
        if table.name.startswith(prefixes):
            connection.exec_driver_sql(f"drop table if exists {table.name}")
            for column in table.columns:
                if isinstance(column.default, Sequence) and connection.dialect.name == "postgresql":
                    connection.exec_driver_sql(f"drop sequence if exists {column.default.name}")
    if connection.dialect.name == "postgresql" and "core_" in prefixes:
        connection.exec_driver_sql("drop function if exists core_append_only()")


def _connection() -> Connection:
    from alembic import op

    return op.get_bind()
