"""The command line: what each command tells, in JSON and to a person, and that a refusal is a refusal."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from core.cli import COMMANDS
from tests.support.command import Terminal


@pytest.fixture
def terminal(database_url: str, tmp_path: Path) -> Terminal:
    """A terminal of a fresh installation; the test runs once on each kind of database."""
    return Terminal(tmp_path / "home", database_url)


@pytest.fixture
def store(terminal: Terminal) -> str:
    """The code of a store."""
    return str(terminal.tell("stores", "create", "--name", "半山书店", "--floor", "L4")["code"])


def test_an_empty_database_is_brought_up_and_again(empty_database_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", empty_database_url)

    assert terminal.refuse("stores", "list") == "database"
    assert terminal.tell("upgrade") == {"upgraded": ["core", "loyalty", "pos_bridge"]}
    assert terminal.tell("upgrade") == {"upgraded": []}
    assert terminal.tell("users", "create")["roles"] == ["administrator"]


def test_the_first_store_opens_the_mall(terminal: Terminal) -> None:
    assert terminal.tell("stores", "list") == {"stores": []}

    first = terminal.run("stores", "create", "--name", "半山书店", "--kind", "partner", "--trade", "books", "--json")
    second = terminal.tell("stores", "create", "--name", "一叶茶饮")

    said = {"code": "S0001", "name": "半山书店", "kind": "partner", "trade": "books", "floor": "", "state": "open"}
    assert first.json == said | {"mall": "M001"}
    assert first.err.splitlines() == [
        "Mall M001 was made; its name can be changed on its screen.",
        "Store S0001 is open: 半山书店",
    ]
    listed = terminal.tell("stores", "list", "--mall", "M001")["stores"]
    assert [entry["code"] for entry in listed] == ["S0001", "S0002"] == [first.json["code"], second["code"]]
    assert terminal.refuse("stores", "list", "--mall", "M009") == "not_found"


def test_a_person_reads_lines_and_a_program_reads_json(terminal: Terminal, store: str) -> None:
    english = terminal.run("stores", "list")
    chinese = replace(terminal, language="zh_CN.UTF-8").run("stores", "list", "--mall", "M9")

    assert english.out.splitlines() == ["M001  S0001  open    direct   半山书店", "1 stores"]
    assert (english.code, english.err) == (0, "")
    assert (chinese.code, chinese.out) == (1, "")
    assert re.search(r"[\u4e00-\u9fff]", chinese.err)


def test_members_are_shown_masked(terminal: Terminal, store: str) -> None:
    create = ("members", "create", "--store", store, "--name", "王小明", "--phone")

    made = terminal.run(*create, "17012345678", "--json")
    assert made.json == {"id": 1, "name": "王小明", "phone": "170****5678", "store": "S0001", "status": "active"}
    assert "17012345678" not in made.out + made.err
    assert terminal.refuse(*create, "+86 170 1234 5678") == "phone_taken"
    assert terminal.refuse(*create, "12") == "bad_phone"
    assert (
        terminal.refuse("members", "create", "--store", "S0009", "--name", "x", "--phone", "17000000000") == "not_found"
    )
    assert terminal.tell("books")["members"] == 1


def test_a_till_gets_its_key_once(terminal: Terminal, store: str) -> None:
    made = terminal.tell("tills", "create", "--store", store, "--till", "T01")

    assert made.keys() == {"store", "till", "token"}
    assert (made["store"], made["till"]) == ("S0001", "T01")
    assert len(made["token"]) > 40
    assert terminal.refuse("tills", "create", "--store", store, "--till", "T01") == "till_exists"


def test_users_get_a_random_password_or_the_one_given(terminal: Terminal, store: str) -> None:
    terminal.tell("upgrade")

    admin = terminal.tell("users", "create", "--username", "chief")
    assert (admin["username"], admin["roles"], admin["reach"]) == ("chief", ["administrator"], 1)
    assert len(admin["password"]) >= 16
    given = ("users", "create", "--username", "anna", "--role", "cashier", "--store", store, "--password-stdin")
    anna = terminal.tell(*given, stdin="a long walk home\n")
    assert anna == {"username": "anna", "roles": ["cashier"], "reach": 1}
    assert terminal.refuse("users", "create", "--username", "chief") == "username_taken"
    assert terminal.refuse("users", "create", "--username", "bob", "--role", "king") == "role_not_found"
    assert terminal.refuse("users", "create", "--username", "bob", "--password-stdin") == "password_missing"
    weak = ("users", "create", "--username", "bob", "--password-stdin")
    assert terminal.refuse(*weak, stdin="password1234\n") == "password_common"


def test_modules_are_switched_for_one_store(terminal: Terminal, store: str) -> None:
    other = terminal.tell("stores", "create", "--name", "一叶茶饮")["code"]

    def on(*place: str) -> bool:
        listed = terminal.tell("plugins", "list", *place)["plugins"]
        return bool(next(entry["on"] for entry in listed if entry["name"] == "loyalty"))

    assert terminal.tell("plugins", "off", "loyalty", "--store", store) == {
        **{"plugin": "loyalty", "mall": "M001", "store": "S0001", "on": False}
    }
    assert (on("--store", store), on("--store", other), on("--mall", "M001")) == (False, True, True)
    terminal.tell("plugins", "off", "loyalty")
    assert (on("--store", other), on("--mall", "M001")) == (False, False)
    terminal.tell("plugins", "on", "loyalty", "--store", store)
    assert (on("--store", store), on("--store", other)) == (True, False)
    assert terminal.refuse("plugins", "on", "nothing") == "not_found"
    assert terminal.tell("plugins", "doctor")["ok"] is True


def test_empty_books_are_all_there(terminal: Terminal) -> None:
    zero = ("points_earned", "points_spent", "points_balance", "gift_card_liability")
    counts = ("receipts", "members", "stores", "sales", "entries")

    assert terminal.tell("books") == dict.fromkeys((*zero, *counts), 0) | {"trial_balance": {}}


def test_books_are_verified(terminal: Terminal) -> None:
    found = terminal.tell("verify")

    assert (found["ok"], found["problems"], found["sealed"]) == (True, [], 0)
    assert re.fullmatch(r"[0-9a-f]{64}", found["public_key"])


def test_what_is_stored_moves_to_new_keys(terminal: Terminal, store: str) -> None:
    create = ("members", "create", "--store", store, "--name", "王小明", "--phone", "17012345678")
    terminal.tell(*create)

    rotated = terminal.tell("keys", "rotate")
    assert rotated["keys"].keys() == {"pii", "index", "checkpoint", "token", "web"}
    assert rotated["rows"] == 2
    assert terminal.refuse(*create) == "phone_taken"
    assert terminal.tell("keys", "rotate", "--purpose", "web")["rows"] == 0


def test_the_doctor_looks_at_everything(terminal: Terminal) -> None:
    looked = terminal.run("doctor", "--json").json

    states = {check["name"]: check["state"] for check in looked["checks"]}
    assert states.keys() >= {"settings", "disk", "keys", "database", "migrations", "fonts", "pango"}
    assert states["database"] == states["migrations"] == states["keys"] == "ok"


def test_the_doctor_names_what_is_wrong(empty_database_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", empty_database_url)
    behind = terminal.run("doctor", "--json")
    unsafe = terminal.run("doctor", "--json", ATRIUM_SECRET_KEY="short")

    assert (behind.code, behind.json["ok"]) == (1, False)
    assert {"name": "migrations", "state": "fault"}.items() <= behind.json["checks"][4].items()
    assert "app.py upgrade" in behind.err
    assert unsafe.code == 1
    assert "ATRIUM_SECRET_KEY" in unsafe.json["checks"][0]["detail"]


def test_unsafe_settings_stop_every_command(terminal: Terminal) -> None:
    refused = terminal.run("books", "--json", ATRIUM_WTF_CSRF_ENABLED="false")

    assert (refused.code, refused.json["error"]) == (1, "unsafe_setting")
    assert "ATRIUM_WTF_CSRF_ENABLED" in refused.err


def test_a_wrong_command_line_is_named(terminal: Terminal) -> None:
    assert terminal.run("nonsense").code == 2
    assert terminal.run("stores", "create").code == 2
    assert "--name" in terminal.run("stores", "create").err


def test_help_lists_every_command_and_makes_nothing(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", f"sqlite:///{tmp_path}/home/atrium.sqlite")
    shown = terminal.run("--help")

    assert shown.code == 0
    assert all(re.search(rf"^  {name} ", shown.out, re.MULTILINE) for name in COMMANDS)
    assert not (tmp_path / "home").exists()
