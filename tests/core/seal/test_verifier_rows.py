"""The stand-alone verifier agrees with the sealer on sound books, and names a row that is not."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings

from core.seal import checkpoint_message, export, leaf, next_block
from core.seal.canonical import form
from core.seal.verifier import Form
from tests.core.seal.support import (
    PUBLIC,
    SCRIPT,
    SIGNER,
    START,
    Line,
    Tamper,
    checked,
    codes,
    entry,
    kinds_and_records,
    sealed_books,
    tampered,
)


@settings(max_examples=1000, deadline=None)
@given(kinds_and_records())
def test_both_implementations_agree_on_every_record(drawn: tuple[str, dict[str, Any]]) -> None:
    kind, record = drawn
    stated = json.loads(export.sealed_line(kind, record, seq=1, leaf=b""))["record"]
    assert Form(kind, form(kind)).leaf(stated) == leaf(kind, record).hex()


def test_the_script_imports_the_standard_library_only() -> None:
    program = "import sys, runpy; runpy.run_path(sys.argv[1]); print(*sys.modules)"
    # -S: no site-packages; -I: not our folder either
    ran = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program, SCRIPT], capture_output=True, text=True, check=True
    )
    assert {name.partition(".")[0] for name in ran.stdout.split()} <= set(sys.stdlib_module_names) | {"__main__"}
    assert "core" not in ran.stdout.split()


def test_sound_books_verify() -> None:
    lines, chain = sealed_books()
    assert checked(lines) == {
        "ok": True,
        "sealed": 12,
        "unsealed": 1,
        "blocks": 3,
        "last": 12,
        "chain": chain[-1].chain.hex(),
        "problems": [],
        "problem_count": 0,
        "first_bad_row": None,
        "first_bad_block": None,
    }


def test_empty_books_verify() -> None:
    assert checked(sealed_books(blocks=0, waiting=0)[0])["ok"]


def test_books_signed_by_two_keys_need_both() -> None:
    lines, chain = sealed_books(waiting=0)
    newer = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public = newer.public_key().public_bytes_raw()
    signature = newer.sign(checkpoint_message(chain[-1]))
    lines[3] = export.block_line(chain[-1], signature=signature, public_key=public)
    assert checked(lines, keys=[PUBLIC, public])["ok"]
    result = checked(lines)
    assert codes(result) == ["block_key"]
    assert result["first_bad_block"]["block"] == 3
    assert codes(checked(lines, keys=[public])) == ["block_key", "block_key"]


def every_place(value: Any, way: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to each value in a record."""
    if isinstance(value, dict):
        return [found for name, inner in value.items() for found in every_place(inner, (*way, name))]
    if isinstance(value, list):
        return [found for n, inner in enumerate(value) for found in every_place(inner, (*way, n))]
    return [way]


@pytest.mark.parametrize("number", [4, 5])
def test_each_single_change_of_a_record_is_found_and_named(number: int) -> None:
    rows = [json.loads(line) for line in sealed_books()[0]]
    for way in every_place(rows[number]["record"]):
        changed = copy.deepcopy(rows)
        row = changed[number]["record"]
        for step in way[:-1]:
            row = row[step]
        old = row[way[-1]]
        row[way[-1]] = 1 if old is None else old + 1 if isinstance(old, int) else old + "x"
        result = checked([json.dumps(row) for row in changed])
        kind, record_id = ("receipt", 1) if number == 4 else ("entry", 2)
        bad = result["first_bad_row"]
        assert bad["kind"] == kind, way
        assert bad["id"] == record_id + (way == ("id",)), way
        assert (bad["seq"], bad["line"], result["ok"]) == (number - 3, number + 1, False)
        assert codes(result) in (["row_changed"], ["row_malformed"])


