"""A till's day: who is the member, what does it cost, sold, taken back, sent late, closed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from core import clock
from core.models import ReceiptRow, Stamp, Till
from plugins.pos_bridge.models import Close
from tests.support.server import Server
from tests.support.tills import changed, sale
from tests.support.town import Shop


def key_of(body: dict[str, Any], **changes: str) -> dict[str, str]:
    return {name: body[name] for name in ("till", "business_date", "number")} | changes


def give_back(body: dict[str, Any], number: str) -> dict[str, Any]:
    """The return of the first line."""
    back = sale(number, kind="return", lines=[body["lines"][0]], total=12900, change=0, original=key_of(body))
    return back | {"tenders": [{"type": "cash", "amount": 12900}]}


def test_the_member_for_the_till(shop: Shop, server: Server) -> None:
    till = server.client(shop.keys["T01"])
    found = till.post("members:lookup", {"phone": shop.phone}).json
    assert found["member"]["id"] == shop.member_id
    assert found["member"]["phone"] == f"170****{shop.phone[-4:]}"
    assert shop.phone not in till.post("members:lookup", {"phone": shop.phone}).text
    assert till.post("members:lookup", {"id": str(shop.member_id)}).json == found
    for ref, status, code in (
        ({"phone": "17100000000"}, 404, "member_not_found"),
        ({"card": "9900000000000000"}, 404, "member_not_found"),
        ({"id": "999999999999999"}, 404, "member_not_found"),
        ({"phone": "abc"}, 422, "bad_phone"),
        ({"id": "abc"}, 422, "bad_member_id"),
        ({}, 422, "member_reference"),
    ):
        reply = till.post("members:lookup", ref)
        assert (reply.status, reply.code) == (status, code)


def test_a_quote_writes_nothing_and_holds(shop: Shop, server: Server) -> None:
    till, body, before = server.client(shop.keys["T01"]), sale(member={"phone": shop.phone}), shop.town.rows()
    basket = {name: body[name] for name in ("till", "currency", "lines", "member")}
    quote = till.post("quotes", basket).json
    assert (quote["due"], quote["points"]["earned"]) == (17800, 178)
    assert shop.town.rows() == before
    booked = till.post("receipts", body | {"quote": quote["quote"]})
    assert (booked.status, booked.json["points"]["earned"]) == (201, 178)
    other = changed(body, "/lines/0/amount", 12800) | {"number": "000124", "total": 17700, "change": 300}
    reply = till.post("receipts", other | {"quote": quote["quote"]})
    assert (reply.status, reply.code, reply.json["quote"]["due"]) == (409, "quote_changed", 17700)


def test_what_comes_back_takes_its_points_along(shop: Shop, server: Server) -> None:
    till, body = server.client(shop.keys["T01"]), sale(member={"phone": shop.phone})
    assert till.post("receipts", body).json["points"]["balance"] == 178
    back = till.post("receipts", give_back(body, "R1"))
    assert (back.status, back.json["points"]["balance"]) == (201, 49)
    more = till.post("receipts", give_back(body, "R2"))
    assert (more.status, more.code) == (409, "return_exceeds_sale")
    void = {name: body[name] for name in ("till", "business_date", "happened_at", "currency")}
    void |= {"number": "V1", "kind": "void", "original": key_of(body)}
    unclear = till.post("receipts", void)
    assert (unclear.status, unclear.code) == (409, "void_needs_tenders")
    void |= {"tenders": [{"type": "cash", "amount": 4900}], "total": 4900}
    assert till.post("receipts", void).json["points"]["balance"] == 0


def test_a_return_before_its_sale_waits(shop: Shop, server: Server) -> None:
    till, body = server.client(shop.keys["T01"]), sale(member={"phone": shop.phone})
    early = till.post("receipts", give_back(body, "R1"))
    assert (early.status, early.json["status"]) == (202, "parked")
    again = till.post("receipts", give_back(body, "R1"))
    assert (again.status, again.text, again.headers["idempotent-replayed"]) == (202, early.text, "true")
    read = till.get(f"receipts/T01/{body['business_date']}/R1")
    assert (read.status, read.text) == (202, early.text)
    assert shop.all(ReceiptRow) == []


def test_reading_back(shop: Shop, server: Server) -> None:
    till, other, body = server.client(shop.keys["T01"]), server.client(shop.keys["T02"]), sale("2026/7 ü#1")
    booked = till.post("receipts", body)
    address = f"receipts/T01/{body['business_date']}/2026/7%20%C3%BC%231"
    for reader in (till, other):
        read = reader.get(address)
        assert (read.status, read.text, read.headers["idempotent-replayed"]) == (200, booked.text, "true")
    stranger = server.client(shop.town.open_shop().keys["T01"]).get(address)
    assert (stranger.status, stranger.code) == (404, "receipt_not_found")
    assert till.get(f"receipts/T09/{body['business_date']}/1").code == "receipt_not_found"
    assert till.get("receipts/T01/2026-02-30/1").code == "bad_date"


def test_a_batch_books_what_it_can(shop: Shop, server: Server) -> None:
    till, old, first = server.client(shop.keys["T01"]), sale("old"), sale("1", member={"phone": shop.phone})
    till.post("receipts", old)
    batch = [
        first,
        sale("2", total=1),
        "no receipt",
        sale("3", till="T02"),
        old,
        old | {"coupons": ["X"]},
        give_back(first, "4"),
        changed(sale("5"), "/total", 178.5),
        first,
    ]
    results = till.post("receipts:batch", {"receipts": batch}).json["results"]
    said = [(result["status"], result.get("error", {}).get("code")) for result in results]
    assert said == [
        (201, None),
        (422, "total_mismatch"),
        (422, "wrong_type"),
        (403, "wrong_till"),
        (200, None),
        (409, "receipt_conflict"),
        (201, None),
        (422, "amount_not_integer"),
        (200, None),
    ]
    assert results[0]["answer"] == results[8]["answer"]
    assert results[6]["answer"]["points"]["balance"] == 49
    assert sorted(row.number for row in shop.all(ReceiptRow)) == ["1", "4", "old"]


def test_the_bounds_of_a_batch(shop: Shop, server: Server) -> None:
    till = server.client(shop.keys["T01"])
    assert till.post("receipts:batch", {"receipts": []}).json == {"results": []}
    full = till.post("receipts:batch", {"receipts": [sale(f"{n}") for n in range(500)]})
    assert {result["status"] for result in full.json["results"]} == {201}
    more = till.post("receipts:batch", {"receipts": [sale(f"m{n}") for n in range(501)]})
    assert (more.status, more.code, more.json["pointer"]) == (422, "too_many", "/receipts")
    assert len(shop.all(ReceiptRow)) == 500
    large = till.ask("POST", "/api/v1/pos/receipts:batch", sent=b" " * 8_000_001)
    assert (large.status, large.code) == (413, "body_too_large")


def test_a_heartbeat_is_kept_and_disturbs_nobody(shop: Shop, server: Server) -> None:
    def stamps() -> dict[str, int]:
        with shop.town.work() as uow:
            return {stamp.name: stamp.version for stamp in uow.session.query(Stamp)}

    till, before, rows = server.client(shop.keys["T01"]), stamps(), shop.town.rows()
    theirs = clock.now() - timedelta(seconds=90)
    said = till.post("heartbeat", {"at": theirs.isoformat(), "version": "5.2", "queue_length": 7}).json
    assert -95 <= said["clock_seconds"] <= -90
    [row] = [row for row in shop.all(Till) if row.code == "T01"]
    assert (row.version, row.queue_length, row.clock_seconds) == ("5.2", 7, said["clock_seconds"])
    assert row.last_seen_at is not None
    assert (stamps(), shop.town.rows()) == (before, rows)
    [other] = [row for row in shop.all(Till) if row.code == "T02"]
    assert other.last_seen_at is None
    far = till.post("heartbeat", {"at": "8999-12-31T23:59:59Z"}).json
    assert far["clock_seconds"] == 10**9


def test_a_daily_close_that_agrees(shop: Shop, server: Server) -> None:
    till, body = server.client(shop.keys["T01"]), sale()
    till.post("receipts", body)
    till.post("receipts", give_back(body, "R1"))
    server.client(shop.keys["T02"]).post("receipts", sale(till="T02"))
    said = {
        "business_date": body["business_date"],
        "sales": {"count": 1, "total": 17800},
        "returns": {"count": 1, "total": 12900},
        "tenders": [{"type": "wechat", "amount": 10000}, {"type": "cash", "amount": -5100}],
    }
    answer = till.post("close", said).json
    assert (answer["agrees"], answer["differences"]) == (True, {})
    [row] = shop.all(Close)
    assert (row.said_total, row.arrived_total, row.difference, row.times) == (4900, 4900, 0, 1)


def test_a_daily_close_that_differs_until_the_rest_arrives(shop: Shop, server: Server) -> None:
    till, first, late = server.client(shop.keys["T01"]), sale("1"), sale("2")
    till.post("receipts", first)
    said = {"business_date": first["business_date"], "sales": {"count": 2, "total": 35600}}
    assert till.post("close", said).json["differences"] == {"sales": {"count": 1, "total": 17800}}
    [row] = shop.all(Close)
    assert (row.agrees, row.difference, row.said_receipts, row.arrived_receipts) == (False, 17800, 2, 1)
    till.post("receipts", late)
    assert till.post("close", said).json["agrees"] is True
    [row] = shop.all(Close)
    assert (row.agrees, row.difference, row.times) == (True, 0, 2)


def test_a_daily_close_that_cannot_be(shop: Shop, server: Server) -> None:
    till, day, before = server.client(shop.keys["T01"]), sale()["business_date"], shop.town.rows()
    huge = {"count": 1, "total": 10**15}
    for body, code in (
        ({}, "missing_field"),
        ({"business_date": "today"}, "bad_date"),
        ({"business_date": day, "till": "T02"}, "wrong_till"),
        ({"business_date": day, "sales": {"count": 1, "total": 1.5}}, "amount_not_integer"),
        ({"business_date": day, "returns": huge, "voids": huge}, "amount_out_of_range"),
        ({"business_date": day, "tenders": [{"type": "cash", "amount": -(10**16)}]}, "number_out_of_range"),
    ):
        assert till.post("close", body).code == code
    assert shop.town.rows() == before
