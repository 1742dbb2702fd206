"""The one way a receipt, an entry or an account is turned into bytes before it is sealed. Language neutral, for ever.

A leaf is SHA-256 over these bytes:

    text "atrium leaf 1" · text kind · text form · the fields of the kind in the order of FIELDS_V1 · its lists of parts

Each value is a type letter, the decimal length of its content in bytes, a colon, and the content:

    i   whole number    i5:12900 · i2:-7         decimal digits, minus sign, no leading zeros
    s   text            s6:南京                   UTF-8, exactly as stored
    d   date            d10:2026-11-22
    t   moment          t27:2026-11-22T06:03:11.000000Z      always UTC, always six decimals
    b   bytes           b4:00ff                  lowercase hexadecimal
    -   nothing         -                        (NULL; no length)

A list of parts (a receipt's lines) is `l`, the decimal number of parts, a colon; then each part as `r`, its length in
bytes, a colon, and its fields. Parts stand in the order of these bytes, so that the order in which a database returns
them does not matter. No two different records have the same bytes, since nothing is read without its length.

Of an account is sealed what it is for, never its balance, which the postings of entries add up to.

The form says what stands where: `id:i mall_id:i … lines(no:i sku:s …)`. It is part of each leaf, so that an export can
state it and nobody can give a value another name; a verifier thus needs no list of our columns.

An entry of 12.34 with two postings thus ends in `…l2:r21:i1:2i1:9s3:CNYi4:1234r22:i1:1i1:7s3:CNYi5:-1234`.

Sealed forms never change. When a table gets a column that must be sealed, a FIELDS_V2 is added here,
its form is exported as `receipt/2`, and the seal remembers which one it took.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache

VERSION = "atrium leaf 1"

# kind → the record's own fields, then its lists of parts; each field is its column's name and its type letter.
Fields = tuple[tuple[str, str], ...]
FIELDS_V1: dict[str, tuple[Fields, dict[str, Fields]]] = {
    "receipt": (
        (
            ("id", "i"),
            ("mall_id", "i"),
            ("store_id", "i"),
            ("till_id", "i"),
            ("till_code", "s"),
            ("kind", "s"),
            ("business_date", "d"),
            ("number", "s"),
            ("happened_at", "t"),
            ("recorded_at", "t"),
            ("member_id", "i"),
            ("currency", "s"),
            ("total", "i"),
            ("tax", "i"),
            ("change_given", "i"),
            ("original_id", "i"),
            ("return_no", "i"),
            ("body_hash", "b"),
            ("answer", "s"),
        ),
        {
            "lines": (
                ("no", "i"),
                ("sku", "s"),
                ("name", "s"),
                ("category", "s"),
                ("qty", "s"),
                ("unit_price", "i"),
                ("discount", "i"),
                ("amount", "i"),
                ("original_line", "i"),
            ),
            "tenders": (("no", "i"), ("type", "s"), ("amount", "i"), ("points", "i"), ("ref", "s")),
        },
    ),
    "entry": (
        (
            ("id", "i"),
            ("mall_id", "i"),
            ("store_id", "i"),
            ("kind", "s"),
            ("reference", "s"),
            ("receipt_id", "i"),
            ("reverses_id", "i"),
            ("happened_at", "t"),
            ("recorded_at", "t"),
            ("business_date", "d"),
            ("plugin", "s"),
            ("rule", "s"),
            ("reasons", "s"),
        ),
        {"postings": (("no", "i"), ("account_id", "i"), ("unit", "s"), ("amount", "i"))},
    ),
    "account": (
        (
            ("id", "i"),
            ("mall_id", "i"),
            ("name", "s"),
            ("owner", "s"),
            ("owner_id", "i"),
            ("unit", "s"),
            ("floor", "i"),
        ),
        {},
    ),
}


def leaf(kind: str, record: Mapping[str, object]) -> bytes:
    """The SHA-256 (32 bytes) that a record is sealed by.

    `record` holds every field of the kind and nothing else, values as the database gives them (moments without a zone
    are UTC). `ValueError` names a field that is missing, unknown, or not of its type.
    """
    fields, parts = FIELDS_V1[kind]
    if len(record) != len(fields) + len(parts):
        raise ValueError(f"{kind}: unknown fields {sorted(record.keys() - dict(fields).keys() - parts.keys())}")
    packed = _start(kind) + _pack_fields(fields, record, where=kind)
    for name, part_fields in parts.items():
        packed += _pack_parts(part_fields, record[name], where=f"{kind}.{name}")
    return hashlib.sha256(packed).digest()


def form(kind: str) -> str:
    """What stands where in a record of this kind, in one line."""
    fields, parts = FIELDS_V1[kind]
    lists = [f"{name}({_listed(part_fields)})" for name, part_fields in parts.items()]
    return " ".join([_listed(fields), *lists])


def plain(value: object, letter: str) -> str | int | None:
    """A value as an export states it in JSON: numbers and texts as they are, the others as their canonical text."""
    if value is None:
        return None
    if letter == "i" and isinstance(value, int):
        return int(value)
    if letter == "s" and isinstance(value, str):
        return str(value)
    if letter == "d" and isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    if letter == "t" and isinstance(value, datetime):
        utc = value if value.tzinfo is None else value.astimezone(UTC)
        return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if letter == "b" and isinstance(value, bytes | memoryview):
        return value.hex()
    raise ValueError(f"{type(value).__name__} is no value of type {letter!r}")


def pack(value: object, letter: str) -> bytes:
    """One value with its type and length."""
    text = plain(value, letter)
    if text is None:
        return b"-"
    content = str(text).encode()
    return b"%b%d:%b" % (letter.encode(), len(content), content)


def _listed(fields: Fields) -> str:
    return " ".join(f"{name}:{letter}" for name, letter in fields)


@cache
def _start(kind: str) -> bytes:
    return pack(VERSION, "s") + pack(kind, "s") + pack(form(kind), "s")


def _pack_fields(fields: Fields, record: Mapping[str, object], *, where: str) -> bytes:
    try:
        return b"".join([pack(record[name], letter) for name, letter in fields])
    except KeyError as missing:
        raise ValueError(f"{where}: {missing} is missing") from None
    except ValueError as wrong:
        raise ValueError(f"{where} {record.get('id', record.get('no'))}: {wrong}") from None


def _pack_parts(fields: Fields, parts: object, *, where: str) -> bytes:
    if not isinstance(parts, Sequence):
        raise ValueError(f"{where} is no list")
    packed = []
    for part in parts:
        if not isinstance(part, Mapping) or len(part) != len(fields):
            raise ValueError(f"{where}: a part has not the fields {[name for name, _ in fields]}")
        content = _pack_fields(fields, part, where=where)
        packed.append(b"r%d:%b" % (len(content), content))
    return b"l%d:" % len(packed) + b"".join(sorted(packed))
