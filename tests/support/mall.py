"""A mall to send receipts to, without HTTP: two stores, three tills, members; and what its books say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Executable, func, make_url, select

from core import checkout, directory, enablement, events, scope
from core.checkout import Arrival
from core.config import Config
from core.db import Actor, Database, Model, UnitOfWork, unit_of_work
from core.host import Host
from core.house import BUILTIN, House, open_house
from core.models import Account, Entry, Posting
from core.services import NewStore, Person, create_mall, create_store, create_till, enrol_member
from core.types import Place, TillFacts
from plugins.loyalty.models import Lot

TESTS = Actor("command", "tests")
POINTS = "loyalty"


@dataclass
class Shop:
    """The mall. `tills` by code: T01 and T02 stand in the first store, T21 in the second."""

    house: House
    mall_id: int
    stores: tuple[int, ...]
    tills: dict[str, int]
    members: list[int] = field(default_factory=list)

    @property
    def database(self) -> Database:
        return self.house.database

    @property
    def host(self) -> Host:
        return self.house.host

    # --- at the till ----------------------------------------------------------------------------------------------

    def till(self, code: str = "T01") -> TillFacts:
        """The till as the next request sees it."""
        return directory.get(self.database).tills[self.tills[code]]

    def take(self, *arrivals: Arrival, till: str = "T01", door: bool = True) -> list[Any]:
        """Send a batch; answers and refusals, in order."""
        return checkout.take(self.house, self.till(till), arrivals=arrivals, door=door)

    def send(self, arrival: Arrival, **how: Any) -> Any:
        """Send one receipt; its answer or its refusal."""
        (result,) = self.take(arrival, **how)
        return result

    def pump(self, times: int = 1) -> int:
        """Deliver what is due in the outbox; returns how many rows were dealt with."""
        return sum(events.pump(self.database, self.host, worker="tests") for _n in range(times))

    # --- at the desk ----------------------------------------------------------------------------------------------

    @contextmanager
    def work(self) -> Iterator[UnitOfWork]:
        """One unit of work that sees everything."""
        with scope.system_scope("tests"), unit_of_work(self.database, actor=TESTS) as uow:
            yield uow

    def enrol(self, count: int = 1) -> list[int]:
        """More members, with sample names and numbers."""
        with self.work() as uow:
            start = len(self.members)
            people = [Person(f"Sample {n}", f"170{n:08d}") for n in range(start, start + count)]
            new = [enrol_member(uow, mall_id=self.mall_id, person=person).id for person in people]
        self.members += new
        return new

    def switch(self, plugin: str, on: bool | None, *, store: int = 0) -> None:
        """Switch a plugin for a store, or for the mall."""
        with self.work() as uow:
            enablement.switch(uow, host=self.host, plugin=plugin, place=Place(self.mall_id, store), on=on)

    # --- in the books ---------------------------------------------------------------------------------------------

    def count(self, model: type[Model], **criteria: Any) -> int:
        """How many rows a table has."""
        return int(self.ask(select(func.count()).select_from(model).filter_by(**criteria)))

    def ask(self, query: Executable) -> Any:
        """One value."""
        with scope.system_scope("tests"), self.database.session() as session:
            return session.scalar(query)

    def all(self, query: Executable) -> list[Any]:
        """All rows; single columns as values."""
        with scope.system_scope("tests"), self.database.session() as session:
            rows = session.execute(query).all()
        return [row[0] if len(row) == 1 else tuple(row) for row in rows]

    def balance(self, member: int, name: str = POINTS) -> int:
        """What the member's account says."""
        found = self.ask(select(Account.balance).filter_by(owner="member", owner_id=member, name=name))
        return int(found or 0)

    def entries(self) -> list[str]:
        """The kinds of all entries, in order."""
        return self.all(select(Entry.kind).order_by(Entry.id))

    def close(self) -> None:
        """Close all connections."""
        self.database.dispose()


def open_shop(url: str, home: Path, *, plugins: Iterable[str] = BUILTIN, members: int = 1) -> Shop:
    """Open the migrated database at `url` with keys of its own and these plugins, and make the mall."""
    opened = open_at(url, home, plugins=plugins)
    with scope.system_scope("tests"), unit_of_work(opened.database, actor=TESTS) as uow:
        mall = create_mall(uow, name="Sample mall")
        stores = [create_store(uow, mall_id=mall.id, store=NewStore(name)).id for name in ("Tea house", "Toys")]
        places = (("T01", stores[0]), ("T02", stores[0]), ("T21", stores[1]))
        tills = {code: create_till(uow, store_id=store, code=code)[0].id for code, store in places}
    shop = Shop(opened, mall.id, tuple(stores), tills)
    shop.enrol(members)
    return shop


def open_at(url: str, home: Path, *, plugins: Iterable[str] = BUILTIN) -> House:
    """Open the house on a database that is there; also the way in for a second process."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        Path(str(parsed.database)).chmod(0o600)
    config = Config.load({"ATRIUM_HOME": str(home), "ATRIUM_DATABASE_URL": url})
    config.prepare()
    return open_house(config, plugins)


# --- what must hold of any books ----------------------------------------------------------------------------------


def expect_sound(shop: Shop) -> None:
    """Sums are zero, kept balances are what the postings add up to, lots hold what their members' accounts say."""
    unbalanced = select(Posting.entry_id).group_by(Posting.entry_id, Posting.unit).having(func.sum(Posting.amount) != 0)
    assert shop.all(unbalanced) == []
    assert rebuilt(shop) == kept(shop)
    assert lots(shop) == {owner: value for (name, owner), value in kept(shop).items() if name == POINTS and value}


def kept(shop: Shop) -> dict[tuple[str, int], int]:
    """The running balances of accounts that keep one: (name, owner) → balance."""
    query = select(Account.name, Account.owner_id, Account.balance).where(Account.balance.is_not(None))
    return {(name, owner): int(balance) for name, owner, balance in shop.all(query)}


def rebuilt(shop: Shop) -> dict[tuple[str, int], int]:
    """The same balances, added up from the postings."""
    query = (
        select(Account.name, Account.owner_id, func.coalesce(func.sum(Posting.amount), 0))
        .outerjoin(Posting, Posting.account_id == Account.id)
        .where(Account.balance.is_not(None))
        .group_by(Account.name, Account.owner_id)
    )
    return {(name, owner): int(amount) for name, owner, amount in shop.all(query)}


def lots(shop: Shop) -> dict[int, int]:
    """What is left in each member's lots, where anything is."""
    query = select(Lot.member_id, func.sum(Lot.remaining)).group_by(Lot.member_id).having(func.sum(Lot.remaining) != 0)
    return {member: int(left) for member, left in shop.all(query)}
