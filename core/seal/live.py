"""The sealed books of a running database: written out for an auditor, anchored, and checked in place."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.engine import Connection

from core import clock
from core.db import Database
from core.ledger import proof
from core.models.ledger import Checkpoint, Seal, Unsealed
from core.seal import export as form
from core.seal import records, verifier
from core.seal.chain import anchor_line
from core.seal.sealer import block_of, last_block, seal_all
from core.vault import Vault

_QUEUE = Unsealed.__table__
_SEALS = Seal.__table__
_CHECKPOINTS = Checkpoint.__table__


def export(database: Database, vault: Vault, *, path: Path) -> int:
    """Write all books as one moment saw them to `path` (`.jsonl`, or `.jsonl.gz`); returns the number of lines.

    The file is there whole or not at all.
    """
    draft = path.with_name(f".{path.name}.part")
    opened = gzip.open if path.suffix == ".gz" else open
    count = 0
    try:
        with opened(draft, "wt", encoding="utf-8", newline="\n") as file:
            for count, line in enumerate(lines(database, vault), start=1):  # noqa: B007 - it is returned
                file.write(line + "\n")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return count


def anchor(database: Database, path: Path) -> str | None:
    """Append "seq chain" of the newest block to the file at `path`, unless it is there; returns the line.

    Keep the file where whoever can change the database cannot: it shows a tail cut off and an old copy restored.
    """
    with database.reader.connect() as connection:
        last = last_block(connection)
    if last is None:
        return None
    line = anchor_line(last[0])
    if path.exists() and line in path.read_text("ascii").splitlines():
        return line
    with path.open("a", encoding="ascii") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())
    return line


def verify_live(
    database: Database, vault: Vault, *, anchors: Iterable[tuple[int, str]] = (), seal_first: bool = True
) -> dict[str, Any]:
    """Run the auditor's verifier over this database; its result, see `verifier.Books.finish` (`ok`, `problems`, …).

    `anchors` are (seq, chain), see `verifier.anchors_in(path)`. What waits is sealed first unless told otherwise; an
    old tail is then a fault of the books and not of a worker that is not running. Beyond what an export can show, finds
    records that are neither sealed nor queued; lines, tenders or postings of no record; balances, held value and
    roll-ups that are not what the entries give (`core.ledger.proof`).
    """
    if seal_first:
        seal_all(database, vault)
    books = verifier.Books(vault.checkpoint_public_keys(), anchors)
    for line in lines(database, vault):
        books.take(line)
    with _snapshot(database) as connection:
        for code, kind, record_id, text in _strays(connection):
            books.wrong("row", code, text=f"{kind} {record_id} {text}", kind=kind, id=record_id, seq=None)
        for found in proof.differences(connection):
            text = f"account {found.account_id} {found.text}"
            sums = {"found": found.found, "expected": found.expected}
            books.wrong("sum", found.code, text=text, kind="account", id=found.account_id, **sums)
    return books.finish()


def lines(database: Database, vault: Vault) -> Iterator[str]:
    """The export line by line (core.seal.export), in one snapshot of the database."""
    keys = vault.checkpoint_keys()
    exported_at = clock.now()
    with _snapshot(database) as connection:
        yield form.header_line(exported_at)
        blocks = 0
        for row in connection.execute(select(_CHECKPOINTS).order_by(_CHECKPOINTS.c.block)):
            blocks += 1
            yield form.block_line(block_of(row), signature=row.signature, public_key=keys.get(row.key_id, b""))
        sealed = unsealed = 0
        for line in _sealed(connection):
            sealed += 1
            yield line
        for line in _unsealed(connection):
            unsealed += 1
            yield line
        yield form.end_line(blocks=blocks, sealed=sealed, unsealed=unsealed)


@contextmanager
def _snapshot(database: Database) -> Iterator[Connection]:
    with database.reader.connect() as connection:
        if not database.is_sqlite:  # whose readers see one moment anyway
            connection.execution_options(isolation_level="REPEATABLE READ")
            connection.exec_driver_sql("set local statement_timeout = 0")  # it may take as long as it takes
        yield connection


def _sealed(connection: Connection) -> Iterator[str]:
    seq = 0
    while rows := connection.execute(
        select(_SEALS).where(_SEALS.c.seq > seq).order_by(_SEALS.c.seq).limit(records.CHUNK)
    ).all():
        ids = {kind: [row.record_id for row in rows if row.kind == kind] for kind in records.OWN}
        found = {kind: _read(connection, kind, ids=ids[kind]) for kind in ids}
        for row in rows:
            seq = row.seq
            record = found.get(row.kind, {}).get(row.record_id)
            if record is None:
                yield form.lost_line(row.kind, row.record_id, seq=row.seq, leaf=row.leaf)
            else:
                yield _line(row.kind, record, seq=row.seq, leaf=row.leaf)


def _unsealed(connection: Connection) -> Iterator[str]:
    for kind in records.OWN:
        waiting = connection.execute(select(records.OWN[kind].c.id).where(~_is_sealed(kind))).scalars()
        for ids in records.chunks(sorted(waiting), records.CHUNK):
            for record in _read(connection, kind, ids=ids).values():
                yield _line(kind, record)


def _read(connection: Connection, kind: str, *, ids: list[int]) -> Mapping[int, records.Record]:
    """Records; one that somebody made unreadable as the driver gives it, so that it can be named."""
    try:
        return records.read(connection, kind, ids=ids)
    except ValueError:
        if len(ids) == 1:
            return {ids[0]: records.read_raw(connection, kind, record_id=ids[0])}
        return {i: record for one in ids for i, record in _read(connection, kind, ids=[one]).items()}


def _line(kind: str, record: records.Record, *, seq: int | None = None, leaf: bytes = b"") -> str:
    """The record's line; with a value of a wrong type as it is, for the verifier to say what is wrong."""
    try:
        return form.unsealed_line(kind, record) if seq is None else form.sealed_line(kind, record, seq=seq, leaf=leaf)
    except ValueError:
        seal = {} if seq is None else {"leaf": leaf.hex()}
        return json.dumps({"seq": seq, "form": f"{kind}/1", **seal, "record": dict(record)}, default=str)


def _is_sealed(kind: str) -> ColumnElement[bool]:
    return exists().where(_SEALS.c.kind == kind, _SEALS.c.record_id == records.OWN[kind].c.id)


def _strays(connection: Connection) -> Iterator[tuple[str, str, int, str]]:
    """What no record of the chain accounts for: (code, kind, id, words)."""
    for kind, table in records.OWN.items():
        queued = exists().where(_QUEUE.c.kind == kind, _QUEUE.c.id == table.c.id)
        for record_id in connection.execute(select(table.c.id).where(~_is_sealed(kind), ~queued)).scalars():
            yield "row_unqueued", kind, record_id, "is booked, and neither sealed nor waiting to be"
        gone = and_(_QUEUE.c.kind == kind, ~exists().where(table.c.id == _QUEUE.c.id))
        for record_id in connection.execute(select(_QUEUE.c.id).where(gone)).scalars():
            yield "row_lost", kind, record_id, "is gone, before it was sealed"
        for name, (part, foreign) in records.PARTS[kind].items():
            stray = select(part.c[foreign]).distinct().where(~exists().where(table.c.id == part.c[foreign]))
            for record_id in connection.execute(stray).scalars():
                yield "part_stray", kind, record_id, f"does not exist, but has {name}"
