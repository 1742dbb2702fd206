"""Records by the field lists, sound books to spoil, and their check."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import strategies as st

from core.seal import FIELDS_V1, Block, canonical, checkpoint_message, export, leaf, next_block, verifier
from core.seal.verifier import Books

SCRIPT = Path(verifier.__file__)
START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
SIGNER = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = SIGNER.public_key().public_bytes_raw()
Line = dict[str, Any]
Tamper = Callable[[list[Line]], Any]
MOMENT = datetime(2026, 11, 22, 6, 3, 11, tzinfo=UTC)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "i": st.integers(-(10**15), 10**15),
    "s": st.text(max_size=12),
    "d": st.dates(),
    "t": st.datetimes(),
    "b": st.binary(max_size=32),
}
SOME: dict[str, Any] = {"i": 7, "s": "ab", "d": date(2026, 11, 22), "t": MOMENT, "b": b"\0\xff"}


def rows(fields: canonical.Fields) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: st.none() | VALUES[letter] for name, letter in fields})


@st.composite
def kinds_and_records(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A kind and a record of it, out of the lists of fields themselves."""
    kind = draw(st.sampled_from(sorted(FIELDS_V1)))
    fields, parts = FIELDS_V1[kind]
    record = draw(rows(fields))
    return kind, record | {name: draw(st.lists(rows(part), max_size=3)) for name, part in parts.items()}


def some(kind: str) -> dict[str, Any]:
    """A plain record of a kind with one part in each list."""
    fields, parts = FIELDS_V1[kind]
    record: dict[str, Any] = {name: SOME[letter] for name, letter in fields}
    return record | {name: [{column: SOME[letter] for column, letter in part}] for name, part in parts.items()}


def entry(number: int, *, at: datetime = START, amount: int = 1234) -> dict[str, Any]:
    given_values = {"id": number, "kind": "earn", "reference": f"r{number}", "recorded_at": at, "happened_at": at}
    given_values |= {"business_date": date(2026, 11, 22), "reasons": '["满减"]'}
    posting = {"account_id": 7, "unit": "CNY"}
    return blank("entry", given_values) | {
        "postings": [
            blank_part("entry", "postings", values=posting | {"no": 1, "amount": amount}),
            blank_part("entry", "postings", values=posting | {"no": 2, "amount": -amount, "account_id": 9}),
        ]
    }


def receipt(number: int, *, at: datetime = START) -> dict[str, Any]:
    stated = {"id": number, "number": f"{number:06}", "recorded_at": at, "body_hash": bytes(32), "total": 12900}
    return blank("receipt", stated) | {
        "lines": [blank_part("receipt", "lines", values={"no": n, "sku": "茶", "amount": 6450}) for n in (1, 2)],
        "tenders": [blank_part("receipt", "tenders", values={"no": 1, "type": "cash", "amount": 12900})],
    }


def account(number: int) -> dict[str, Any]:
    return blank(
        "account", {"id": number, "mall_id": 1, "name": "cash", "owner": "store", "owner_id": 1, "unit": "CNY"}
    )


def blank(kind: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: values.get(name) for name, _ in FIELDS_V1[kind][0]}


def blank_part(kind: str, part: str, *, values: dict[str, Any]) -> dict[str, Any]:
    return {name: values.get(name) for name, _ in FIELDS_V1[kind][1][part]}


def sealed_books(*, blocks: int = 3, size: int = 4, waiting: int = 1) -> tuple[list[str], list[Block]]:
    """Sound books: two accounts, then `blocks` of `size` records, receipts and entries in turn; some not sealed yet."""
    stated, lines, chain = [], [], list[Block]()
    for number in range(blocks):
        numbers = range(number * size + 1, (number + 1) * size + 1)
        records = [("receipt", receipt(n)) if n % 2 else ("entry", entry(n)) for n in numbers]
        records = records if number else [("account", account(7)), ("account", account(9)), *records]
        firsts = range(len(lines) + 1, len(lines) + 1 + len(records))
        leaves = [leaf(kind, record) for kind, record in records]
        at = START + timedelta(seconds=number)
        chain.append(next_block(chain[-1] if chain else None, leaves, sealed_at=at))
        signature = SIGNER.sign(checkpoint_message(chain[-1]))
        stated.append(export.block_line(chain[-1], signature=signature, public_key=PUBLIC))
        for seq, (kind, record), hashed in zip(firsts, records, leaves, strict=True):
            lines.append(export.sealed_line(kind, record, seq=seq, leaf=hashed))
    now = START + timedelta(minutes=1)
    lines += [export.unsealed_line("entry", entry(900 + n, at=now - timedelta(seconds=1))) for n in range(waiting)]
    end = export.end_line(blocks=blocks, sealed=len(lines) - waiting, unsealed=waiting)
    return [export.header_line(now), *stated, *lines, end], chain


def checked(lines: list[str], *, anchors: set[tuple[int, str]] | None = None, keys: list[bytes] | None = None) -> Line:
    books = Books(keys or [PUBLIC], anchors or set())
    for line in lines:
        books.take(line)
    return books.finish()


def tampered(change: Tamper) -> Line:
    """The result when books are changed.

    Line 0 is the header, 1 to 3 blocks; 4 and 5 accounts 7 and 9, 6 to 17 receipts and entries 1 to 12 in turn (their
    number is the line without 5, their seq the line without 3); 18 waits for its seal, 19 is the end.
    """
    rows = [json.loads(line) for line in sealed_books()[0]]
    change(rows)
    return checked([json.dumps(row) for row in rows])


def codes(result: Line) -> list[str]:
    return [problem["code"] for problem in result["problems"]]
