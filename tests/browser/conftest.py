"""A real Chromium in front of a real server: one back office, shared by all tests here."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support import databases
from tests.support.databases import Run
from tests.support.office import Office, furnish
from tests.support.server import Server, serving

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def office(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A mall with people in it."""
    folder: Path = tmp_path_factory.mktemp("office")
    made = furnish(databases.fresh_sqlite(run, folder), folder / "home")
    yield made
    made.town.house.database.dispose()


@pytest.fixture(scope="session")
def server(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """It, served."""
    with serving(office.town.environment, log=tmp_path_factory.mktemp("server") / "log") as running:
        yield running


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; nothing is downloaded."""
    path = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    options: dict[str, Any] = {"executable_path": path, "args": ["--no-sandbox"]}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**options)
        yield browser
        browser.close()
