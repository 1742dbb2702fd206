"""The sealer: what is booked gets its place once, whoever seals; exports and anchors hold outside the database."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select

from core import clock
from core.db import Database
from core.models import Checkpoint, Seal, Unsealed
from core.seal import verifier
from core.seal.live import anchor, export, lines
from core.seal.sealer import seal_all, seal_pending
from core.vault import Vault
from tests.support.books import NOON, book_entry, booked, check, make_account, without_triggers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault.create(tmp_path / "home")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = booked(database_url)
    yield opened
    opened.dispose()


def seals(database: Database) -> list[tuple[Any, ...]]:
    columns = Seal.seq, Seal.kind, Seal.record_id, Seal.block
    with database.reader.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(Seal.seq))]


def count(database: Database, model: Any) -> int:
    with database.reader.connect() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


# --- sealing ------------------------------------------------------------------------------------------------------


def test_what_is_booked_gets_its_place_once(database: Database, vault: Vault) -> None:
    with clock.stopped_at(NOON + timedelta(seconds=1)):
        assert [seal_pending(database, vault, limit=4) for _ in range(3)] == [4, 4, 0]

    assert seals(database) == [
        (1, "account", 900, 1),
        (2, "account", 901, 1),
        (3, "receipt", 10, 1),
        (4, "entry", 11, 1),
        (5, "receipt", 20, 2),
        (6, "entry", 21, 2),
        (7, "receipt", 30, 2),
        (8, "entry", 31, 2),
    ]
    assert count(database, Unsealed) == 0
    result = check(database, vault)
    assert (result["ok"], result["sealed"], result["unsealed"], result["blocks"]) == (True, 8, 0, 2)


def test_a_later_id_that_was_seen_first_is_sealed_first(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    with database.writer.begin() as connection:
        book_entry(connection, 5, postings=[(900, -1), (901, 1)])
    seal_all(database, vault)

    assert seals(database)[-1] == (9, "entry", 5, 2)
    assert check(database, vault)["ok"]


def test_an_account_is_sealed_before_the_entries_that_name_it(database: Database, vault: Vault) -> None:
    seal_all(database, vault)
    with database.writer.begin() as connection:
        book_entry(connection, 40, postings=[(900, -1), (902, 1)])
        make_account(connection, 902, balance=1)

    assert [seal_pending(database, vault, limit=1) for _ in range(2)] == [1, 1]
    assert seals(database)[-2:] == [(9, "account", 902, 2), (10, "entry", 40, 3)]
    assert check(database, vault)["ok"]


def test_sealers_at_the_same_time_leave_no_gap(database: Database, vault: Vault, database_url: str) -> None:
    with database.writer.begin() as connection:
        for number in range(1000, 1200):
            book_entry(connection, number, postings=[(900, -1), (901, 1)])
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

    assert [seq for seq, *_rest in seals(database)] == list(range(1, 209))
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


# --- outside the database -----------------------------------------------------------------------------------------


def test_an_auditor_checks_the_export_with_nothing_of_ours(database: Database, vault: Vault, tmp_path: Path) -> None:
    seal_all(database, vault)
    path, anchors = tmp_path / "books.jsonl.gz", tmp_path / "anchors"
    assert export(database, vault, path=path) == 11
    assert anchor(database, anchors) == anchor(database, anchors) == anchors.read_text().rstrip("\n")

    program = [sys.executable, "-I", str(ROOT / "core/seal/verifier.py"), str(path), "--json", "--anchor", str(anchors)]
    program += ["--public-key", vault.checkpoint_public_key().hex()]
    done = subprocess.run(program, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)["sealed"], done.stderr) == (0, 8, "")
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(".")] == []


def test_an_anchor_shows_a_tail_cut_off(database: Database, vault: Vault, tmp_path: Path) -> None:
    seal_pending(database, vault, limit=5)
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
    assert (result["ok"], result["sealed"], result["unsealed"]) == (True, 2, 6)
