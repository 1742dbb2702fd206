"""Tables that only grow: the database itself refuses to change or remove their rows."""

from __future__ import annotations

from sqlalchemy import DDL, Table, event

_FUNCTION = """create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$"""


def statements(table: str, dialect: str) -> list[str]:
    """What makes `table` append-only. The same text in models and migrations, so that their schemas are equal."""
    if dialect == "postgresql":
        trigger = f"create trigger {table}_append_only before update or delete or truncate on {table}"
        return [_FUNCTION, f"{trigger} for each statement execute function core_append_only()"]
    refuse = f"begin select raise(abort, '{table} is append-only'); end"
    return [f"create trigger {table}_no_{act} before {act} on {table} {refuse}" for act in ("update", "delete")]


def only_grows(table: Table) -> Table:
    """Let `create_all` make the triggers too, and remember that the table is one of the books."""
    table.info["append_only"] = True
    for dialect in ("postgresql", "sqlite"):
        for statement in statements(table.name, dialect):
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
    return table
