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
    account,
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
        "sealed": 14,
        "unsealed": 1,
        "blocks": 3,
        "last": 14,
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


@pytest.mark.parametrize(("number", "kind", "record_id"), [(4, "account", 7), (6, "receipt", 1), (7, "entry", 2)])
def test_each_single_change_of_a_record_is_found_and_named(number: int, kind: str, record_id: int) -> None:
    rows = [json.loads(line) for line in sealed_books()[0]]
    for way in every_place(rows[number]["record"]):
        changed = copy.deepcopy(rows)
        row = changed[number]["record"]
        for step in way[:-1]:
            row = row[step]
        old = row[way[-1]]
        row[way[-1]] = 1 if old is None else old + 1 if isinstance(old, int) else old + "x"
        result = checked([json.dumps(row) for row in changed])
        bad = result["first_bad_row"]
        assert bad["kind"] == kind, way
        assert bad["id"] == record_id + (way == ("id",)), way
        assert (bad["seq"], bad["line"], result["ok"]) == (number - 3, number + 1, False)
        first, *others = codes(result)
        assert first in ("row_changed", "row_malformed")
        assert set(others) == ({"entry_astray"} if (kind, way) == ("account", ("id",)) else set()), way


@pytest.mark.parametrize(
    ("change", "found", "seq"),
    [
        (lambda rows: rows[8]["record"]["lines"].pop(), ["row_changed"], 5),
        (lambda rows: rows[8]["record"]["lines"].append(rows[8]["record"]["lines"][0]), ["row_changed"], 5),
        (lambda rows: rows[8]["record"].pop("total"), ["row_malformed"], 5),
        (lambda rows: rows[8]["record"].update(note="x"), ["row_malformed"], 5),
        (lambda rows: rows[8]["record"]["lines"][0].update(note="x"), ["row_malformed"], 5),
        (lambda rows: rows[8]["record"].update(total=129.0), ["row_malformed"], 5),
        (lambda rows: rows[8]["record"].update(total=True), ["row_malformed"], 5),
        (lambda rows: rows[8]["record"].update(number="\ud800"), ["row_malformed"], 5),
        (lambda rows: rows[8]["record"].update(lines=None), ["row_malformed"], 5),
        (lambda rows: rows[8]["record"].update(lines=[7]), ["row_malformed"], 5),
        (lambda rows: rows[8].update(form="entry/1"), ["row_malformed"], 5),
        (lambda rows: rows[9]["record"]["postings"][0].update(unit="USD"), ["row_changed"], 6),
        (lambda rows: rows[9]["record"]["postings"][0].update(amount=None), ["row_changed"], 6),
        (lambda rows: rows[8].update(record=None, id=3), ["row_lost"], 5),
        (lambda rows: rows[8].update(leaf="00" * 32), ["row_changed", "block_root"], 5),
        (lambda rows: rows.insert(8, rows.pop(9)), ["row_missing", "row_missing", "row_missing", "block_root"], 5),
        (lambda rows: rows.pop(8), ["row_missing", "block_root", "cut_short"], 5),
        (lambda rows: rows.insert(9, rows[8]), ["row_missing", "block_root", "cut_short"], 5),
        (lambda rows: [rows.pop(17), rows[-1].update(end=[3, 13, 1])], ["row_missing", "block_root"], 14),
    ],
)
def test_a_bad_row_is_named(change: Tamper, found: list[str], seq: int) -> None:
    result = tampered(change)
    assert (codes(result), result["first_bad_row"]["seq"], result["ok"]) == (found, seq, False)


def test_swapped_records_are_both_named() -> None:
    def swap(rows: list[Line]) -> None:
        rows[6]["record"], rows[8]["record"] = rows[8]["record"], rows[6]["record"]

    result = tampered(swap)
    assert [(p["kind"], p["id"], p["seq"]) for p in result["problems"]] == [("receipt", 3, 3), ("receipt", 1, 5)]


def test_a_name_given_to_another_value_is_found() -> None:
    def rename(rows: list[Line]) -> None:
        forms = rows[0]["forms"]
        forms["entry/1"] = forms["entry/1"].replace("plugin:s rule:s", "rule:s plugin:s")

    assert set(codes(tampered(rename))) == {"row_changed"}


def test_a_row_changed_with_its_leaf_shows_in_its_block() -> None:
    def forge(rows: list[Line]) -> None:
        rows[6]["record"]["total"] += 1
        rows[6]["leaf"] = Form("receipt", form("receipt")).leaf(rows[6]["record"])

    result = tampered(forge)
    assert (codes(result), result["first_bad_row"]) == (["block_root"], None)
    bad = result["first_bad_block"]
    assert (bad["block"], bad["first"], bad["last"]) == (1, 1, 6)


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


@pytest.mark.parametrize("change", [{"id": 8}, {"unit": "USD"}, None], ids=["another", "another unit", "none"])
def test_an_entry_on_an_account_that_was_not_sealed_before_it_is_named(change: dict[str, Any] | None) -> None:
    records = [("account", account(7)), ("account", account(9)), ("entry", entry(5))]
    if change is None:
        records.append(records.pop(1))  # sealed after the entry
    else:
        records[1] = ("account", account(9) | change)
    leaves = [leaf(kind, record) for kind, record in records]
    block = next_block(None, leaves, sealed_at=START)
    sealed = zip(records, leaves, strict=True)
    lines = [
        export.header_line(START),
        export.block_line(block, signature=SIGNER.sign(checkpoint_message(block)), public_key=PUBLIC),
        *(export.sealed_line(kind, record, seq=n, leaf=h) for n, ((kind, record), h) in enumerate(sealed, start=1)),
        export.end_line(blocks=1, sealed=3, unsealed=0),
    ]
    (problem,) = checked(lines)["problems"]
    assert (problem["code"], problem["kind"], problem["id"]) == ("entry_astray", "entry", 5)
    assert "posts to [9]: no account of that unit" in problem["text"]


def test_a_lost_account_is_named_and_not_each_entry_on_it() -> None:
    assert codes(tampered(lambda rows: rows[4].update(record=None, id=7))) == ["row_lost"]


def test_an_account_may_wait_for_its_seal_together_with_its_entry() -> None:
    record = entry(77, at=START)
    waiting = [export.unsealed_line("account", account(n)) for n in (7, 9)] + [export.unsealed_line("entry", record)]
    lines = [export.header_line(START), *waiting, export.end_line(blocks=0, sealed=0, unsealed=3)]
    assert checked(lines)["ok"]


def test_a_lost_record_is_written_as_such() -> None:
    lines, _ = sealed_books(waiting=0)
    lines[7] = export.lost_line("entry", 2, seq=4, leaf=bytes.fromhex(json.loads(lines[7])["leaf"]))
    result = checked(lines)
    assert (codes(result), result["first_bad_row"]["text"]) == (["row_lost"], "entry 2 (seq 4) is gone")
