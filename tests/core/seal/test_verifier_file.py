"""The verifier as an auditor runs it: a file, a command."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.seal import anchor_line, verifier
from tests.core.seal.support import (
    PUBLIC,
    SCRIPT,
    checked,
    codes,
    sealed_books,
    tampered,
)


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (lambda lines: lines.clear(), ["cut_short"]),
        (lambda lines: lines.pop(), ["cut_short"]),
        (lambda lines: lines.pop(18), ["cut_short"]),
        (lambda lines: lines.insert(19, "{"), ["unreadable"]),
        (lambda lines: lines.insert(19, "[]"), ["unreadable"]),
        (lambda lines: lines.insert(19, "[" * 100_000), ["unreadable"]),
        (lambda lines: lines.insert(19, '{"seq": 1' + "0" * 5000 + "}"), ["unreadable"]),
        (lambda lines: lines.insert(6, '{"block": 4}'), ["unreadable"]),
        (lambda lines: lines.insert(19, '{"seq": 15, "form": "receipt/9", "record": {"id": 1}}'), ["unreadable"]),
        (
            lambda lines: lines.insert(19, '{"seq": 15, "form": "x", "leaf": "zz", "record": null, "id": 1}'),
            ["unreadable"],
        ),
    ],
)
def test_a_damaged_file_is_not_sound(damage: Callable[[list[str]], Any], found: list[str]) -> None:
    lines = sealed_books()[0]
    damage(lines)
    assert codes(checked(lines)) == found


def test_another_format_is_refused() -> None:
    result = tampered(lambda rows: rows[0].pop("forms"))
    assert codes(result)[0] == "unreadable"
    assert not result["ok"]


def test_problems_of_a_sort_are_listed_up_to_a_hundred_and_counted() -> None:
    rows = [json.loads(line) for line in sealed_books(blocks=60, waiting=0)[0]]
    for row in rows:
        if "leaf" in row:
            row["leaf"] = "00" * 32
    result = checked([json.dumps(row) for row in rows])
    assert (result["problem_count"], len(result["problems"])) == (242 + 60, 100 + 60)
    assert (result["first_bad_row"]["seq"], result["first_bad_block"]["block"]) == (1, 1)


@pytest.fixture(name="books")
def _books(tmp_path: Path) -> Path:
    path = tmp_path / "books.jsonl"
    path.write_text("\n".join(sealed_books()[0]) + "\n")
    return path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """The command in this process: exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = verifier.main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return code, out.getvalue(), err.getvalue()


def test_the_command_says_ok(books: Path, tmp_path: Path) -> None:
    anchor = anchor_line(sealed_books()[1][-1])
    packed = tmp_path / "books.jsonl.gz"
    packed.write_bytes(gzip.compress(books.read_bytes()))
    said = f"OK: 14 records in 3 blocks\n1 records not sealed yet; anchor to keep: {anchor}\n"
    for path in (books, packed):
        assert run(path, "--public-key", PUBLIC.hex()) == (0, said, "")


def test_the_script_runs_alone(books: Path) -> None:
    command: list[str | Path] = [sys.executable, "-I", "-S", SCRIPT, books, "--public-key", PUBLIC.hex(), "--json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr, json.loads(ran.stdout)["ok"]) == (0, "", True)


def test_the_command_names_what_is_wrong(books: Path) -> None:
    books.write_text(books.read_text().replace('"000003"', '"000008"'))
    code, said, _ = run(books, "--public-key", PUBLIC.hex())
    assert (code, said.splitlines()[0]) == (1, "FAILED: 14 records in 3 blocks")
    assert said.splitlines()[2:] == [
        "first bad row: receipt 3 (seq 5) was changed after it was sealed",
        "line 9: receipt 3 (seq 5) was changed after it was sealed",
    ]
    told = json.loads(run(books, "--public-key", PUBLIC.hex(), "--json")[1])
    assert (told["ok"], told["first_bad_row"]["id"], told["problem_count"]) == (False, 3, 1)


def test_the_command_compares_anchors(books: Path, tmp_path: Path) -> None:
    anchors = tmp_path / "anchors"
    chain = sealed_books()[1]
    anchors.write_text("# kept by the auditor\n\n" + "".join(anchor_line(block).upper() + " # x\n" for block in chain))
    assert run(books, "--public-key", PUBLIC.hex(), "--anchor", anchors)[0] == 0
    anchors.write_text(f"14 {'0' * 64}\n")
    code, said, _ = run(books, "--public-key", PUBLIC.hex(), "--anchor", anchors)
    assert code == 1
    assert "first bad block: block 3 is not the one of your anchor" in said


def test_a_file_that_cannot_be_read_is_not_sound(books: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jsonl.gz"
    broken.write_bytes(gzip.compress(books.read_bytes())[:-20])
    binary = tmp_path / "binary.jsonl"
    binary.write_bytes(b"\xff\n")
    for path in (broken, binary, tmp_path / "absent"):
        code, said, _ = run(path, "--public-key", PUBLIC.hex())
        assert code == 1
        assert "the file cannot be read" in said


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--public-key", "zz"],
        ["--public-key", "00"],
        ["--public-key", PUBLIC.hex(), "--anchor", "/absent"],
        ["--public-key", PUBLIC.hex(), "--anchor", __file__],
    ],
)
def test_wrong_arguments_are_two(books: Path, arguments: list[str]) -> None:
    code, said, complaint = run(books, *arguments)
    assert (code, said) == (2, "")
    assert "usage:" in complaint
