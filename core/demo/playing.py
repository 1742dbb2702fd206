"""Tills that never sleep: they send receipts to a serving demo over HTTP, as real ones would."""

from __future__ import annotations

import json
import logging
import threading
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from random import Random
from urllib.parse import urlsplit

from sqlalchemy import func, select

from core import clock, scope
from core.db import unit_of_work
from core.demo.mall import ACTOR, TILL, phone_of
from core.demo.shopping import Shopper
from core.demo.stores import TRADES
from core.demo.wire import body_of
from core.house import House
from core.models import Mall, Member, Store, Till
from core.services import rotate_key
from core.types import Receipt, ReceiptKey

log = logging.getLogger(__name__)
PACE = 0.7
"""Seconds between two receipts, more or less."""
BACK = 0.05
"""How many receipts are returns."""
RETRY = 3.0
"""Seconds to wait when nobody answers."""


@dataclass
class PlayedTill:
    """One till with its key, and its last sale, which may come back."""

    key: str
    zone: str
    shopper: Shopper
    last: Receipt | None = None
    count: int = 0

    def receipt(self, chance: Random) -> Receipt:
        """The next receipt: nearly always a sale."""
        now = clock.now().astimezone(clock.zone(self.zone)).replace(microsecond=0)
        self.count += 1
        key = ReceiptKey(TILL, now.date(), f"{now:%H%M%S}{self.count:04d}")
        if self.last is not None and chance.random() < BACK:
            sale, self.last = self.last, None
            return self.shopper.brought_back(sale, key, happened_at=now)
        self.last = self.shopper.basket(key, now)
        return self.last


@dataclass
class Playing:
    """All tills of the demo in turn, until `stop` is set."""

    house: House
    address: str
    stop: threading.Event = field(default_factory=threading.Event)
    chance: Random = field(default_factory=Random)

    def run(self) -> None:
        """Send receipts; a till that is refused goes on with the next one, as people do."""
        tills = self._tills()
        if not tills:
            return
        while not self.stop.wait(self.chance.uniform(0.5, 1.5) * PACE):
            till = self.chance.choice(tills)
            try:
                self._send(till, till.receipt(self.chance))
            except (OSError, HTTPException) as error:
                log.info("no answer: %s", error)
                self.stop.wait(RETRY)

    def _tills(self) -> list[PlayedTill]:
        """Every sample till with a new key: the ones before were shown to nobody."""
        with scope.system_scope("sample tills"), unit_of_work(self.house.database, actor=ACTOR) as uow:
            members = select(func.count(Member.id)).where(Member.source == "sample")
            phones = [phone_of(number) for number in range(uow.session.scalar(members) or 0)]
            query = select(Till.id, Store.trade, Mall.zone).join(Store, Till.store_id == Store.id)
            query = query.join(Mall, Mall.id == Store.mall_id).where(Till.model == "sample", Till.state == "active")
            return [
                PlayedTill(rotate_key(uow, till_id=till_id)[1], zone, self._shopper(trade, phones))
                for till_id, trade, zone in uow.session.execute(query).all()
                if trade in TRADES
            ]

    def _shopper(self, trade: str, phones: list[str]) -> Shopper:
        return Shopper(self.chance, trade=trade, phones=phones)

    def _send(self, till: PlayedTill, receipt: Receipt) -> None:
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=10)
        headers = {"Authorization": f"Bearer {till.key}", "Content-Type": "application/json"}
        try:
            connection.request("POST", "/api/v1/pos/receipts", json.dumps(body_of(receipt)), headers)
            answer = connection.getresponse()
            if answer.status >= 400:
                log.warning("refused with %s: %s", answer.status, answer.read(500))
        finally:
            connection.close()
