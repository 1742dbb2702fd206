"""Reading receipts and entries in bulk, with exactly the fields that are sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.engine import Connection

from core.models.ledger import Entry, Posting
from core.models.receipt import ReceiptLine, ReceiptRow, ReceiptTender
from core.seal.canonical import FIELDS_V1

Record = Mapping[str, object]
CHUNK = 1000
"""Ids in one question: both databases take this many parameters."""

OWN: dict[str, Table] = {"receipt": ReceiptRow.__table__, "entry": Entry.__table__}
"""kind → the table of its records."""
PARTS: dict[str, dict[str, tuple[Table, str]]] = {
    "receipt": {"lines": (ReceiptLine.__table__, "receipt_id"), "tenders": (ReceiptTender.__table__, "receipt_id")},
    "entry": {"postings": (Posting.__table__, "entry_id")},
}


def read(connection: Connection, kind: str, ids: Iterable[int]) -> dict[int, Record]:
    """The records with these ids, as `canonical.leaf` takes them; those that are gone are not in the answer.

    ValueError where a stored date cannot be read at all, which only a tampered SQLite file can hold.
    """
    found: dict[int, Record] = {}
    for some in chunks(sorted(ids), CHUNK):
        found |= _read(connection, kind, some)
    return found


def read_raw(connection: Connection, kind: str, record_id: int) -> Record:
    """One record as the database driver gives it, for naming what cannot be read otherwise."""
    own, parts = FIELDS_V1[kind]
    record: dict[str, object] = _raw(connection, OWN[kind], "id", [name for name, _letter in own], record_id)[0]
    for name, fields in parts.items():
        table, foreign = PARTS[kind][name]
        record[name] = _raw(connection, table, foreign, [column for column, _letter in fields], record_id)
    return record


def chunks(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def _read(connection: Connection, kind: str, ids: Sequence[int]) -> dict[int, Record]:
    own, parts = FIELDS_V1[kind]
    table = OWN[kind]
    columns = [table.c[name] for name, _letter in own]
    rows = connection.execute(select(*columns).where(table.c.id.in_(ids)))
    records: dict[int, dict[str, object]] = {row.id: dict(row._mapping) for row in rows}
    for name, fields in parts.items():
        of = _parts(connection, kind, name, [column for column, _letter in fields], ids)
        for record_id, record in records.items():
            record[name] = of.get(record_id, ())
    return dict(records)


def _parts(
    connection: Connection, kind: str, name: str, columns: list[str], ids: Sequence[int]
) -> Mapping[int, list[Record]]:
    table, foreign = PARTS[kind][name]
    found: dict[int, list[Record]] = defaultdict(list)
    asked = select(table.c[foreign].label("part_of"), *(table.c[column] for column in columns))
    for row in connection.execute(asked.where(table.c[foreign].in_(ids))):
        found[row.part_of].append({column: row._mapping[column] for column in columns})
    return found


def _raw(connection: Connection, table: Table, key: str, columns: list[str], record_id: int) -> list[dict[str, object]]:
    sql = f"select {', '.join(columns)} from {table.name} where {key} = {int(record_id)}"  # noqa: S608 - our own names
    return [dict(row._mapping) for row in connection.exec_driver_sql(sql)]
