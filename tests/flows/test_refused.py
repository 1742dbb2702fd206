"""What a till must not send: each mistake has a code of its own, and nothing at all is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.services import close_store, revoke_till
from tests.support.server import Reply, Server
from tests.support.tills import changed, days_ago, sale
from tests.support.town import Shop

Case = tuple[str, int, str, str]
TOTAL = '"total": 17800'


def text_of(pointer: str, value: Any) -> str:
    return json.dumps(changed(sale("bad"), pointer, value), ensure_ascii=False)


def mistakes() -> list[Case]:
    """Body, status, code, pointer."""
    whole = json.dumps(sale("bad"), ensure_ascii=False)
    other = {"till": "T01", "business_date": "2026-01-01", "number": "1"}
    tender = [{"type": "cash", "amount": 17700}]
    return [
        (text_of("/total", 178.0), 422, "amount_not_integer", "/total"),
        (text_of("/lines/0/amount", 12900.5), 422, "amount_not_integer", "/lines/0/amount"),
        (text_of("/total", "17800"), 422, "amount_not_integer", "/total"),
        (text_of("/total", float("nan")), 400, "number_not_finite", "/total"),
        (text_of("/tenders/0/amount", float("inf")), 400, "number_not_finite", "/tenders/0/amount"),
        (text_of("/total", "１７８００"), 422, "digits_not_ascii", "/total"),
        (whole.replace(TOTAL, '"total": １７８００'), 400, "digits_not_ascii", ""),
        (text_of("/lines/1/qty", "１"), 422, "digits_not_ascii", "/lines/1/qty"),
        (text_of("/total", 10**16), 422, "amount_out_of_range", "/total"),
        (text_of("/lines/0/unit_price", 10**15 + 1), 422, "amount_out_of_range", "/lines/0/unit_price"),
        (text_of("/lines/0/qty", "-2.000"), 422, "negative_quantity", "/lines/0/qty"),
        (text_of("/lines/0/amount", -12900), 422, "negative_amount", "/lines/0/amount"),
        (text_of("/currency", "USD"), 422, "unknown_currency", ""),
        (text_of("/currency", "元"), 422, "unknown_currency", "/currency"),
        (text_of("/till", "T99"), 403, "unknown_till", "/till"),
        (text_of("/till", "T02"), 403, "wrong_till", "/till"),
        (text_of("/happened_at", days_ago(-2)), 422, "clock_ahead", ""),
        (text_of("/happened_at", days_ago(36)), 422, "too_old", ""),
        (text_of("/business_date", "2020-01-01"), 422, "business_date_off", ""),
        (whole.replace(TOTAL, f"{TOTAL}, {TOTAL}"), 400, "duplicate_key", "/total"),
        (whole.replace('"sku": "A-1"', '"sku": "A-1", "sku": "A-2"'), 400, "duplicate_key", "/lines/0/sku"),
        (text_of("/tenders", tender), 422, "tenders_mismatch", ""),
        (text_of("/change", 201), 422, "tenders_mismatch", ""),
        (text_of("/total", 17801), 422, "total_mismatch", ""),
        (text_of("/lines", []), 422, "no_lines", ""),
        (text_of("/lines/1/line", 1), 422, "duplicate_line", ""),
        (text_of("/lines/0/colour", "red"), 422, "unknown_field", "/lines/0/colour"),
        (text_of("/number", None), 422, "missing_field", "/number"),
        (text_of("/member", {"phone": "12"}), 422, "bad_phone", ""),
        (text_of("/original", other), 422, "unexpected_original", ""),
        (text_of("/kind", "return"), 422, "original_missing", ""),
        (whole[:-1], 400, "not_json", ""),
    ]


def is_json(text: str) -> bool:
    try:
        return bool(json.loads(text))
    except ValueError:
        return False


def test_each_mistake_has_its_code_and_writes_nothing(shop: Shop, server: Server) -> None:
    till, before = server.client(shop.keys["T01"]), shop.town.rows()
    for text, status, code, pointer in mistakes():
        reply = till.ask("POST", "/api/v1/pos/receipts", sent=text.encode())
        assert (reply.status, reply.code) == (status, code), (text, reply.text)
        assert reply.json.get("pointer", "") == pointer
        assert reply.json["type"] == f"urn:atrium:problem:{code}"
        assert reply.json["instance"] == "/api/v1/pos/receipts"
    assert shop.town.rows() == before


def test_a_batch_names_each_mistake_alone(shop: Shop, server: Server) -> None:
    till, before = server.client(shop.keys["T01"]), shop.town.rows()
    read_alone = [case for case in mistakes() if is_json(case[0])]
    bodies = ",".join(text for text, *_ in read_alone)
    reply = till.ask("POST", "/api/v1/pos/receipts:batch", sent=f'{{"receipts": [{bodies}]}}'.encode())
    assert reply.status == 200
    results = zip(reply.json["results"], read_alone, strict=True)
    for number, (result, (text, status, code, pointer)) in enumerate(results):
        assert (result["status"], result["error"]["code"]) == (status, code), text
        place = result["error"].get("pointer", "")
        assert place == (f"/receipts/{number}{pointer}" if pointer else "")
    assert shop.town.rows() == before


def test_a_closed_store_and_a_revoked_key(shop: Shop, server: Server) -> None:
    till = server.client(shop.keys["T01"])
    with shop.town.work() as uow:
        close_store(uow, store_id=shop.store_id)
    before = shop.town.rows()
    closed = till.post("receipts", sale())
    assert (closed.status, closed.code) == (409, "store_closed")
    assert shop.town.rows() == before
    with shop.town.work() as uow:
        revoke_till(uow, till_id=shop.tills["T01"])
    before = shop.town.rows()
    for _each_process in range(9):
        revoked = till.post("receipts", sale())
        assert (revoked.status, revoked.code) == (401, "unauthorized")
        assert revoked.headers["www-authenticate"].startswith("Bearer")
    assert shop.town.rows() == before


@pytest.mark.parametrize("key", ["", "till_guess", "x" * 5000, "\u00fc"])
def test_no_key_no_answer(shop: Shop, server: Server, key: str) -> None:
    for path in ("receipts", "receipts:batch", "quotes", "members:lookup", "heartbeat", "close"):
        reply = server.client(key).post(path, sale())
        assert (reply.status, reply.code) == (401, "unauthorized")


def test_what_is_not_sent_as_json(shop: Shop, server: Server) -> None:
    till, path, body = server.client(shop.keys["T01"]), "/api/v1/pos/receipts", json.dumps(sale()).encode()

    def ask(sent: bytes, kind: str) -> Reply:
        return till.ask("POST", path, sent=sent, headers={"Content-Type": kind})

    assert (ask(body, "text/plain").status, ask(body, "text/plain").code) == (415, "wrong_content_type")
    assert ask(body, "").code == "wrong_content_type"
    large = ask(b" " * 1_000_001, "application/json")
    assert (large.status, large.code) == (413, "body_too_large")
    assert ask(body, "application/json; charset=utf-8").status == 201


def test_the_framework_says_no_in_the_same_form(shop: Shop, server: Server) -> None:
    till = server.client(shop.keys["T01"])
    assert (till.get("nothing").status, till.get("nothing").code) == (404, "not_found")
    reply = till.ask("DELETE", "/api/v1/pos/receipts")
    assert (reply.status, reply.code, reply.headers["allow"]) == (405, "method_not_allowed", "OPTIONS, POST")


def test_in_the_language_of_the_reader(shop: Shop, server: Server) -> None:
    mistake = changed(sale(), "/lines/0/qty", "-1")
    said = {
        language: server.client(shop.keys["T01"], language).post("receipts", mistake).json["detail"]
        for language in ("", "zh-CN,zh;q=0.9,en;q=0.8", "en-GB,en;q=0.9", "fr", "de,en;q=0.5,zh;q=0.4")
    }
    english = "Quantities are never negative; a return has the kind return."
    assert said["en-GB,en;q=0.9"] == said["de,en;q=0.5,zh;q=0.4"] == english
    assert said[""] == said["zh-CN,zh;q=0.9,en;q=0.8"] == said["fr"] == "数量不能为负；退货请用 return 类型的小票。"
