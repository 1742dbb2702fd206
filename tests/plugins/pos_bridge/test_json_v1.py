"""A till's JSON becomes a receipt, or a refusal that names what is wrong and where."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import AtriumError, Line, MemberRef, Receipt, ReceiptKey, Tender
from core.api import canonical
from core.api.body import parse
from plugins.pos_bridge.rules import json_v1
from tests.support.tills import changed

SALE: dict[str, Any] = {
    "till": "T01",
    "number": "000123",
    "business_date": "2026-11-22",
    "happened_at": "2026-11-22T14:03:11+08:00",
    "kind": "sale",
    "currency": "CNY",
    "member": {"phone": "17000000001"},
    "lines": [
        {"line": 1, "sku": "A-1", "name": "乌龙茶", "qty": "2.000", "unit_price": 6450, "amount": 12900},
        {"line": 2, "sku": "B-2", "name": "", "category": "Home/Mugs", "discount": 100, "amount": 4900},
    ],
    "tenders": [
        {"type": "gift_card", "amount": 17000, "card_number": "880100421739", "pin": "123456"},
        {"type": "points", "amount": 1000, "points": 1000, "ref": "hold-1"},
    ],
    "change": 200,
    "total": 17800,
    "coupons": ["TEA-10"],
}


def read(body: Any) -> Receipt:
    return json_v1.receipt(parse(json.dumps(body).encode()))


def refusal(sent: Any) -> tuple[int, str, str]:
    """Status, code and pointer of the refusal of a body, or of JSON text as it stands."""
    text = sent if isinstance(sent, str) else json.dumps(sent)
    with pytest.raises(AtriumError) as caught:
        json_v1.receipt(parse(text.encode()))
    return caught.value.status, caught.value.reason_code, str(caught.value.facts.get("pointer", ""))


def test_a_whole_receipt() -> None:
    assert read(SALE) == Receipt(
        key=ReceiptKey("T01", date(2026, 11, 22), "000123"),
        happened_at=datetime(2026, 11, 22, 14, 3, 11, tzinfo=timezone(timedelta(hours=8))),
        kind="sale",
        currency="CNY",
        lines=(
            Line(1, "A-1", "乌龙茶", 12900, "2.000", 6450),
            Line(2, "B-2", "", 4900, "1", 0, 100, "Home/Mugs"),
        ),
        tenders=(
            Tender("gift_card", 17000, card_number="880100421739", pin="123456"),
            Tender("points", 1000, 1000, "hold-1"),
        ),
        total=17800,
        change=200,
        member=MemberRef("phone", "17000000001"),
        coupons=("TEA-10",),
    )


def test_a_return_names_what_it_takes_back() -> None:
    original = {"till": "T02", "business_date": "2026-11-20", "number": "000007"}
    found = read(changed(changed(SALE, "/kind", "return"), "/original", original) | {"member": None, "coupons": None})
    assert found.original == ReceiptKey("T02", date(2026, 11, 20), "000007")
    assert (found.member, found.coupons) == (None, ())


def test_a_void_needs_no_goods_and_no_sums() -> None:
    body = {name: SALE[name] for name in ("till", "number", "business_date", "happened_at", "currency")}
    found = read(body | {"kind": "void", "original": {**json_v1_key(), "number": "000122"}})
    assert (found.lines, found.tenders, found.total) == ((), (), 0)


def json_v1_key() -> dict[str, str]:
    return {name: SALE[name] for name in ("till", "business_date", "number")}


def test_no_price_no_goods_no_harm() -> None:
    free = {"line": 1, "sku": "GIFT", "name": "Gift", "qty": "0", "amount": 0}
    found = read(SALE | {"lines": [free], "tenders": [], "change": 0, "total": 0})
    assert (found.total, found.lines[0].qty) == (0, "0")


WRONG_VALUES: list[tuple[str, Any, int, str]] = [
    ("/lines/0/amount", 129.0, 422, "amount_not_integer"),
    ("/lines/0/amount", 1e400, 400, "number_not_finite"),
    ("/lines/0/amount", float("nan"), 400, "number_not_finite"),
    ("/total", float("-inf"), 400, "number_not_finite"),
    ("/lines/0/amount", True, 422, "amount_not_integer"),
    ("/lines/0/amount", "12900", 422, "amount_not_integer"),
    ("/lines/0/amount", "１２９００", 422, "digits_not_ascii"),
    ("/lines/0/amount", "١٢٩", 422, "digits_not_ascii"),
    ("/lines/0/amount", None, 422, "missing_field"),
    ("/lines/0/amount", [1], 422, "amount_not_integer"),
    ("/lines/0/amount", 10**15 + 1, 422, "amount_out_of_range"),
    ("/lines/0/amount", 10**16, 422, "amount_out_of_range"),
    ("/lines/0/amount", 10**400, 422, "amount_out_of_range"),
    ("/lines/0/amount", -1, 422, "negative_amount"),
    ("/tenders/1/points", -5, 422, "negative_amount"),
    ("/tenders/0/amount", 1.5, 422, "amount_not_integer"),
    ("/change", 0.0, 422, "amount_not_integer"),
    ("/lines/0/qty", "-1.000", 422, "negative_quantity"),
    ("/lines/0/qty", "１.000", 422, "digits_not_ascii"),
    ("/lines/0/qty", "1e3", 422, "bad_quantity"),
    ("/lines/0/qty", "1_000", 422, "bad_quantity"),
    ("/lines/0/qty", "+5", 422, "bad_quantity"),
    ("/lines/0/qty", "1.0001", 422, "bad_quantity"),
    ("/lines/0/qty", "NaN", 422, "bad_quantity"),
    ("/lines/0/qty", " 1", 422, "bad_quantity"),
    ("/lines/0/qty", "1\n", 422, "bad_text"),
    ("/lines/0/qty", 1, 422, "wrong_type"),
    ("/lines/0/line", 0, 422, "number_out_of_range"),
    ("/lines/0/line", 1.5, 422, "number_not_integer"),
    ("/lines/0/sku", "", 422, "text_empty"),
    ("/lines/0/sku", "x" * 61, 422, "text_too_long"),
    ("/lines/0/sku", "a\u0000b", 422, "bad_text"),
    ("/lines/0/name", "half \ud83d", 422, "bad_text"),
    ("/lines/0/name", 7, 422, "wrong_type"),
    ("/lines/0/colour", "red", 422, "unknown_field"),
    ("/lines", [SALE["lines"][0]] * 1001, 422, "too_many"),
    ("/tenders", [SALE["tenders"][0]] * 51, 422, "too_many"),
    ("/lines", {}, 422, "wrong_type"),
    ("/lines/0", "tea", 422, "wrong_type"),
    ("/till", "", 422, "text_empty"),
    ("/till", "t" * 31, 422, "text_too_long"),
    ("/number", 123, 422, "wrong_type"),
    ("/number", "12\n3", 422, "bad_text"),
    ("/business_date", "2026-2-3", 422, "bad_date"),
    ("/business_date", "2026-02-30", 422, "bad_date"),
    ("/business_date", "２０２６-11-22", 422, "bad_date"),
    ("/business_date", "20261122", 422, "bad_date"),
    ("/business_date", "0001-01-01", 422, "bad_date"),
    ("/happened_at", "2026-11-22T14:03:11", 422, "time_without_offset"),
    ("/happened_at", "2026-11-22 14:03:11+08:00", 422, "bad_time"),
    ("/happened_at", "2026-11-22T25:03:11+08:00", 422, "bad_time"),
    ("/happened_at", "2026-11-22T14:03:11+99:00", 422, "bad_time"),
    ("/happened_at", "9999-12-31T23:59:59-12:00", 422, "bad_time"),
    ("/happened_at", 1763791391, 422, "wrong_type"),
    ("/kind", "exchange", 422, "unknown_kind"),
    ("/currency", "cny", 422, "unknown_currency"),
    ("/currency", "ＣＮＹ", 422, "unknown_currency"),
    ("/member", {}, 422, "member_reference"),
    ("/member", {"phone": "1", "card": "2"}, 422, "member_reference"),
    ("/member", {"mail": "a@b"}, 422, "unknown_field"),
    ("/member", {"id": "seven"}, 422, "bad_member_id"),
    ("/member", {"id": "１７"}, 422, "bad_member_id"),
    ("/coupons/0", 5, 422, "wrong_type"),
    ("/coupons", ["x"] * 51, 422, "too_many"),
    ("/surprise", 1, 422, "unknown_field"),
]


@pytest.mark.parametrize(("pointer", "value", "status", "code"), WRONG_VALUES)
def test_a_wrong_value_is_refused_by_name_and_place(pointer: str, value: Any, status: int, code: str) -> None:
    found = refusal(changed(SALE, pointer, value))
    place = f"/member/{min(value)}" if code in ("bad_member_id", "unknown_field") and pointer == "/member" else pointer
    assert found == (status, code, place)


@pytest.mark.parametrize("name", sorted(SALE.keys() - {"member", "change", "coupons"}))
def test_what_a_sale_cannot_do_without(name: str) -> None:
    assert refusal({key: value for key, value in SALE.items() if key != name}) == (422, "missing_field", f"/{name}")


def test_the_same_name_twice() -> None:
    text = json.dumps(SALE).replace('"total": 17800', '"total": 1, "total": 17800')
    assert refusal(text) == (400, "duplicate_key", "/total")
    inner = json.dumps(SALE).replace('"sku": "A-1"', '"sku": "A-1", "sku": "A-1"')
    assert refusal(inner) == (400, "duplicate_key", "/lines/0/sku")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "not_json"),
        ("{", "not_json"),
        ("[1,]", "not_json"),
        ('{"total": 1_000}', "not_json"),
        ('{"total": +5}', "not_json"),
        ('{"total": 007}', "not_json"),
        ('{"total": １２}', "digits_not_ascii"),
        ('\ufeff{"total": 1}', "not_json"),
        ("[" * 100_000, "not_json"),
    ],
)
def test_what_is_no_json(text: str, code: str) -> None:
    assert refusal(text)[:2] == (400, code)


def test_what_is_no_utf_8() -> None:
    with pytest.raises(AtriumError) as caught:
        parse('{"number": "é"}'.encode("latin-1"))
    assert caught.value.reason_code == "not_json"


def test_other_kinds_of_trees() -> None:
    for text in ("null", "17", '"sale"', "[]", "true"):
        assert refusal(text) == (422, "wrong_type", "")
    assert refusal("NaN") == (400, "number_not_finite", "")


def test_order_and_spaces_do_not_make_another_body() -> None:
    backwards = json.dumps(dict(reversed(SALE.items())), indent=3, ensure_ascii=False).encode()
    assert canonical(parse(backwards)) == canonical(SALE)
    assert canonical(changed(SALE, "/total", 17801)) != canonical(SALE)


def test_a_basket_needs_only_till_currency_and_lines() -> None:
    moment = json_v1.Moment(datetime(2026, 11, 22, 6, 0, tzinfo=UTC), date(2026, 11, 22))
    found = json_v1.quote({name: SALE[name] for name in ("till", "currency", "lines")} | {"tax": 100}, moment)
    assert found.key == ReceiptKey("T01", date(2026, 11, 22), "")
    assert (found.happened_at, found.total, found.tax) == (moment.now, 17900, 100)
    assert (found.kind, found.member, found.tenders) == ("sale", None, ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


@given(pointer=st.sampled_from(sorted({place for place, *_ in WRONG_VALUES})), value=JSON)
def test_whatever_is_sent_is_read_or_refused_by_name(pointer: str, value: Any) -> None:
    text = json.dumps(changed(SALE, pointer, value))
    refused: AtriumError | None = None
    try:
        json_v1.receipt(parse(text.encode()))
    except AtriumError as error:
        refused = error
    if refused is None:
        assert canonical(parse(text.encode())).encode()
    else:
        assert refused.status in (400, 422)
        assert refused.reason_code != "error"
        assert refused.facts["pointer"].encode().startswith(b"/")
