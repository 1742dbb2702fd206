"""The lines of an export for the stand-alone verifier: JSON, one object a line, in this order.

    {"atrium_export": 1, "exported_at": "…Z", "forms": {"receipt/1": "id:i mall_id:i … lines(no:i …)", …}}
    {"block": 1, "first": 1, "count": 2, "sealed_at": "…Z", "root": "…", "chain": "…", "signature": "…", "key": "…"}
    …every block
    {"seq": 1, "form": "receipt/1", "leaf": "…", "record": {"id": 7, …, "lines": [{…}], "tenders": [{…}]}}
    …every sealed record in the order of seq; one that can no longer be found has "id" and "record": null
    {"seq": null, "form": "entry/1", "record": {…}}
    …every record that is not sealed yet
    {"end": [1, 2, 1]}    blocks, sealed records, records not sealed yet

Forms are texts from `canonical.form`. Hashes, signatures and keys are lowercase hexadecimal; dates and moments are
their canonical text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import cast

from core.seal.canonical import FIELDS_V1, Fields, form, plain
from core.seal.chain import Block

Json = dict[str, object]


def header_line(exported_at: datetime) -> str:
    """The first line. `exported_at`: when the rows were read, UTC; the age of unsealed records counts from it."""
    forms = {f"{kind}/1": form(kind) for kind in FIELDS_V1}
    return _line({"atrium_export": 1, "exported_at": plain(exported_at, "t"), "forms": forms})


def block_line(block: Block, *, signature: bytes, public_key: bytes) -> str:
    """A block and its signed checkpoint."""
    return _line(
        {
            "block": block.number,
            "first": block.first_seq,
            "count": block.count,
            "sealed_at": plain(block.sealed_at, "t"),
            "root": block.root.hex(),
            "chain": block.chain.hex(),
            "signature": signature.hex(),
            "key": public_key.hex(),
        }
    )


def sealed_line(kind: str, record: Mapping[str, object], *, seq: int, leaf: bytes) -> str:
    """A sealed record with the leaf hash stored when it was sealed (not one computed now)."""
    return _line({"seq": seq, "form": f"{kind}/1", "leaf": leaf.hex(), "record": plain_record(kind, record)})


def lost_line(kind: str, record_id: int, *, seq: int, leaf: bytes) -> str:
    """A sealed record that is not in its table any more."""
    return _line({"seq": seq, "form": f"{kind}/1", "id": record_id, "leaf": leaf.hex(), "record": None})


def unsealed_line(kind: str, record: Mapping[str, object]) -> str:
    """A record that no block holds yet."""
    return _line({"seq": None, "form": f"{kind}/1", "record": plain_record(kind, record)})


def end_line(*, blocks: int, sealed: int, unsealed: int) -> str:
    """The last line: how many lines of each sort came before, so that a file cut short is seen."""
    return _line({"end": [blocks, sealed, unsealed]})


def plain_record(kind: str, record: Mapping[str, object]) -> Json:
    """A record with its parts, in types that JSON has."""
    fields, parts = FIELDS_V1[kind]
    stated = _plain_fields(fields, record)
    for name, part_fields in parts.items():
        rows = cast(Iterable[Mapping[str, object]], record[name])
        stated[name] = [_plain_fields(part_fields, row) for row in rows]
    return stated


def _plain_fields(fields: Fields, record: Mapping[str, object]) -> Json:
    return {name: plain(record[name], letter) for name, letter in fields}


def _line(content: Json) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
