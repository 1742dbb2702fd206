"""The mall that is measured: one store per client, many members made in bulk, all through the suite's own models."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from core import clock, scope
from core.config import Config
from core.db import Actor, unit_of_work
from core.house import House, open_house
from core.migrations import upgrade_all
from core.models import Member
from core.services import NewStore, create_mall, create_store, create_till
from core.vault import Aad, new_uid
from tests.support import databases
from tests.support.databases import Run

BENCH = Actor("command", "bench")
MEMBERS = 20_000


@dataclass(frozen=True)
class Bench:
    """An open house to be measured, with a till and its key for each client."""

    house: House
    mall_id: int
    store_ids: tuple[int, ...]
    keys: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        """The settings under which a server opens the same house."""
        config = self.house.config
        return {"ATRIUM_HOME": str(config.home), "ATRIUM_DATABASE_URL": config.database_url}


def phone_of(number: int) -> str:
    """The telephone of the member with this number."""
    return f"170{number:08d}"


@contextmanager
def town(run: Run, kind: str, *, clients: int = 4, members: int = MEMBERS) -> Iterator[Bench]:
    """A fresh house on 'sqlite' or 'postgres' with `clients` tills and `members` members."""
    folder = Path(tempfile.mkdtemp(prefix="atrium-bench-"))
    try:
        if kind == "sqlite":
            yield _open(databases.fresh_sqlite(run, folder), folder, clients=clients, members=members)
        else:
            with databases.fresh_postgres(run) as url:
                yield _open(url, folder, clients=clients, members=members)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _open(url: str, folder: Path, *, clients: int, members: int) -> Bench:
    upgrade_all(url)
    config = Config.load({"ATRIUM_HOME": str(folder / "home"), "ATRIUM_DATABASE_URL": url})
    config.prepare()
    house = open_house(config)
    with scope.system_scope("bench"), unit_of_work(house.database, actor=BENCH) as uow:
        mall = create_mall(uow, name="Bench")
        stores = [create_store(uow, mall_id=mall.id, store=NewStore(f"Store {n}")) for n in range(clients)]
        keys = [create_till(uow, store_id=store.id, code="T01")[1] for store in stores]
        mall_id, store_ids = mall.id, tuple(store.id for store in stores)
    for start in range(0, members, 10_000):
        _enrol(house, mall_id, numbers=range(start, min(start + 10_000, members)))
    with house.database.direct.connect() as connection:
        connection.exec_driver_sql("analyze")  # the server's own housekeeping would come a minute later
    house.database.dispose()
    return Bench(house, mall_id, store_ids, tuple(keys))


def _enrol(house: House, mall_id: int, *, numbers: Sequence[int]) -> None:
    rows = [_member(house, mall_id, number=number) for number in numbers]
    with house.database.writer.begin() as connection:
        connection.execute(insert(Member.__table__), rows)


def _member(house: House, mall_id: int, *, number: int) -> dict[str, Any]:
    keys, uid, phone = house.vault, new_uid(), f"+86{phone_of(number)}"
    person_key = keys.new_person_key()
    return {
        "uid": uid,
        "mall_id": mall_id,
        "person_key": person_key,
        "name": f"Sample {number}",
        "phone_sealed": keys.seal(phone, aad=Aad(mall_id, "core_member", "phone_sealed", uid), key=person_key),
        "phone_index": keys.index(phone, mall=mall_id, field="phone"),
        "phone_tail": keys.tail(phone, mall=mall_id, field="phone"),
        "phone_masked": "170****" + phone[-4:],
        "joined_on": date(2026, 1, 1),
        "created_at": clock.now(),
    }