@pytest.mark.parametrize(
    ("change", "found", "seq"),
    [
        (lambda rows: rows[6]["record"]["lines"].pop(), ["row_changed"], 3),
        (lambda rows: rows[6]["record"]["lines"].append(rows[6]["record"]["lines"][0]), ["row_changed"], 3),
        (lambda rows: rows[6]["record"].pop("total"), ["row_malformed"], 3),
        (lambda rows: rows[6]["record"].update(note="x"), ["row_malformed"], 3),
        (lambda rows: rows[6]["record"]["lines"][0].update(note="x"), ["row_malformed"], 3),
        (lambda rows: rows[6]["record"].update(total=129.0), ["row_malformed"], 3),
        (lambda rows: rows[6]["record"].update(total=True), ["row_malformed"], 3),
        (lambda rows: rows[6]["record"].update(number="\ud800"), ["row_malformed"], 3),
        (lambda rows: rows[6]["record"].update(lines=None), ["row_malformed"], 3),
        (lambda rows: rows[6]["record"].update(lines=[7]), ["row_malformed"], 3),
        (lambda rows: rows[6].update(form="entry/1"), ["row_malformed"], 3),
        (lambda rows: rows[7]["record"]["postings"][0].update(unit="USD"), ["row_changed"], 4),
        (lambda rows: rows[7]["record"]["postings"][0].update(amount=None), ["row_changed"], 4),
        (lambda rows: rows[6].update(record=None, id=3), ["row_lost"], 3),
        (lambda rows: rows[6].update(leaf="00" * 32), ["row_changed", "block_root"], 3),
        (lambda rows: rows.insert(6, rows.pop(7)), ["row_missing", "row_missing", "row_missing", "block_root"], 3),
        (lambda rows: rows.pop(6), ["row_missing", "block_root", "cut_short"], 3),
        (lambda rows: rows.insert(7, rows[6]), ["row_missing", "block_root", "cut_short"], 3),
        (lambda rows: [rows.pop(15), rows[-1].update(end=[3, 11, 1])], ["row_missing", "block_root"], 12),
    ],
)
def test_a_bad_row_is_named(change: Tamper, found: list[str], seq: int) -> None:
    result = tampered(change)
    assert (codes(result), result["first_bad_row"]["seq"], result["ok"]) == (found, seq, False)


def test_swapped_records_are_both_named() -> None:
    def swap(rows: list[Line]) -> None:
        rows[4]["record"], rows[6]["record"] = rows[6]["record"], rows[4]["record"]

    result = tampered(swap)
    assert [(p["kind"], p["id"], p["seq"]) for p in result["problems"]] == [("receipt", 3, 1), ("receipt", 1, 3)]


def test_a_name_given_to_another_value_is_found() -> None:
    def rename(rows: list[Line]) -> None:
        forms = rows[0]["forms"]
        forms["entry/1"] = forms["entry/1"].replace("plugin:s rule:s", "rule:s plugin:s")

    assert set(codes(tampered(rename))) == {"row_changed"}


def test_a_row_changed_with_its_leaf_shows_in_its_block() -> None:
    def forge(rows: list[Line]) -> None:
        rows[4]["record"]["total"] += 1
        rows[4]["leaf"] = Form("receipt", form("receipt")).leaf(rows[4]["record"])

    result = tampered(forge)
    assert (codes(result), result["first_bad_row"]) == (["block_root"], None)
    bad = result["first_bad_block"]
    assert (bad["block"], bad["first"], bad["last"]) == (1, 1, 4)


def test_a_sealed_entry_that_does_not_balance_is_named() -> None:
    record = entry(5)
    record["postings"][0]["amount"] += 1
    block = next_block(None, [leaf("entry", record)], sealed_at=START)
    lines = [
        export.header_line(START),
        export.block_line(block, signature=SIGNER.sign(checkpoint_message(block)), public_key=PUBLIC),
        export.sealed_line("entry", record, seq=1, leaf=leaf("entry", record)),
        export.end_line(blocks=1, sealed=1, unsealed=0),
    ]
    result = checked(lines)
    assert (codes(result), result["first_bad_row"]["id"]) == (["entry_unbalanced"], 5)


def test_a_lost_record_is_written_as_such() -> None:
    lines, _ = sealed_books(waiting=0)
    lines[5] = export.lost_line("entry", 2, seq=2, leaf=bytes.fromhex(json.loads(lines[5])["leaf"]))
    result = checked(lines)
    assert (codes(result), result["first_bad_row"]["text"]) == (["row_lost"], "entry 2 (seq 2) is gone")
