"""docs/rows.md names every promise once, and only tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEXT = (ROOT / "docs" / "rows.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z]{3}-\d+) \| (works|part|not yet) \| (.*?) \| (.*?) \|$", TEXT, re.MULTILINE)
STATES = ("works", "part", "not yet")


def test_the_counts_are_those_of_the_rows() -> None:
    counted = [sum(state == wanted for _id, state, _test, _note in ROWS) for wanted in STATES]
    assert f"**{counted[0]} work · {counted[1]} in part · {counted[2]} not yet**" in TEXT


def test_every_promise_stands_once(shared: Path) -> None:
    promised = re.findall(
        r"^\| ([A-Z]{3}-\d+) \|", (shared / "REQUIREMENTS.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert [row[0] for row in ROWS] == promised


def test_what_works_names_its_test_and_every_test_is_there() -> None:
    for row, state, test, note in ROWS:
        assert test or state != "works", f"{row} works, but no test says so"
        assert note or state != "part", f"{row} does not say what is missing"
        for file, name in re.findall(r"(tests/[\w/.]+\.py)::(\w+)", f"{test} {note}"):
            assert re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE), (
                f"{row}: {file} has no {name}"
            )
