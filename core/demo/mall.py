"""The demo's mall: stores of the usual trades, members, products, tills, and a few days of receipts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from importlib import import_module
from itertools import islice
from random import Random

from sqlalchemy import func, select

from core import checkout, clock, directory, scope
from core.db import Actor, UnitOfWork, unit_of_work
from core.demo.catalogue import Item, add_products
from core.demo.shopping import Shopper
from core.demo.stores import MALL, STORES, SURNAMES, TRADES, sku_of
from core.demo.wire import arrival_of
from core.errors import AtriumError, Refused
from core.house import House
from core.i18n import _
from core.models import Mall, Member, ReceiptRow, Store
from core.services import NewStore, Person, create_mall, create_store, create_till, enrol_member
from core.types import MallFacts, Receipt, ReceiptKey, StoreFacts

ACTOR = Actor("command", "demo")
TILL = "T01"
STEP = 250
PAST_DAYS = 3
RECEIPTS_A_DAY = 20
"""In each store."""
OPENING, OPEN_MINUTES = 10, 11 * 60

Step = Callable[[str, int, int], None]
"""Told what is being made, how many are done, and of how many."""


class Demo:
    """Makes the sample mall in an empty database; in one that has it, nothing is made again."""

    def __init__(self, house: House, *, stores: int, members: int, step: Step) -> None:
        self._house, self._stores, self._members, self._step = house, stores, members, step

    def fill(self) -> MallFacts:
        """The demo's mall. `Refused` in a database with a mall of somebody's own."""
        with self._work() as uow:
            found = list(uow.session.scalars(select(Mall)))
            if any(mall.name != MALL for mall in found):
                raise Refused(
                    _("There is a mall in this database already. Use another ATRIUM_HOME."), code="not_a_demo"
                )
            self._mall_id = found[0].id if found else create_mall(uow, name=MALL).id
            stores = self._open_stores(uow)
        self._enrol()
        self._fill_rooms()
        self._sell(stores)
        return directory.get(self._house.database).malls[self._mall_id]

    def _open_stores(self, uow: UnitOfWork) -> dict[int, str]:
        """Store → its trade."""
        have = {store.name: store for store in uow.session.scalars(select(Store).where(Store.mall_id == self._mall_id))}
        add_products(uow, mall_id=self._mall_id, items=_items())
        for number in range(self._stores):
            name, trade, floor, kind = STORES[number % len(STORES)]
            name = name if number < len(STORES) else f"{name} {number // len(STORES) + 1}"
            if name not in have:
                facts = NewStore(name=name, kind=kind, trade=trade, floor=floor, unit=f"{floor}-{number + 1:02d}")
                have[name] = create_store(uow, mall_id=self._mall_id, store=facts)
                create_till(uow, store_id=have[name].id, code=TILL, model="sample")
        return {store.id: store.trade for store in have.values()}

    def _enrol(self) -> None:
        known = directory.get(self._house.database)
        homes = sorted(store.id for store in known.stores.values() if store.mall_id == self._mall_id)
        with self._work() as uow:
            have = _members(uow, self._mall_id)
        for start in range(have, self._members, STEP):
            end = min(start + STEP, self._members)
            with self._work() as uow:
                for number in range(start, end):
                    person = Person(name=name_of(number), phone=phone_of(number), consent_sms=number % 3 == 0)
                    home = homes[number % len(homes)]
                    enrol_member(uow, mall_id=self._mall_id, person=person, store_id=home, source="sample")
            self._step(str(_("Members")), end, self._members)

    def _fill_rooms(self) -> None:
        """The sample rows of the modules: `fill` of their room `demo`, which changes nothing a second time."""
        host = self._house.host
        for plugin in host.ok().values():
            if (plugin.folder / "demo.py").exists() and plugin.name in host.enabled_in(self._mall_id):
                with self._work() as uow:
                    import_module(f"{plugin.package}.demo").fill(uow, mall_id=self._mall_id)

    def _sell(self, stores: dict[int, str]) -> None:
        """Receipts of the last days, in stores that have none yet."""
        known = directory.get(self._house.database)
        phones = [phone_of(number) for number in range(self._members)]
        with self._work() as uow:
            sold = set(uow.session.scalars(select(ReceiptRow.store_id).distinct()))
        for done, (store_id, trade) in enumerate(stores.items(), start=1):
            if store_id not in sold:
                past = _past(known.malls[self._mall_id], known.stores[store_id], trade=trade, phones=phones)
                while batch := list(islice(past, 100)):
                    self._take(store_id, batch)
            self._step(str(_("Receipts")), done, len(stores))

    def _take(self, store_id: int, receipts: list[Receipt]) -> None:
        till = directory.remembered(self._house.database).till_by_code[store_id, TILL]
        for result in checkout.take(
            self._house, till, arrivals=[arrival_of(receipt) for receipt in receipts], door=False
        ):
            if isinstance(result, AtriumError):
                raise result

    @contextmanager
    def _work(self) -> Iterator[UnitOfWork]:
        with scope.system_scope("sample data"), unit_of_work(self._house.database, actor=ACTOR) as uow:
            yield uow


def phone_of(number: int) -> str:
    """The phone of a sample member, in the range that samples use."""
    return f"170{number:08d}"


def name_of(number: int) -> str:
    """A name that is nobody's: a surname, and that it is a sample."""
    return f"{SURNAMES[number % len(SURNAMES)]}示例{number:04d}"


def _members(uow: UnitOfWork, mall_id: int) -> int:
    query = select(func.count(Member.id)).where(Member.mall_id == mall_id, Member.source == "sample")
    return uow.session.scalar(query) or 0


def _items() -> Iterator[Item]:
    for trade, (title, goods) in TRADES.items():
        for place, (name, price) in enumerate(goods, start=1):
            yield Item(sku_of(trade, place), name, (title,), brand="示例", price=price)


def _past(mall: MallFacts, store: StoreFacts, *, trade: str, phones: list[str]) -> Iterator[Receipt]:
    """What the store sold on the days before today, in order of time."""
    chance = Random(store.code)  # noqa: S311 - baskets, not secrets
    shopper = Shopper(chance, trade=trade, phones=phones)
    today = clock.today(mall.zone)
    for back in range(PAST_DAYS, 0, -1):
        day = today - timedelta(days=back)
        opening = datetime.combine(day, time(OPENING), clock.zone(mall.zone))
        for number, minute in enumerate(sorted(chance.choices(range(OPEN_MINUTES), k=RECEIPTS_A_DAY)), start=1):
            key = ReceiptKey(TILL, day, f"P{number:04d}")
            yield shopper.basket(key, opening + timedelta(minutes=minute))
