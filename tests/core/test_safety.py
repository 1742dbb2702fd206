"""A database that may forget what it confirmed is refused before anything is booked in it."""

import psycopg
import pytest
from sqlalchemy import make_url

from core import safety
from core.db import Database
from core.errors import UnsafeSetting

SAFE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "server_version": "18.4",
    "server_version_num": "180004",
    "server_encoding": "UTF8",
}


def test_the_databases_of_these_tests_are_safe(database_url: str) -> None:
    database = Database.connect(database_url)

    safety.check_database(database)
    database.dispose()


def test_postgresql_that_confirms_too_early_is_refused(postgres_url: str) -> None:
    plain = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(plain.render_as_string(hide_password=False), autocommit=True) as connection:
        connection.execute(f'alter database "{plain.database}" set synchronous_commit = off')
    database = Database.connect(postgres_url)

    with pytest.raises(UnsafeSetting, match="synchronous_commit is off"):
        safety.check_database(database)
    database.dispose()


@pytest.mark.parametrize(
    ("setting", "value", "says"),
    [
        ("fsync", "off", "alter system set fsync = on"),
        ("full_page_writes", "off", "alter system set full_page_writes = on"),
        ("server_version_num", "140010", "Version 15 or newer"),
        ("server_encoding", "SQL_ASCII", "createdb -E UTF8"),
    ],
)
def test_each_fault_says_how_to_mend_it(setting: str, value: str, says: str) -> None:
    (fault,) = safety.postgresql_faults(SAFE | {setting: value})

    assert says in fault.into("en")


def test_a_standby_that_confirms_is_as_good() -> None:
    assert list(safety.postgresql_faults(SAFE | {"synchronous_commit": "remote_apply"})) == []
