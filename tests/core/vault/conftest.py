"""A vault of its own for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from core import vault as room
from core.vault import Vault, sealed


@pytest.fixture(name="home")
def _home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture(name="vault")
def _vault(home: Path) -> Vault:
    return Vault.create(home)


@pytest.fixture(name="current")
def _current(vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Vault:
    """The vault of the process, for this test."""
    monkeypatch.setattr(sealed, "_current", None)
    room.use(vault)
    return vault
