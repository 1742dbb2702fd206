"""Fixtures of the core's tests: a mall in a fresh database of each kind."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mall import Shop, open_shop


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall with one member; the test runs once on each kind of database."""
    opened = open_shop(database_url, tmp_path / "home")
    yield opened
    opened.close()
