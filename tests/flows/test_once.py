"""A receipt counts once: sent a hundred times at once, sent again with other contents, sent to every process."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from core.models import ReceiptConflict, ReceiptLine, ReceiptRow, ReceiptTender
from tests.support.server import Server
from tests.support.tills import sale
from tests.support.town import Shop

REPLAYED = "idempotent-replayed"


def test_the_same_receipt_a_hundred_times_at_once(shop: Shop, server: Server) -> None:
    till, body = server.client(shop.keys["T01"]), sale(member={"phone": shop.phone})
    with ThreadPoolExecutor(16) as many:
        replies = list(many.map(lambda _n: till.post("receipts", body), range(100)))
    assert sorted(reply.status for reply in replies) == [200] * 99 + [201]
    assert len({reply.text for reply in replies}) == 1
    assert sum(reply.headers.get(REPLAYED) == "true" for reply in replies) == 99
    assert all(REPLAYED not in reply.headers for reply in replies if reply.status == 201)
    assert replies[0].json["points"]["earned"] == 178
    assert (len(shop.all(ReceiptRow)), shop.parts(ReceiptLine), shop.parts(ReceiptTender)) == (1, 2, 2)
    assert till.post("members:lookup", {"phone": shop.phone}).json["points"]["usable"] == 178


def test_a_hundred_receipts_at_once_are_a_hundred(shop: Shop, server: Server) -> None:
    till = server.client(shop.keys["T01"])
    bodies = [sale(f"{n:06d}", member={"phone": shop.phone}) for n in range(100)]
    with ThreadPoolExecutor(16) as many:
        replies = list(many.map(lambda body: till.post("receipts", body), bodies))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["receipt_id"] for reply in replies}) == len(shop.all(ReceiptRow)) == 100
    assert till.post("members:lookup", {"phone": shop.phone}).json["points"]["usable"] == 17800


def test_other_contents_under_the_same_number(shop: Shop, server: Server) -> None:
    till, body = server.client(shop.keys["T01"]), sale()
    first = till.post("receipts", body)
    other = till.post("receipts", body | {"tenders": [{"type": "cash", "amount": 18000}]})
    assert (first.status, other.status, other.code) == (201, 409, "receipt_conflict")
    assert till.post("receipts", body).text == first.text
    [listed] = shop.all(ReceiptConflict)
    assert (listed.number, listed.till_code, listed.receipt_id) == ("000123", "T01", first.json["receipt_id"])
    assert len(shop.all(ReceiptRow)) == 1


def test_order_and_spaces_are_the_same_receipt(shop: Shop, server: Server) -> None:
    till, body = server.client(shop.keys["T01"]), sale()
    first = till.post("receipts", body)
    backwards = json.dumps(dict(reversed(body.items())), indent=2, ensure_ascii=False).encode()
    again = till.ask("POST", "/api/v1/pos/receipts", sent=backwards)
    assert (again.status, again.text) == (200, first.text)


def test_the_same_number_elsewhere_is_another_receipt(shop: Shop, server: Server) -> None:
    other = shop.town.open_shop()
    replies = [
        server.client(shop.keys["T01"]).post("receipts", sale()),
        server.client(shop.keys["T02"]).post("receipts", sale(till="T02")),
        server.client(other.keys["T01"]).post("receipts", sale()),
    ]
    assert [reply.status for reply in replies] == [201, 201, 201]
    assert len({reply.json["receipt_id"] for reply in replies}) == 3
