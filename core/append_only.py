"""Tables that only grow: the database itself refuses to change or remove their rows, or some columns of them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import DDL, Table, event

_BOOKS = "append_only"

_FUNCTION = """create or replace function core_append_only() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only', tg_table_name using errcode = '23514';
end $$"""


def statements(table: Table, dialect: str) -> list[str]:
    """What makes `table` append-only, nothing where it need not be. The same text in models and migrations."""
    fixed: Sequence[str] | None = table.info.get(_BOOKS)
    if fixed is None:
        return []
    update, name = "update" + (f" of {', '.join(fixed)}" if fixed else ""), table.name
    if dialect == "postgresql":
        trigger = f"create trigger {name}_append_only before {update} or delete or truncate on {name}"
        return [_FUNCTION, f"{trigger} for each statement execute function core_append_only()"]
    refuse = f"on {name} begin select raise(abort, '{name} is append-only'); end"
    acts = (("update", update), ("delete", "delete"))
    return [f"create trigger {name}_no_{act} before {when} {refuse}" for act, when in acts]


def only_grows(table: Table, *, but: Sequence[str] = ()) -> Table:
    """Let `create_all` make the triggers too. The columns named in `but` may change, at no cost to those changes."""
    table.info[_BOOKS] = [column.name for column in table.columns if column.name not in but] if but else []
    for dialect in ("postgresql", "sqlite"):
        for statement in statements(table, dialect):
            ddl = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]
            event.listen(table, "after_create", ddl.execute_if(dialect=dialect))
    return table
