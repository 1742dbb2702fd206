"""Accounts as the ledger opens them: each is queued for its seal, once, with the booking that opened it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from core import ledger
from core.db import UnitOfWork
from core.errors import Refused
from core.ledger import Occasion
from core.ledger.accounts import Accounts
from core.models import Account, Seal, Unsealed
from core.seal.live import verify_live
from core.seal.sealer import seal_all
from core.types import AccountRef, Answer, Transfer
from tests.support.arrivals import paid, sale, today
from tests.support.mall import Shop, open_at

HELD = AccountRef("sample.held", "member", 1, "sample")
GIVEN = AccountRef("sample.given", "mall", 1, "sample")


def queued(shop: Shop) -> list[int]:
    return sorted(shop.all(select(Unsealed.id).where(Unsealed.kind == "account")))


def opened(shop: Shop) -> list[int]:
    return sorted(shop.all(select(Account.id)))


def test_every_account_that_receipts_open_is_queued_once_and_sealed(shop: Shop) -> None:
    shop.enrol(2)
    shop.take(sale("1", 1000, member=1), sale("2", 2000, member=2), sale("3", 100, member=1))
    shop.send(paid("4", 500, points=5, member=1))

    assert queued(shop) == opened(shop)
    assert shop.all(select(Account.owner_id).where(Account.owner == "member").order_by(Account.owner_id)) == [1, 2]
    seal_all(shop.database, shop.house.vault)
    shop.send(sale("5", 2000, member=2))
    assert queued(shop) == []
    assert sorted(shop.all(select(Seal.record_id).where(Seal.kind == "account"))) == opened(shop)
    assert verify_live(shop.database, shop.house.vault)["problems"] == []


def test_an_account_wanted_by_many_at_once_is_opened_and_queued_once(shop: Shop) -> None:
    others = [open_at(shop.database.url, shop.house.config.home) for _ in range(4)]

    def prepare(number: int) -> None:
        database = others[number % 4].database
        database.memory.pop("fixed_accounts", None)
        Accounts(database, shop.mall_id, {}).prepare([GIVEN])

    with ThreadPoolExecutor(4) as many:
        list(many.map(prepare, range(16)))
    for other in others:
        other.database.dispose()

    assert len(opened(shop)) == 1
    assert queued(shop) == opened(shop)


def give(uow: UnitOfWork, *, refuse: bool = False) -> None:
    occasion = Occasion(mall_id=1, reference="sample:1", business_date=today())
    ledger.post(uow, Transfer("sample.give", GIVEN, HELD, 5), occasion=occasion)
    if refuse:
        raise Refused()


def test_an_account_whose_booking_is_taken_back_is_not_queued(shop: Shop) -> None:
    with pytest.raises(Refused), shop.work() as uow:
        give(uow, refuse=True)

    assert (opened(shop), queued(shop)) == ([], [])


def test_services_open_accounts_with_their_seal_too(shop: Shop) -> None:
    with shop.work() as uow:
        give(uow)

    assert len(opened(shop)) == 2
    assert queued(shop) == opened(shop)


def test_an_account_that_slipped_past_the_queue_is_named(shop: Shop) -> None:
    result = shop.send(sale("1", 1000, member=1))
    assert isinstance(result, Answer)
    seal_all(shop.database, shop.house.vault)
    (account,) = shop.all(select(Account.id).where(Account.owner == "member"))
    with shop.database.writer.begin() as connection:
        row = connection.execute(select(Account.__table__).where(Account.id == account)).one()._asdict()
        connection.execute(Account.__table__.insert(), [row | {"id": account + 1, "owner_id": 77, "balance": 0}])

    found = verify_live(shop.database, shop.house.vault)["problems"]
    assert [(p["code"], p["kind"], p["id"]) for p in found] == [("row_unqueued", "account", account + 1)]
