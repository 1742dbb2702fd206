"""Whole receipts through HTTP: one mall on each kind of database with a server of three processes, shared by all tests
here. Each test has a store of its own in it, opened while the server runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.databases import Run
from tests.support.server import Server, serving
from tests.support.town import Shop, Town, build


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def town(request: pytest.FixtureRequest, run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A mall; the tests run once on each kind of database."""
    folder: Path = tmp_path_factory.mktemp("town")
    if request.param == "sqlite":
        yield from _open(databases.fresh_sqlite(run, folder), folder)
    else:
        with databases.fresh_postgres(run) as url:
            yield from _open(url, folder)


def _open(url: str, folder: Path) -> Iterator[Town]:
    made = build(url, folder / "home")
    yield made
    made.house.database.dispose()


@pytest.fixture(scope="session")
def server(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The suite, served by three processes."""
    with serving(town.environment, log=tmp_path_factory.mktemp("server") / "log") as running:
        yield running


@pytest.fixture
def shop(town: Town) -> Shop:
    """A store with two tills, and a member, which no other test uses."""
    return town.open_shop()
