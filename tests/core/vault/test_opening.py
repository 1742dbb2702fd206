"""Keys are made once, are private, and nothing starts with wrong ones."""

from __future__ import annotations

import json
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.errors import UnsafeSetting
from core.vault import Vault
from core.vault.cipher import Box
from tests.core.vault.support import at_once, mode, rewrite, ring_file


def test_new_keys_are_private_random_and_stay(home: Path) -> None:
    first = Vault.create(home)
    assert (mode(home / "keys"), mode(home / "keys/root.key"), mode(ring_file(home))) == (0o700, 0o400, 0o600)
    assert sorted(os.listdir(home)) == ["keys"]
    assert [(key.purpose, key.state) for key in first.all_keys()] == [
        (purpose, "active") for purpose in ("pii", "index", "checkpoint", "token", "web")
    ]
    again = Vault.open(home)
    assert again.all_keys() == first.all_keys()
    assert again.web_secret() == first.web_secret()
    assert len(again.web_secret()) == 64
    assert Vault.create(home / "other").web_secret() != first.web_secret()


def test_keys_are_never_replaced(home: Path, vault: Vault) -> None:
    before = ring_file(home).read_bytes()
    with pytest.raises(UnsafeSetting, match="exists already"):
        Vault.create(home)
    assert Vault.open_or_create(home).all_keys() == vault.all_keys()
    assert ring_file(home).read_bytes() == before
    assert sorted(os.listdir(home)) == ["keys"]


def test_first_start_makes_keys(home: Path) -> None:
    assert Vault.open_or_create(home).all_keys() == Vault.open(home).all_keys()


def _start(home: Path) -> str:
    return Vault.open_or_create(home).web_secret()


@pytest.mark.filterwarnings("default:.*fork:DeprecationWarning")  # of a process with threads; these only touch files
def test_two_processes_start_at_once(home: Path) -> None:
    assert at_once(home, _start) == [Vault.open(home).web_secret()] * 12


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_rename(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr(os, "rename", no_rename)
    with pytest.raises(PermissionError):
        Vault.create(tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("name", ["root.key", "keyring.json"])
def test_a_missing_file_refuses(home: Path, vault: Vault, name: str) -> None:
    (home / "keys" / name).unlink()
    for start in (Vault.open, Vault.open_or_create):
        with pytest.raises(UnsafeSetting, match=f"{name} is missing"):
            start(home)


def test_no_folder_or_a_file_in_its_place_refuses(home: Path) -> None:
    with pytest.raises(UnsafeSetting, match="keys is missing"):
        Vault.open(home)
    home.mkdir()
    (home / "keys").touch(mode=0o600)
    for start, reason in ((Vault.open_or_create, "root.key is missing"), (Vault.create, "exists already")):
        with pytest.raises(UnsafeSetting, match=reason):
            start(home)


@pytest.mark.parametrize("name", [".", "root.key", "keyring.json"])
@pytest.mark.parametrize("bit", [0o040, 0o020, 0o010, 0o004, 0o002, 0o001])
def test_a_file_open_to_others_refuses(home: Path, vault: Vault, name: str, bit: int) -> None:
    path = home / "keys" / name
    path.chmod(mode(path) | bit)
    with pytest.raises(UnsafeSetting, match="chmod go="):
        Vault.open(home)


@pytest.mark.parametrize("content", [b"", b"short", bytes(range(31)), bytes(range(33)), bytes(32), b"changeme" * 4])
def test_a_root_key_of_wrong_length_or_a_known_one_refuses(home: Path, vault: Vault, content: bytes) -> None:
    root = home / "keys/root.key"
    root.chmod(0o600)
    root.write_bytes(content)
    with pytest.raises(UnsafeSetting, match="not 32 random bytes"):
        Vault.open(home)


def test_another_root_key_refuses(home: Path, vault: Vault) -> None:
    Vault.create(home / "other")
    shutil.copy(home / "other/keys/root.key", home / "keys/root.key")
    with pytest.raises(UnsafeSetting, match="another root key"):
        Vault.open(home)


@pytest.mark.parametrize(
    "damage",
    [
        lambda ring: ring["keys"][0].update(check="0" * 16),
        lambda ring: ring["keys"][0].update(wrapped=ring["keys"][1]["wrapped"]),  # a key under another's number
        lambda ring: ring["keys"][0].update(wrapped="00" * 40),
        lambda ring: ring["keys"][0].update(wrapped="00"),
        lambda ring: ring["keys"][0].update(wrapped="zz"),
        lambda ring: ring["keys"][0].update(id=0),
        lambda ring: ring["keys"][0].update(id="1"),
        lambda ring: ring["keys"][0].update(id=65536),
        lambda ring: ring["keys"][0].update(purpose="index"),
        lambda ring: ring["keys"][0].update(state="asleep"),
        lambda ring: ring["keys"][0].pop("check"),
        lambda ring: ring.pop("keys"),
        lambda ring: ring.update(keys=7),
        lambda ring: ring.update(keys=[7]),
    ],
)
def test_a_damaged_ring_refuses(home: Path, vault: Vault, damage: Callable[[dict[str, Any]], Any]) -> None:
    rewrite(home, damage)
    with pytest.raises(UnsafeSetting, match="damaged or belongs to another root key"):
        Vault.open(home)


@pytest.mark.parametrize(
    "damage", [lambda ring: ring["keys"].pop(), lambda ring: ring["keys"][0].update(state="decrypt-only")]
)
def test_a_ring_without_an_active_key_refuses(
    home: Path, vault: Vault, damage: Callable[[dict[str, Any]], Any]
) -> None:
    rewrite(home, damage)
    with pytest.raises(UnsafeSetting, match="not one active key"):
        Vault.open(home)


def test_nothing_printable_shows_a_key(home: Path, vault: Vault) -> None:
    shown = repr((vault, vault.all_keys(), Box(bytes(32)))) + str(vault.all_keys())
    assert not any(entry["wrapped"] in shown for entry in json.loads(ring_file(home).read_text())["keys"])
    with pytest.raises(TypeError):
        pickle.dumps(Box(bytes(32)))
