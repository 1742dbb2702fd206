"""Sealed books that somebody changes behind our back: every change is found, and the record is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from core import clock
from core.db import Database
from core.models import Account, Checkpoint, Entry, Posting, ReceiptLine, ReceiptRow, ReceiptTender, Unsealed
from core.seal.live import verify_live
from core.seal.sealer import seal_all, seal_pending
from core.vault import Vault
from tests.support.books import book_entry, booked, check, make_account, named, without_triggers


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "home")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = booked(database_url)
    yield opened
    opened.dispose()


SEALED = (Account, ReceiptRow, ReceiptLine, ReceiptTender, Entry, Posting)
KINDS = {Account: ("account", 901), Entry: ("entry", 21), Posting: ("entry", 21)}
ALLOWED = {("core_receipt", "kind"): "void"}
"""What else a column may hold where the database itself refuses most values."""


def changed(column: Column[Any], value: Any) -> Any:
    """The value with one byte of it, or as little as its type allows, changed."""
    if (column.table.name, column.name) in ALLOWED:
        return ALLOWED[column.table.name, column.name]
    if value is None:
        return 1
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return bytes([value[0] ^ 1]) + value[1:]
    return chr(ord(value[0]) ^ 1) + value[1:] if value else "x"


def put(database: Database, model: Any, *, row: dict[str, Any], **values: Any) -> None:
    with database.writer.begin() as connection:
        assert connection.execute(update(model).filter_by(**row).values(**values)).rowcount == 1


def cells() -> Iterator[tuple[Any, str, dict[str, Any], Column[Any]]]:
    """Every column of a sealed row: its model, kind, key and itself."""
    for model in SEALED:
        kind, number = KINDS.get(model, ("receipt", 20))
        key = {"id": number} if hasattr(model, "id") else {f"{kind}_id": number, "no": 2}
        sealed = (column for column in model.__table__.c if column.name != "balance")
        yield from ((model, kind, key, column) for column in sealed)


def test_one_changed_byte_in_any_column_is_found_and_named(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    without_triggers(database)
    for model, kind, key, column in cells():
        with database.reader.connect() as connection:
            before = connection.execute(select(column).filter_by(**key)).scalar_one()
        after = changed(column, before)
        put(database, model, row=key, **{column.name: after})

        result = check(database, vault)
        assert not result["ok"], column
        first = result["first_bad_row"]
        assert (first["kind"], first["id"]) == (kind, key.get("id", key.get(f"{kind}_id"))), (column, first)

        moved = {name: after if name == column.name else value for name, value in key.items()}
        put(database, model, row=moved, **{column.name: before})
    assert check(database, vault)["ok"]


@pytest.mark.parametrize(
    ("model", "kind", "number", "codes"),
    [
        (Account, "account", 901, {"row_lost"}),
        (ReceiptRow, "receipt", 20, {"row_lost", "part_stray"}),
        (ReceiptLine, "receipt", 20, {"row_changed"}),
        (ReceiptTender, "receipt", 20, {"row_changed"}),
        (Entry, "entry", 21, {"row_lost", "part_stray"}),
        (Posting, "entry", 21, {"row_changed"}),
    ],
)
def test_removed_rows_are_named(
    database: Database, vault: Vault, model: Any, kind: str, number: int, codes: set[str]
) -> None:
    seal_all(database, vault)
    without_triggers(database)
    own = model.id if hasattr(model, "id") else getattr(model, f"{kind}_id")
    with database.writer.begin() as connection:
        connection.execute(delete(model).where(own == number))

    unexplained = {("balance_differs", "account", 901)} if model is Posting else set()
    assert named(check(database, vault)) == {(code, kind, number) for code in codes} | unexplained


def test_added_rows_are_named(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    with database.writer.begin() as connection:
        book_entry(connection, 41, postings=[(900, -5), (901, 5)], at=clock.now())
        connection.execute(delete(Unsealed))
        connection.execute(insert(Posting), [{"entry_id": 99, "no": 1, "account_id": 900, "unit": "P1", "amount": 7}])
        connection.execute(insert(Posting), [{"entry_id": 11, "no": 3, "account_id": 900, "unit": "P1", "amount": 0}])
        make_account(connection, 903)
        connection.execute(delete(Unsealed))

    assert named(check(database, vault)) == {
        ("row_unqueued", "entry", 41),
        ("row_unqueued", "account", 903),
        ("part_stray", "entry", 99),
        ("row_changed", "entry", 11),
    }


def test_sealing_what_waits_ends_though_something_waits_for_ever(database: Database, vault: Vault) -> None:
    with database.writer.begin() as connection:
        connection.execute(insert(Unsealed), [{"kind": "entry", "id": 77}])

    assert [seal_all(database, vault) for _ in range(2)] == [8, 0]


def test_what_waits_too_long_and_what_was_lost_while_waiting_is_named(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    with database.writer.begin() as connection:
        book_entry(connection, 41, postings=[(900, -5), (901, 5)], at=clock.now() - timedelta(seconds=3))
        connection.execute(insert(Unsealed), [{"kind": "entry", "id": 77}, {"kind": "account", "id": 78}])

    lost = {("row_lost", "entry", 77), ("row_lost", "account", 78)}
    assert named(check(database, vault)) == {("tail_old", "entry", 41), *lost}
    assert named(verify_live(database, vault)) == lost


def test_a_changed_seal_or_checkpoint_is_found(database: Database, vault: Vault) -> None:
    seal_pending(database, vault, limit=5)
    seal_all(database, vault)
    without_triggers(database)
    with database.reader.connect() as connection:
        rows = connection.execute(select(Checkpoint.__table__).order_by(Checkpoint.block)).all()
    for name in ("first_seq", "last_seq", "root", "chain", "signature", "key_id", "sealed_at"):
        before = rows[0]._mapping[name]
        with database.writer.begin() as connection:
            values = {name: changed(Checkpoint.__table__.c[name], before)}
            connection.execute(update(Checkpoint).where(Checkpoint.block == 1).values(values))
        result = check(database, vault)
        assert not result["ok"], name
        assert result["first_bad_block"]["block"] == 1, name
        with database.writer.begin() as connection:
            connection.execute(update(Checkpoint).where(Checkpoint.block == 1).values({name: before}))
    assert check(database, vault)["ok"]


@pytest.mark.parametrize("value", ["not a date", "2026-13-01"])
def test_what_cannot_be_read_at_all_is_still_named(sqlite_url: str, vault: Vault, value: str) -> None:
    database = booked(sqlite_url)
    seal_all(database, vault)
    without_triggers(database)
    with database.writer.begin() as connection:
        connection.exec_driver_sql("update core_receipt set business_date = ? where id = 20", (value,))

    assert {name[1:] for name in named(check(database, vault))} == {("receipt", 20)}
    database.dispose()


# --- accounts -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", [column.name for column in Account.__table__.c if column.name != "balance"])
def test_the_database_refuses_to_change_what_an_account_is_for(database: Database, column: str) -> None:
    with pytest.raises(DBAPIError, match="core_account is append-only"):
        put(database, Account, row={"id": 901}, **{column: changed(Account.__table__.c[column], 1)})
    with pytest.raises(DBAPIError, match="core_account is append-only"), database.writer.begin() as connection:
        connection.execute(delete(Account).where(Account.id == 901))

    with database.reader.connect() as connection:
        row = connection.execute(select(Account.__table__).where(Account.id == 901)).one()
    assert tuple(row) == (901, 1, "a901", "member", 901, "P1", None, 387)


def test_value_moved_by_giving_an_account_to_another_owner_is_found(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    without_triggers(database)
    put(database, Account, row={"id": 901}, owner_id=666)

    result = check(database, vault)
    assert named(result) == {("row_changed", "account", 901)}
    assert result["first_bad_row"]["text"] == "account 901 (seq 2) was changed after it was sealed"
