"""Sealed bytes: the same for ever, different for every difference, and chained."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.seal import GENESIS, anchor_line, block_root, canonical, chain_hash, checkpoint_message, leaf, next_block
from core.seal.canonical import FIELDS_V1, form, pack, plain
from tests.core.seal.support import MOMENT, kinds_and_records, some

# ── values ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "letter", "packed"),
    [
        (12900, "i", b"i5:12900"),
        (-7, "i", b"i2:-7"),
        (0, "i", b"i1:0"),
        (True, "i", b"i1:1"),  # what one database calls true is 1 in the other
        ("南京", "s", b"s6:\xe5\x8d\x97\xe4\xba\xac"),
        ("", "s", b"s0:"),
        (None, "s", b"-"),
        (None, "i", b"-"),
        (date(2026, 11, 22), "d", b"d10:2026-11-22"),
        (MOMENT, "t", b"t27:2026-11-22T06:03:11.000000Z"),
        (MOMENT.replace(tzinfo=None), "t", b"t27:2026-11-22T06:03:11.000000Z"),
        (MOMENT.astimezone(timezone(timedelta(hours=8))), "t", b"t27:2026-11-22T06:03:11.000000Z"),
        (b"\0\xff", "b", b"b4:00ff"),
        (memoryview(b"\0\xff"), "b", b"b4:00ff"),
    ],
)
def test_a_value_has_one_form(value: object, letter: str, packed: bytes) -> None:
    assert pack(value, letter) == packed


@pytest.mark.parametrize(
    ("value", "letter"),
    [(1.0, "i"), ("1", "i"), (1, "s"), (b"x", "s"), (MOMENT, "d"), (date(2026, 1, 1), "t"), ("x", "b"), (1, "x")],
)
def test_a_value_of_another_type_is_refused(value: object, letter: str) -> None:
    with pytest.raises(ValueError, match="no value of type"):
        plain(value, letter)


# ── leaves ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_bytes_of_an_entry_are_these(monkeypatch: pytest.MonkeyPatch) -> None:
    postings = (("no", "i"), ("account_id", "i"), ("unit", "s"), ("amount", "i"))
    monkeypatch.setitem(FIELDS_V1, "tiny", ((("id", "i"),), {"postings": postings}))
    record = {
        "id": 3,
        "postings": [
            {"no": 1, "account_id": 7, "unit": "CNY", "amount": -1234},
            {"no": 2, "account_id": 9, "unit": "CNY", "amount": 1234},
        ],
    }
    stated = b"id:i postings(no:i account_id:i unit:s amount:i)"
    postings_bytes = b"l2:r21:i1:2i1:9s3:CNYi4:1234r22:i1:1i1:7s3:CNYi5:-1234"
    expected = b"s13:atrium leaf 1" + b"s4:tiny" + b"s%d:%b" % (len(stated), stated) + b"i1:3" + postings_bytes
    assert form("tiny") == stated.decode()
    assert leaf("tiny", record) == hashlib.sha256(expected).digest()
    assert postings_bytes.decode() in (canonical.__doc__ or "")


@pytest.mark.parametrize("kind", sorted(FIELDS_V1))
def test_every_field_of_every_row_counts(kind: str) -> None:
    other = {"i": 8, "s": "ac", "d": date(2026, 11, 23), "t": MOMENT + timedelta(microseconds=1), "b": b"\0\xfe"}
    fields, parts = FIELDS_V1[kind]
    seen = {leaf(kind, some(kind))}
    for name, letter in fields:
        seen |= {leaf(kind, some(kind) | {name: other[letter]}), leaf(kind, some(kind) | {name: None})}
    count = 2 * len(fields)
    for part, part_fields in parts.items():
        row = some(kind)[part][0]
        seen |= {leaf(kind, some(kind) | {part: []}), leaf(kind, some(kind) | {part: [row, row]})}
        count += 2 + 2 * len(part_fields)
        for name, letter in part_fields:
            for value in (other[letter], None):
                seen.add(leaf(kind, some(kind) | {part: [row | {name: value}]}))
    assert len(seen) == count + 1


@settings(max_examples=300, deadline=None)
@given(kinds_and_records(), st.randoms())
def test_the_order_of_parts_and_fields_does_not_count(drawn: tuple[str, dict[str, Any]], random: Any) -> None:
    kind, record = drawn
    shuffled = {name: record[name] for name in random.sample(sorted(record), len(record))}
    for part in FIELDS_V1[kind][1]:
        shuffled[part] = random.sample(record[part], len(record[part]))
    assert leaf(kind, shuffled) == leaf(kind, record)


@settings(max_examples=300, deadline=None)
@given(kinds_and_records(), kinds_and_records())
def test_two_records_share_no_leaf(one: tuple[str, dict[str, Any]], other: tuple[str, dict[str, Any]]) -> None:
    def same(record: Mapping[str, Any]) -> Any:
        return {name: sorted(map(repr, value)) if isinstance(value, list) else value for name, value in record.items()}

    assert (leaf(*one) == leaf(*other)) == (one[0] == other[0] and same(one[1]) == same(other[1]))


def test_text_cannot_move_between_fields() -> None:
    record = some("entry")
    assert leaf("entry", record | {"plugin": "ab", "rule": "c"}) != leaf(
        "entry", record | {"plugin": "a", "rule": "bc"}
    )


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": "red"}, r"unknown fields \['colour'\]"),
        ({"plugin": 7}, "entry 7: int is no value of type 's'"),
        ({"postings": None}, "postings is no list"),
        ({"postings": "text"}, "a part has not the fields"),
        ({"postings": [{}]}, "a part has not the fields"),
        ({"postings": [{"nr": 1, "account_id": 1, "unit": "CNY", "amount": 1}]}, "entry.postings: 'no' is missing"),
        (
            {"postings": [{"no": 1, "account_id": 1, "unit": "CNY", "amount": 1.5}]},
            "entry.postings 1: float is no value",
        ),
    ],
)
def test_a_record_that_is_not_of_its_form_is_refused(change: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=named):
        leaf("entry", some("entry") | change)


def test_a_missing_field_is_named() -> None:
    record = some("entry")
    del record["reference"]
    with pytest.raises(ValueError, match="unknown fields"):
        leaf("entry", record)
    with pytest.raises(ValueError, match="'reference' is missing"):
        leaf("entry", record | {"referee": "x"})


# ── blocks ──────────────────────────────────────────────────────────────────────────────────────────


def test_blocks_are_chained_and_gapless() -> None:
    leaves = [bytes([n]) * 32 for n in range(5)]
    first = next_block(None, leaves[:3], sealed_at=MOMENT)
    second = next_block(first, leaves[3:], sealed_at=MOMENT + timedelta(seconds=1))
    assert [(b.number, b.first_seq, b.count, b.last_seq) for b in (first, second)] == [(1, 1, 3, 3), (2, 4, 2, 5)]
    root = hashlib.sha256(b"atrium root 1" + (1).to_bytes(8, "big") + b"".join(leaves[:3])).digest()
    numbers = b"".join(n.to_bytes(8, "big") for n in (1, 1, 3, 1_795_327_391_000_000))
    assert first.root == block_root(1, leaves[:3]) == root
    assert first.chain == hashlib.sha256(b"atrium chain 1" + bytes(32) + numbers + root).digest()
    assert second.chain == chain_hash(first.chain, second)
    assert first.chain == chain_hash(GENESIS, first)


def test_every_part_of_a_block_counts() -> None:
    block = next_block(None, [bytes(32)], sealed_at=MOMENT)
    changes: list[dict[str, Any]] = [{"number": 2}, {"first_seq": 2}, {"count": 2}, {"root": b"\1" * 32}]
    changes.append({"sealed_at": MOMENT + timedelta(microseconds=1)})
    chains = {chain_hash(GENESIS, replace(block, **change)) for change in changes}
    assert len(chains | {block.chain, chain_hash(b"\1" * 32, block)}) == 7
    assert block_root(1, [bytes(32)]) != block_root(2, [bytes(32)])
    assert next_block(None, [bytes(32)], sealed_at=MOMENT.replace(tzinfo=None)) == replace(
        block, sealed_at=MOMENT.replace(tzinfo=None)
    )


def test_an_empty_block_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        next_block(None, [], sealed_at=MOMENT)


def test_what_is_signed_can_be_read() -> None:
    block = next_block(next_block(None, [bytes(32)], sealed_at=MOMENT), [bytes(32)] * 9, sealed_at=MOMENT)
    chain = block.chain.hex()
    expected = f"atrium checkpoint 1\nblock 2\nseq 10\nchain {chain}\nsealed 2026-11-22T06:03:11.000000Z\n"
    assert checkpoint_message(block).decode() == expected
    assert anchor_line(block) == f"10 {chain}"
