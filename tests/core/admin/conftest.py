"""One back office on each kind of database for each file of tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.databases import Run
from tests.support.office import Office, furnish


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A back office; the tests run once on each kind of database."""
    folder: Path = tmp_path_factory.mktemp("office")
    if request.param == "sqlite":
        yield from _open(databases.fresh_sqlite(run, folder), folder)
    else:
        with databases.fresh_postgres(run) as url:
            yield from _open(url, folder)


def _open(url: str, folder: Path) -> Iterator[Office]:
    made = furnish(url, folder / "home")
    yield made
    made.town.house.database.dispose()
