"""The books only grow: the database itself refuses to change or remove what stands in them."""

# ruff: noqa: S608 - the statements are made of this file's own words

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.db import Model
from tests.support.arrivals import paid, sale
from tests.support.mall import Shop, expect_sound, kept

BOOKS = {
    "core_entry": "rule = 'x'",
    "core_posting": "amount = amount + 1",
    "core_receipt": "total = 0",
    "core_receipt_line": "amount = 0",
    "core_receipt_tender": "amount = 0",
    "core_seal": "block = 0",
    "core_checkpoint": "last_seq = 0",
    "core_audit": "actor = 'nobody'",
    "loyalty_lot_use": "points = 0",
}
"""Each table of the books, and a change somebody might make."""


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A mall with something in every book."""
    from core.seal import sealer

    shop.take(sale("1", 10000, member=1), paid("2", 50, points=50, member=1))
    sealer.seal_pending(shop.database, shop.house.vault)
    return shop


def refused(shop: Shop, statement: str) -> str:
    def run() -> None:
        with shop.database.writer.begin() as connection:
            connection.execute(text(statement))

    with pytest.raises(DBAPIError, match="append-only") as error:
        run()
    return str(error.value)


def rows(shop: Shop, table: str) -> list[tuple[object, ...]]:
    with shop.database.reader.connect() as connection:
        return sorted(map(tuple, connection.execute(text(f"select * from {table}"))), key=repr)


def test_these_are_the_books() -> None:
    shipped = [t for name, t in Model.metadata.tables.items() if name.startswith(("core_", "loyalty_", "pos_bridge_"))]
    assert {table.name for table in shipped if table.info.get("append_only") == []} == set(BOOKS)
    assert {table.name for table in shipped if table.info.get("append_only")} == {"core_account"}


def test_of_an_account_only_the_balance_changes(busy: Shop) -> None:
    for change in ("floor = -1000", "owner_id = 7", "unit = 'CNY'", "name = 'x'", "mall_id = 2", "id = id"):
        refused(busy, f"update core_account set {change} where name = 'loyalty'")
    refused(busy, "delete from core_account")


def test_nothing_in_the_books_is_changed_or_removed(busy: Shop) -> None:
    for table, change in BOOKS.items():
        before = rows(busy, table)
        assert before != [], table
        for statement in (f"update {table} set {change}", f"delete from {table}"):
            assert table in refused(busy, statement)
        assert rows(busy, table) == before
    expect_sound(busy)


def test_not_even_one_row_by_its_key(busy: Shop) -> None:
    (entry, *_others) = busy.all(text("select id from core_entry order by id"))
    refused(busy, f"delete from core_entry where id = {entry}")
    refused(busy, f"update core_entry set id = id where id = {entry}")


def test_nothing_is_truncated(busy: Shop) -> None:
    for table in [*BOOKS, "core_account"]:
        if busy.database.is_sqlite:  # it has no TRUNCATE, but a shortcut for DELETE without WHERE
            refused(busy, f"delete from {table}")
        else:
            refused(busy, f"truncate {table}")
            refused(busy, f"truncate {table} cascade")


def test_nothing_is_replaced(busy: Shop) -> None:
    """A replacing insert deletes first, past the triggers unless SQLite is told to run them."""
    for table in BOOKS:
        columns = [column.name for column in Model.metadata.tables[table].columns]
        listed = ", ".join(columns)
        before = rows(busy, table)
        if busy.database.is_sqlite:
            refused(busy, f"insert or replace into {table} ({listed}) select {listed} from {table} limit 1")
        else:
            keys = ", ".join(column.name for column in Model.metadata.tables[table].primary_key)
            change = re.sub(r" = .*", "", BOOKS[table])
            statement = (
                f"insert into {table} ({listed}) select {listed} from {table} limit 1"
                f" on conflict ({keys}) do update set {change} = excluded.{change}"
            )
            refused(busy, statement)
        assert rows(busy, table) == before


def test_balances_cannot_be_pushed_past_their_floor(busy: Shop) -> None:
    def push() -> None:
        with busy.database.writer.begin() as connection:
            connection.execute(text("update core_account set balance = -1 where name = 'loyalty'"))

    with pytest.raises(DBAPIError, match="ck_core_account_floor"):
        push()
    assert kept(busy)["loyalty", 1] == busy.balance(1)


def test_values_are_whole_and_within_bounds(busy: Shop) -> None:
    def put(value: str) -> None:
        with busy.database.writer.begin() as connection:
            columns = "entry_id, no, account_id, unit, amount"
            connection.execute(text(f"insert into core_posting ({columns}) values (1, 9, 1, 'x', {value})"))

    # PostgreSQL rounds 1.5 before it looks at any check; nothing but SQLite would keep it.
    for value in ("1000000000000001", "-1000000000000001", "'abc'", *(["1.5"] if busy.database.is_sqlite else [])):
        with pytest.raises(DBAPIError):
            put(value)
    put("1000000000000000")
