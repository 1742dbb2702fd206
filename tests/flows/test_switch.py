"""Off means off, in every process of the server, as soon as the switch is committed; other stores notice nothing."""

from __future__ import annotations

from core import enablement
from core.models import ReceiptRow
from core.services import rotate_key
from core.types import Place
from tests.support.server import Server
from tests.support.tills import sale
from tests.support.town import Shop

EVERY_PROCESS = 24  # requests, so that each of the three has had some


def switch(shop: Shop, plugin: str, *, on: bool | None) -> None:
    with shop.town.work() as uow:
        host, mall_id = shop.town.house.host, shop.town.mall_id
        enablement.switch(uow, host=host, plugin=plugin, place=Place(mall_id, shop.store_id), on=on)


def test_tills_off_in_one_store(shop: Shop, server: Server) -> None:
    other = shop.town.open_shop()
    till, neighbour = server.client(shop.keys["T01"]), server.client(other.keys["T01"])
    body = sale()
    first = till.post("receipts", body)
    switch(shop, "pos_bridge", on=False)
    for number in range(EVERY_PROCESS):
        off = till.post("receipts", sale(f"{number}"))
        assert (off.status, off.code) == (404, "not_found")
        assert neighbour.post("receipts", sale(f"{number}")).status == 201
    assert len(shop.all(ReceiptRow)) == 1
    switch(shop, "pos_bridge", on=True)
    for _each in range(EVERY_PROCESS):
        assert till.post("receipts", body).text == first.text


def test_points_off_in_one_store(shop: Shop, server: Server) -> None:
    till = server.client(shop.keys["T01"])
    assert till.post("receipts", sale("before", member={"phone": shop.phone})).json["points"]["earned"] == 178
    switch(shop, "loyalty", on=False)
    for number in range(EVERY_PROCESS):
        sold = till.post("receipts", sale(f"{number}", member={"phone": shop.phone}))
        assert (sold.status, sold.json["points"]["earned"]) == (201, 0)
    switch(shop, "loyalty", on=None)
    after = till.post("receipts", sale("after", member={"phone": shop.phone}))
    assert after.json["points"]["balance"] == 2 * 178


def test_a_new_key_ends_the_old_one(shop: Shop, server: Server) -> None:
    with shop.town.work() as uow:
        _till, key = rotate_key(uow, till_id=shop.tills["T01"])
    for number in range(EVERY_PROCESS):
        assert server.client(shop.keys["T01"]).post("receipts", sale(f"{number}")).status == 401
        assert server.client(key).post("receipts", sale(f"{number}")).status == 201
