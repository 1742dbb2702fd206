"""A mall, and a back office in front of it, on each kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mall import Shop, open_shop
from tests.support.office import Office, furnish


@pytest.fixture
def shop(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall with one member."""
    opened = open_shop(database_url, tmp_path / "home")
    yield opened
    opened.close()


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A back office with people in it."""
    made = furnish(database_url, tmp_path / "home")
    yield made
    made.town.house.database.dispose()
