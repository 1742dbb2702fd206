"""The verifier names a bad block, an old tail, and books that are not those of an anchor."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.seal import export
from tests.core.seal.support import (
    START,
    Tamper,
    checked,
    codes,
    entry,
    sealed_books,
    tampered,
)


@pytest.mark.parametrize(
    ("age", "found"), [(0, []), (2, []), (2.1, ["tail_old"]), (3600, ["tail_old"]), (-61, ["tail_old"])]
)
def test_what_waits_too_long_for_its_seal_is_named(age: float, found: list[str]) -> None:
    lines, _ = sealed_books(waiting=0)
    late = entry(77, at=START + timedelta(minutes=1) - timedelta(seconds=age))
    lines[-1:] = [export.unsealed_line("entry", late), export.end_line(blocks=3, sealed=14, unsealed=1)]
    result = checked(lines)
    assert codes(result) == found
    assert [result["first_bad_row"][name] for name in ("kind", "id", "seq")] == ["entry", 77, None] if found else True


def test_an_entry_that_waits_must_balance() -> None:
    result = tampered(lambda rows: rows[18]["record"]["postings"][0].update(amount=1))
    assert (codes(result), result["first_bad_row"]["id"]) == (["entry_unbalanced"], 900)


@pytest.mark.parametrize(
    ("change", "found", "block"),
    [
        (lambda rows: rows[2].update(root="00" * 32), ["block_chain", "block_root"], 2),
        (lambda rows: rows[2].update(chain="00" * 32), ["block_chain", "block_signature", "block_chain"], 2),
        (lambda rows: rows[2].update(signature="00" * 64), ["block_signature"], 2),
        (lambda rows: rows[2].update(signature=""), ["block_signature"], 2),
        (lambda rows: rows[2].update(signature=rows[1]["signature"]), ["block_signature"], 2),
        (lambda rows: rows[2].update(key="00" * 32), ["block_key"], 2),
        (lambda rows: rows[2].update(sealed_at="2026-11-22T05:00:00.000000Z"), ["block_chain", "block_signature"], 2),
        (lambda rows: rows.insert(2, rows.pop(3)), ["block_gap", "block_chain"] * 2, 3),
    ],
)
def test_a_bad_block_is_named(change: Tamper, found: list[str], block: int) -> None:
    result = tampered(change)
    assert codes(result)[: len(found)] == found
    assert (result["first_bad_block"]["block"], result["ok"]) == (block, False)


def test_a_block_that_is_gone_is_named() -> None:
    result = tampered(lambda rows: rows.pop(2))
    assert codes(result)[:2] == ["block_gap", "block_chain"]
    assert result["first_bad_block"]["block"] == 3


def test_records_whose_blocks_were_cut_off_are_named() -> None:
    result = tampered(lambda rows: [rows.pop(3), rows[-1].update(end=[2, 14, 1])])
    assert codes(result) == ["row_unchained"] * 4
    assert result["first_bad_row"]["seq"] == 11


def test_a_cut_tail_and_an_old_copy_are_found_by_an_anchor() -> None:
    lines, chain = sealed_books()
    anchors = {(block.last_seq, block.chain.hex()) for block in chain}
    assert checked(lines, anchors=anchors)["ok"]
    old, _ = sealed_books(blocks=2)
    assert checked(old)["ok"]
    result = checked(old, anchors=anchors)
    assert (codes(result), result["problems"][0]["seq"]) == (["anchor_missing"], 14)


def test_books_written_anew_with_the_right_key_are_found_by_an_anchor() -> None:
    _, chain = sealed_books()
    lines, other = sealed_books(size=5)
    anchors = {(6, chain[0].chain.hex()), (12, chain[1].chain.hex())}
    assert other[1].last_seq == 12
    result = checked(lines, anchors=anchors)
    assert codes(result) == ["anchor_differs", "anchor_missing", "anchor_missing"]
    assert result["first_bad_block"]["block"] == 2
