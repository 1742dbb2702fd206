"""Ids and codes: drawn before the write, by any number of threads and processes, and never twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from core import ids, scope
from core.db import Database, unit_of_work
from core.models import Mall, Sequence
from tests.support.books import TESTS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database.connect(database_url)
    yield opened
    opened.dispose()


def test_ids_are_drawn_once_by_threads_and_processes(database: Database) -> None:
    others = [Database.connect(database.url) for _n in range(3)]

    def draw(turn: int) -> list[int]:
        return ids.draw([database, *others][turn % 4], 7 if turn % 3 else 1)

    with ThreadPoolExecutor(8) as many:
        drawn = [number for block in many.map(draw, range(400)) for number in block]
    assert len(set(drawn)) == len(drawn)
    assert min(drawn) >= 1
    code = "import sys; from core import ids; from core.db import Database;"
    code += "print(ids.draw(Database.connect(sys.argv[1]), 5))"
    said = subprocess.run([sys.executable, "-c", code, database.url], capture_output=True, text=True, cwd=ROOT)
    assert set(json.loads(said.stdout)).isdisjoint(drawn)
    for opened in others:
        opened.dispose()


def test_ids_of_a_fork_are_its_own(database: Database) -> None:
    mine = ids.draw(database, 3)
    block = database.memory["ids"]
    database.memory["ids"] = type(block)(os.getpid() + 1, block.following, block.end)

    assert set(ids.draw(database, 3)).isdisjoint({*mine, *range(block.following, block.end)})


def test_many_ids_at_once_and_in_order(database: Database) -> None:
    drawn = ids.draw(database, 2500)
    assert drawn == sorted(set(drawn))
    assert ids.draw(database, 1)[0] > drawn[-1]


def test_ids_inside_a_unit_of_work_do_not_wait_for_it(database: Database) -> None:
    with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
        uow.session.add(Mall(code="M1", name="x", created_at=uow.now))
        uow.session.flush()
        inside = ids.draw_within(uow, 2)
    assert set(inside).isdisjoint(ids.draw(database, 2))


def test_ids_end_below_two_to_the_53(database: Database) -> None:
    with database.writer.begin() as connection:
        connection.execute(Sequence.__table__.insert(), {"name": "ids", "next_value": 2**53 - 10})
    with pytest.raises(DBAPIError, match="53_bits"):
        ids.draw(database, 1)


def test_codes_are_never_given_twice(database: Database) -> None:
    def code(_turn: int) -> str:
        with scope.system_scope("tests"), unit_of_work(database, actor=TESTS) as uow:
            return ids.next_code(uow, prefix="S", name="code:x")

    with ThreadPoolExecutor(6) as many:
        codes = list(many.map(code, range(24)))
    assert sorted(codes) == [f"S{n:04d}" for n in range(1, 25)]
