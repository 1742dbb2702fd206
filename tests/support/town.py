"""A mall to send receipts to, with a store of one's own for each test; and the house it stands in."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select

from core import audit, scope
from core.config import Config
from core.db import Actor, Model, UnitOfWork, unit_of_work
from core.house import House, open_house
from core.models import ReceiptRow
from core.services import NewStore, Person, create_mall, create_store, create_till, enrol_member

TESTS = Actor("command", "tests")


@dataclass(frozen=True)
class Town:
    """A mall in a house that is open in this process; other processes open it by `environment`."""

    house: House
    mall_id: int

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """One unit of work that sees everything."""
        with scope.system_scope("tests"), unit_of_work(self.house.database, actor=TESTS) as uow:
            yield uow

    def rows(self) -> dict[str, int]:
        """Rows of every table: what a refused request must leave as it was."""
        with self.house.database.reader.connect() as connection:
            there = set(inspect(connection).get_table_names())  # other tests' samples may be known, but have no table
            tables = [table for table in Model.metadata.sorted_tables if table.name in there]
            return {t.name: connection.scalar(select(func.count()).select_from(t)) or 0 for t in tables}

    def open_shop(self) -> Shop:
        """A new store with two tills, T01 and T02, and a new member."""
        phone = f"170{secrets.randbelow(10**8):08d}"
        with self.work() as uow:
            store = create_store(uow, mall_id=self.mall_id, store=NewStore("Sample store"))
            made = [create_till(uow, store_id=store.id, code=code) for code in ("T01", "T02")]
            member = enrol_member(uow, mall_id=self.mall_id, person=Person("Sample", phone))
            tills, keys = {till.code: till.id for till, _key in made}, {till.code: key for till, key in made}
            return Shop(self, store.id, tills, keys, member.id, phone)

    @property
    def environment(self) -> dict[str, str]:
        """The settings under which another process opens the same house."""
        config = self.house.config
        return {"ATRIUM_HOME": str(config.home), "ATRIUM_DATABASE_URL": config.database_url}


@dataclass(frozen=True)
class Shop:
    """One store of a town, for one test: nobody else's receipts are in it. Ids and keys of its tills by code."""

    town: Town
    store_id: int
    tills: dict[str, int]
    keys: dict[str, str]
    member_id: int
    phone: str

    def all(self, model: type[Any]) -> list[Any]:
        """This store's rows of a table that knows its store."""
        with self.town.work() as uow:
            return list(uow.session.scalars(select(model).where(model.store_id == self.store_id)))

    def parts(self, model: type[Any]) -> int:
        """How many lines or tenders this store's receipts have."""
        with self.town.work() as uow:
            own = select(func.count()).select_from(model).join(ReceiptRow, ReceiptRow.id == model.receipt_id)
            return int(uow.session.scalar(own.where(ReceiptRow.store_id == self.store_id)) or 0)


def build(url: str, home: Path) -> Town:
    """Open the database at `url` with keys of its own in `home`, and make a mall in it."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).chmod(0o600)
    config = Config.load({"ATRIUM_HOME": str(home), "ATRIUM_DATABASE_URL": url})
    config.prepare()
    house = open_house(config)
    audit.install(house.database)
    with scope.system_scope("tests"), unit_of_work(house.database, actor=TESTS) as uow:
        return Town(house, create_mall(uow, name="Sample mall").id)
