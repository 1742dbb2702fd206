"""Reading receipts, entries and accounts in bulk, with exactly the fields that are sealed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Select, Table, select
from sqlalchemy.engine import Connection

from core.models.ledger import Account, Entry, Posting
from core.models.receipt import ReceiptLine, ReceiptRow, ReceiptTender
from core.seal.canonical import FIELDS_V1, Fields

Record = Mapping[str, object]
CHUNK = 1000
"""Ids in one question: both databases take this many parameters."""

OWN: dict[str, Table] = {
    "account": Account.__table__,
    "receipt": ReceiptRow.__table__,
    "entry": Entry.__table__,
}
"""kind → the table of its records. Accounts come first: entries name them."""
PARTS: dict[str, dict[str, tuple[Table, str]]] = {
    "receipt": {"lines": (ReceiptLine.__table__, "receipt_id"), "tenders": (ReceiptTender.__table__, "receipt_id")},
    "entry": {"postings": (Posting.__table__, "entry_id")},
    "account": {},
}


def read(connection: Connection, kind: str, *, ids: Iterable[int]) -> dict[int, Record]:
    """The records with these ids, as `canonical.leaf` takes them; those that are gone are not in the answer.

    ValueError where a stored date cannot be read at all, which only a tampered SQLite file can hold.
    """
    found: dict[int, Record] = {}
    for some in chunks(sorted(ids), CHUNK):
        found |= _read(connection, kind, ids=some)
    return found


def read_raw(connection: Connection, kind: str, *, record_id: int) -> Record:
    """One record as the database driver gives it, for naming what cannot be read otherwise."""
    own, parts = FIELDS_V1[kind]
    record: dict[str, object] = _raw(connection, OWN[kind], key="id", columns=own, record_id=record_id)[0]
    for name, fields in parts.items():
        table, foreign = PARTS[kind][name]
        record[name] = _raw(connection, table, key=foreign, columns=fields, record_id=record_id)
    return record


def chunks(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """The values in lists of at most `size`."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some


def _read(connection: Connection, kind: str, *, ids: Sequence[int]) -> dict[int, Record]:
    own, parts = FIELDS_V1[kind]
    table = OWN[kind]
    columns = [table.c[name] for name, _letter in own]
    rows = connection.execute(select(*columns).where(table.c.id.in_(ids)))
    records: dict[int, dict[str, object]] = {row.id: dict(row._mapping) for row in rows}
    for name, fields in parts.items():
        table, foreign = PARTS[kind][name]
        asked = select(table.c[foreign], *(table.c[column] for column, _letter in fields))
        of = _parts(connection, asked.where(table.c[foreign].in_(ids)))
        for record_id, record in records.items():
            record[name] = of.get(record_id, ())
    return dict(records)


def _parts(connection: Connection, asked: Select[Any]) -> Mapping[int, list[Record]]:
    """Rows by their first column, which names the record they are part of, without it."""
    found: dict[int, list[Record]] = defaultdict(list)
    rows = connection.execute(asked)
    names = list(rows.keys())[1:]
    for record_id, *values in rows:
        found[record_id].append(dict(zip(names, values, strict=True)))
    return found


def _raw(connection: Connection, table: Table, *, key: str, columns: Fields, record_id: int) -> list[dict[str, object]]:
    names = ", ".join(name for name, _letter in columns)
    sql = f"select {names} from {table.name} where {key} = {int(record_id)}"  # noqa: S608 - names of our own
    return [dict(row._mapping) for row in connection.exec_driver_sql(sql)]
