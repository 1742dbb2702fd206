"""The contract with plugins as a pytest plugin: what holds for every plugin, whoever wrote it.

It runs over all plugins that ship and all that are installed. To run it over a package that is not installed, name it:

    ATRIUM_TEST_PLUGINS=my_package pytest -p tests.contract.plugin tests/contract

A test that takes `any_plugin` runs once for each, on each kind of database where it takes `their_mall`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from core.checkout import quote
from core.db import Database
from core.host import Bell, Host
from core.host.loading import found
from core.house import BUILTIN
from core.migrations import upgrade_house
from tests.support.arrivals import give_back, paid, sale, void
from tests.support.mall import Shop, open_shop

GOOD_SAMPLE = "tests.samples.minimal"
"""A plugin as a stranger would write it: keeps the contract itself honest while few are installed."""


def packages() -> list[str]:
    """The packages that are not found by their entry points: what ships, the sample, and what was named."""
    named = os.environ.get("ATRIUM_TEST_PLUGINS", "").replace(",", " ").split()
    return [*BUILTIN, GOOD_SAMPLE, *named]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run what takes `any_plugin` once for each plugin there is."""
    if "any_plugin" in metafunc.fixturenames:
        metafunc.parametrize("any_plugin", list(found(packages())))


@pytest.fixture
def their_database(empty_database_url: str) -> Iterator[Database]:
    """A database with nothing in it."""
    opened = Database.connect(empty_database_url)
    yield opened
    opened.dispose()


@pytest.fixture
def their_host(tmp_path: Path) -> Iterator[Host]:
    """All plugins, over a database that is not there."""
    opened = Database.connect(f"sqlite:///{tmp_path / 'nothing.sqlite'}")
    yield Host.load(opened, packages())
    opened.dispose()


@pytest.fixture
def their_mall(database_url: str, tmp_path: Path) -> Iterator[Shop]:
    """A mall with all plugins, each of them on."""
    opened = open_shop(database_url, tmp_path / "home", plugins=packages())
    upgrade_house(opened.database, opened.host)
    for name in opened.host.ok():
        opened.switch(name, True)
    opened.pump()
    yield opened
    opened.close()


@dataclass
class Heard:
    """Who was asked what, and what each was given."""

    rung: list[tuple[str, str]] = field(default_factory=list)
    given: list[tuple[Bell, Mapping[str, Any], Any]] = field(default_factory=list)

    def of(self, plugin: str) -> set[str]:
        """The hooks that the plugin was asked."""
        return {hook for name, hook in self.rung if name == plugin}


@contextmanager
def listening(host: Host) -> Iterator[Heard]:
    """Listen to every call of a hook while inside."""
    heard, ring = Heard(), host.ring

    def tell(bell: Bell, facts: Mapping[str, Any], **how: Any) -> Any:
        heard.rung.append((bell.plugin, bell.hook))
        answer = ring(bell, facts, **how)
        heard.given.append((bell, facts, answer))
        return answer

    host.ring = tell  # type: ignore[method-assign]
    try:
        yield heard
    finally:
        del host.ring


def a_day_at_the_till(mall: Shop, name: str) -> list[int]:
    """A quote, a sale, one paid in points, a return, a void, and what the outbox makes of them; the statuses."""
    quote(mall.house, mall.till(), receipt=sale(f"{name}-q", 5000, member=1).receipt)
    results = mall.take(
        sale(f"{name}-1", 20000, 5000, member=1),
        sale(f"{name}-2", 3000),
        give_back(f"{name}-3", f"{name}-1", back={2: 5000}),
        void(f"{name}-4", f"{name}-2"),
    )
    results += mall.take(paid(f"{name}-5", 900, points=10, member=1))
    mall.pump(3)
    return [result.status for result in results]
