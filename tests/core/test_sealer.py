"""The sealer and the check of a running database: whatever is changed in sealed books is found and named."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, delete, func, insert, select, update

from core import clock
from core.db import Database
from core.models import Account, Checkpoint, Entry, Posting, ReceiptLine, ReceiptRow, ReceiptTender, Seal, Unsealed
from core.seal import verifier
from core.seal.live import anchor, export, lines, verify_live
from core.seal.sealer import seal_all, seal_pending
from core.vault import Vault
from tests.support.books import NOON, book_entry, book_receipt, make_account, without_triggers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "home")


def booked(url: str) -> Database:
    """Three receipts, each with its entry."""
    database = Database.connect(url)
    with database.writer.begin() as connection:
        make_account(connection, 900)
        make_account(connection, 901, balance=0)
        for number in (10, 20, 30):
            book_receipt(connection, number)
            book_entry(connection, number + 1, [(900, -129), (901, 129)])
    return database


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = booked(database_url)
    yield opened
    opened.dispose()


def seals(database: Database) -> list[tuple[int, str, int, int]]:
    columns = Seal.seq, Seal.kind, Seal.record_id, Seal.block
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(Seal.seq))]


def count(database: Database, model: Any) -> int:
    with database.reader.connect() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def check(database: Database, vault: Vault, **options: Any) -> dict[str, Any]:
    return verify_live(database, vault, seal_first=False, **options)


def named(result: dict[str, Any]) -> set[tuple[str, str, int]]:
    return {(problem["code"], problem.get("kind", ""), problem.get("id", 0)) for problem in result["problems"]}


# --- sealing ------------------------------------------------------------------------------------------------------


def test_what_is_booked_gets_its_place_once(database: Database, vault: Vault) -> None:
    with clock.stopped_at(NOON + timedelta(seconds=1)):
        assert [seal_pending(database, vault, limit=4) for _ in range(3)] == [4, 2, 0]

    assert seals(database) == [
        (1, "receipt", 10, 1),
        (2, "entry", 11, 1),
        (3, "receipt", 20, 1),
        (4, "entry", 21, 1),
        (5, "receipt", 30, 2),
        (6, "entry", 31, 2),
    ]
    assert count(database, Unsealed) == 0
    result = check(database, vault)
    assert (result["ok"], result["sealed"], result["unsealed"], result["blocks"]) == (True, 6, 0, 2)


def test_a_later_id_that_was_seen_first_is_sealed_first(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    with database.writer.begin() as connection:
        book_entry(connection, 5, [(900, -1), (901, 1)])
    seal_all(database, vault)

    assert seals(database)[-1] == (7, "entry", 5, 2)
    assert check(database, vault)["ok"]


def test_sealers_at_the_same_time_leave_no_gap(database: Database, vault: Vault, database_url: str) -> None:
    with database.writer.begin() as connection:
        for number in range(1000, 1200):
            book_entry(connection, number, [(900, -1), (901, 1)])
    others = [Database.connect(database_url) for _ in range(3)]

    def work(other: Database) -> None:
        for _ in range(30):
            seal_pending(other, vault, limit=17)

    threads = [threading.Thread(target=work, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for other in others:
        other.dispose()

    assert [seq for seq, *_rest in seals(database)] == list(range(1, 207))
    assert count(database, Unsealed) == 0
    assert check(database, vault)["ok"]


def test_both_databases_seal_to_the_same_hashes(sqlite_url: str, postgres_url: str, vault: Vault) -> None:
    leaves = []
    for url in (sqlite_url, postgres_url):
        database = booked(url)
        with clock.stopped_at(NOON):
            seal_all(database, vault)
        with database.reader.connect() as connection:
            seals_ = connection.execute(select(Seal.leaf).order_by(Seal.seq)).scalars().all()
            chain = connection.execute(select(Checkpoint.chain)).scalar_one()
        leaves.append(([bytes(leaf) for leaf in seals_], bytes(chain)))
        database.dispose()

    assert leaves[0] == leaves[1]


def test_blocks_signed_before_a_rotation_still_verify(database: Database, vault: Vault) -> None:
    seal_pending(database, vault, limit=3)
    vault.rotate("checkpoint")
    seal_all(database, vault)

    assert check(database, vault)["ok"]
    with database.reader.connect() as connection:
        assert len(set(connection.execute(select(Checkpoint.key_id)).scalars())) == 2


# --- changing sealed books ----------------------------------------------------------------------------------------

SEALED = (ReceiptRow, ReceiptLine, ReceiptTender, Entry, Posting)
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


def put(database: Database, model: Any, row: dict[str, Any], **values: Any) -> None:
    with database.writer.begin() as connection:
        assert connection.execute(update(model).filter_by(**row).values(**values)).rowcount == 1


def cells() -> Iterator[tuple[Any, str, dict[str, Any], Column[Any]]]:
    """Every column of a sealed row: its model, kind, key and itself."""
    for model in SEALED:
        kind, number = ("entry", 21) if model in (Entry, Posting) else ("receipt", 20)
        key = {"id": number} if model in (Entry, ReceiptRow) else {f"{kind}_id": number, "no": 2}
        yield from ((model, kind, key, column) for column in model.__table__.c)


def test_one_changed_byte_in_any_column_is_found_and_named(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    without_triggers(database)
    for model, kind, key, column in cells():
        with database.reader.connect() as connection:
            before = connection.execute(select(column).filter_by(**key)).scalar_one()
        after = changed(column, before)
        put(database, model, key, **{column.name: after})

        result = check(database, vault)
        assert not result["ok"], column
        first = result["first_bad_row"]
        assert (first["kind"], first["id"]) == (kind, key.get("id", key.get(f"{kind}_id"))), (column, first)

        moved = {name: after if name == column.name else value for name, value in key.items()}
        put(database, model, moved, **{column.name: before})
    assert check(database, vault)["ok"]


@pytest.mark.parametrize(
    ("model", "kind", "number", "codes"),
    [
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

    assert named(check(database, vault)) == {(code, kind, number) for code in codes}


def test_added_rows_are_named(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    with database.writer.begin() as connection:
        book_entry(connection, 41, [(900, -5), (901, 5)], at=clock.now())
        connection.execute(delete(Unsealed))
        connection.execute(insert(Posting), [{"entry_id": 99, "no": 1, "account_id": 900, "unit": "P1", "amount": 7}])
        connection.execute(insert(Posting), [{"entry_id": 11, "no": 3, "account_id": 900, "unit": "P1", "amount": 0}])

    assert named(check(database, vault)) == {
        ("row_unqueued", "entry", 41),
        ("part_stray", "entry", 99),
        ("row_changed", "entry", 11),
    }


def test_what_waits_too_long_and_what_was_lost_while_waiting_is_named(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    with database.writer.begin() as connection:
        book_entry(connection, 41, [(900, -5), (901, 5)], at=clock.now() - timedelta(seconds=3))
        connection.execute(insert(Unsealed), [{"kind": "entry", "id": 77}])

    assert named(check(database, vault)) == {("tail_old", "entry", 41), ("row_lost", "entry", 77)}
    assert named(verify_live(database, vault)) == {("row_lost", "entry", 77)}


def test_a_changed_seal_or_checkpoint_is_found(database: Database, vault: Vault) -> None:
    seal_pending(database, vault, limit=3)
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


# --- outside the database -----------------------------------------------------------------------------------------


def test_an_auditor_checks_the_export_with_nothing_of_ours(database: Database, vault: Vault, tmp_path: Path) -> None:
    seal_all(database, vault)
    path, anchors = tmp_path / "books.jsonl.gz", tmp_path / "anchors"
    assert export(database, vault, path) == 9
    assert anchor(database, anchors) == anchor(database, anchors) == anchors.read_text().rstrip("\n")

    program = [sys.executable, "-I", str(ROOT / "core/seal/verifier.py"), str(path), "--json", "--anchor", str(anchors)]
    program += ["--public-key", vault.checkpoint_public_key().hex()]
    done = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["sealed"], done.stderr) == (0, 6, "")
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_an_anchor_shows_a_tail_cut_off(database: Database, vault: Vault, tmp_path: Path) -> None:
    seal_pending(database, vault, limit=3)
    seal_all(database, vault)
    anchor(database, tmp_path / "anchors")
    without_triggers(database)
    with database.writer.begin() as connection:
        connection.execute(delete(Seal).where(Seal.block == 2))
        connection.execute(delete(Checkpoint).where(Checkpoint.block == 2))
        connection.execute(insert(Unsealed), [{"kind": k, "id": i} for k, i in (("entry", 21), ("receipt", 30))])
        connection.execute(insert(Unsealed), [{"kind": "entry", "id": 31}])
    seal_all(database, vault)

    assert check(database, vault)["ok"]
    result = check(database, vault, anchors=verifier.anchors_in(str(tmp_path / "anchors")))
    assert {problem["code"] for problem in result["problems"]} == {"anchor_differs", "anchor_missing"}


def test_an_export_shows_one_moment_while_the_sealer_goes_on(database: Database, vault: Vault) -> None:
    seal_pending(database, vault, limit=2)
    with clock.stopped_at(NOON):
        books = verifier.Books(vault.checkpoint_public_keys())
        for number, line in enumerate(lines(database, vault)):
            if number == 1:
                seal_all(database, vault)
            books.take(line)

    result = books.finish()
    assert (result["ok"], result["sealed"], result["unsealed"]) == (True, 2, 4)


def test_accounts_are_no_part_of_the_seal(database: Database, vault: Vault) -> None:
    """A kept balance changes with each entry; it is compared with the entries, not sealed."""
    seal_all(database, vault)
    with database.writer.begin() as connection:
        connection.execute(update(Account).where(Account.id == 901).values(balance=1))

    assert check(database, vault)["ok"]
