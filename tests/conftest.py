"""Fixtures of every test: databases of both kinds, the reference material beside the checkout.

One PostgreSQL serves a whole run, all xdist workers included. `ATRIUM_TEST_DATABASE_URL` points the tests at another
server (its user must be allowed to create databases). Without either, tests that need one fail; none is skipped.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import databases, postgres
from tests.support.databases import Run

ROOT = Path(__file__).resolve().parent.parent
RUN = pytest.StashKey[Run]()

# Timing belongs to `make bench`; here a slow machine must not fail a test.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("torture", parent=settings.get_profile("default"), max_examples=5_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


# --- one run, many workers --------------------------------------------------------------------------------------


def pytest_configure(config: pytest.Config) -> None:
    given = os.environ.get("ATRIUM_TEST_DATABASE_URL")
    shared: dict[str, Any] | None = getattr(config, "workerinput", None)
    if shared is not None:
        config.stash[RUN] = Run(Path(shared["atrium_folder"]), shared["atrium_owner"], given)
    else:
        folder = tempfile.mkdtemp(prefix="atrium-")
        os.chmod(folder, 0o711)  # noqa: S103 - PostgreSQL's own user must pass through to its folder
        config.stash[RUN] = Run(Path(folder), os.getpid(), given)
    _forget_settings(config.stash[RUN])


def pytest_configure_node(node: Any) -> None:
    """Called by xdist in the first process for each worker: tell it where the run lives."""
    run = node.config.stash[RUN]
    node.workerinput["atrium_folder"] = str(run.folder)
    node.workerinput["atrium_owner"] = run.owner


def pytest_unconfigure(config: pytest.Config) -> None:
    run = config.stash.get(RUN, None)
    if run is None:
        return
    last = not hasattr(config, "workerinput")
    databases.leave(run, last=last)
    if last:
        postgres.stop(run.folder)
        shutil.rmtree(run.folder, ignore_errors=True)


def _forget_settings(run: Run) -> None:
    """A developer's own settings and files must not reach the tests, nor tests them."""
    for name in [name for name in os.environ if name.startswith("ATRIUM_") and not name.startswith("ATRIUM_TEST_")]:
        del os.environ[name]
    os.environ["ATRIUM_HOME"] = str(run.folder / "home")


# --- databases --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """This test run: its shared folder and its PostgreSQL."""
    return pytestconfig.stash[RUN]


@pytest.fixture
def sqlite_url(run: Run, tmp_path: Path) -> str:
    """A fresh migrated SQLite database."""
    return databases.fresh_sqlite(run, tmp_path)


@pytest.fixture
def postgres_url(run: Run) -> Iterator[str]:
    """A fresh migrated PostgreSQL database."""
    with databases.fresh_postgres(run) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh migrated database; the test runs once on each kind."""
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest, run: Run, tmp_path: Path) -> Iterator[str]:
    """A database with nothing in it, for tests of migrations; the test runs once on each kind."""
    if request.param == "sqlite":
        yield databases.fresh_sqlite(run, tmp_path, migrated=False)
    else:
        with databases.fresh_postgres(run, migrated=False) as url:
            yield url


# --- beside the checkout ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of requirements, samples and floors beside the checkout; only machines of the project have it."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("needs ../shared")
    return folder
