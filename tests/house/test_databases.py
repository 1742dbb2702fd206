"""The ground the tests stand on: a real PostgreSQL, shared by the run, and databases that do not touch each other."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from tests.support import databases, postgres
from tests.support.databases import Run


def plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


@pytest.mark.postgres
def test_a_copy_of_a_database_is_a_world_of_its_own(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def one_table(url: str) -> None:
        with psycopg.connect(plain(url)) as connection:
            connection.execute("create table thing (id int primary key)")

    own = Run(tmp_path, run.owner, databases.server_url(run))
    monkeypatch.setattr(databases, "migrate", one_table)
    monkeypatch.setattr(Run, "token", property(lambda self: f"atrium_test_copy_{self.owner}_{os.getpid()}"))
    with databases.fresh_postgres(own) as first, databases.fresh_postgres(own) as second:
        with psycopg.connect(plain(first)) as connection:
            connection.execute("insert into thing values (1)")
        with psycopg.connect(plain(second)) as connection:
            assert connection.execute("select count(*) from thing").fetchone() == (0,)

    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(plain(first))
    databases.leave(own, last=True)


@pytest.mark.postgres
def test_postgres_is_as_durable_as_the_suite_demands(run: Run) -> None:
    with psycopg.connect(plain(databases.server_url(run))) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"show {setting}").fetchone() == ("on",)


@pytest.mark.postgres
def test_the_server_ends_with_the_process_that_needed_it(run: Run) -> None:
    folder = Path(tempfile.mkdtemp(dir=run.folder))
    folder.chmod(0o711)
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as owner:
        try:
            url = postgres.started(folder, owner.pid)
            psycopg.connect(plain(url)).close()
        finally:
            owner.kill()

    deadline = time.monotonic() + postgres.STOPPED_IN
    while (folder / "postgres").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not (folder / "postgres").exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(plain(url))


def test_a_server_that_did_not_start_says_why_and_is_not_tried_again(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "failed").touch()
    (tmp_path / "postgres" / "keeper.log").write_text("no room on the disk")

    with pytest.raises(postgres.NoPostgres, match="no room on the disk"):
        postgres.started(tmp_path, os.getpid())


def test_without_postgres_tests_fail(tmp_path: Path) -> None:
    nowhere = Run(tmp_path, 0, "postgresql://nobody@127.0.0.1:1/none")

    with pytest.raises(psycopg.OperationalError), databases.fresh_postgres(nowhere):
        pass


def test_a_copied_sqlite_file_holds_what_the_log_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def one_table(url: str) -> None:
        path = make_url(url).database
        assert path is not None
        connection = sqlite3.connect(path)
        connection.execute("pragma journal_mode=wal")
        connection.execute("create table thing (id integer primary key)")
        connection.close()

    monkeypatch.setattr(databases, "migrate", one_table)
    (tmp_path / "mine").mkdir()
    url = databases.fresh_sqlite(Run(tmp_path, 0), tmp_path / "mine")
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from thing")).scalar_one() == 0
    engine.dispose()


def test_a_migrated_database_is_ready(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from core_mall")).scalar_one() == 0
    engine.dispose()


def test_each_test_gets_its_own(database_url: str) -> None:
    engine = create_engine(database_url)
    with engine.begin() as connection:
        assert connection.execute(text("select count(*) from ab_role where name = 'mine'")).scalar_one() == 0
        connection.execute(text("insert into ab_role (id, name) values (9999, 'mine')"))
    engine.dispose()


def test_and_another_its_own_again(database_url: str) -> None:
    test_each_test_gets_its_own(database_url)
