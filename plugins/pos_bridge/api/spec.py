"""What the tills' API takes and answers, path by path, with every code it refuses by."""

from __future__ import annotations

from typing import Any

from core import api
from plugins.pos_bridge.api.schemas import SCHEMAS, ref

__all__ = ["PATHS", "SCHEMAS"]

Codes = dict[int, dict[str, str]]

KEY_NEEDED = {401: {"unauthorized": "The key is missing, unknown or revoked."}}
OFF_HERE = {404: {"not_found": "Tills are switched off in this store, or there is no such address."}}
UNREADABLE: Codes = {
    400: {
        "not_json": "The body is no JSON in UTF-8.",
        "digits_not_ascii": "A number is not written in the digits 0 to 9.",
        "duplicate_key": "The same name stands twice in one object.",
        "number_not_finite": "NaN or Infinity.",
    },
    413: {"body_too_large": "More than 1 MB, a batch more than 8 MB."},
    415: {"wrong_content_type": "Not application/json."},
}
SHAPE: Codes = {
    422: {
        "missing_field": "A required value is missing or null.",
        "unknown_field": "There is no such field here.",
        "wrong_type": "A value of the wrong kind.",
        "text_empty": "An empty text where one is needed.",
        "text_too_long": "A text longer than its field.",
        "bad_text": "Control characters, or half a character.",
        "too_many": "A list longer than it may be.",
        "number_not_integer": "Not a whole number.",
        "number_out_of_range": "A whole number outside its bounds.",
        "digits_not_ascii": "Digits other than 0 to 9, such as full-width ones.",
    }
}
BASKET: Codes = {
    403: {
        "wrong_till": "The key belongs to another till.",
        "unknown_till": "This store has no such till.",
    },
    422: {
        "amount_not_integer": "Amounts are integers of minor units; a float or a text is refused.",
        "amount_out_of_range": "Larger than 10^15.",
        "negative_amount": "Amounts are never negative.",
        "negative_quantity": "Quantities are never negative.",
        "bad_quantity": "A quantity is a decimal text with at most 3 places.",
        "bad_date": "Not a calendar date YYYY-MM-DD.",
        "bad_time": "Not a time after ISO 8601.",
        "time_without_offset": "The time does not say its offset from UTC.",
        "unknown_kind": "Not sale, return or void.",
        "unknown_currency": "Not the mall's currency.",
        "member_reference": "Not exactly one of phone, card, qr, id.",
        "bad_phone": "Not a telephone number.",
        "bad_card": "Not a card number.",
        "bad_member_id": "Not a member's number.",
        "no_lines": "A sale or return without lines.",
        "duplicate_line": "Two lines have the same number.",
        "total_mismatch": "total is not the sum of the amounts and tax.",
        "tenders_mismatch": "Tenders less change are not the total.",
    },
}
BOOKING: Codes = {
    404: {"member_not_found": "There is no such member."},
    409: {
        "receipt_conflict": "The number was used before with other contents; staff see both.",
        "quote_changed": "The price changed since the quote; `quote` holds the new one.",
        "store_closed": "The store is closed.",
        "not_enough": "Not enough on the account that was to pay.",
        "tender_not_accepted": "No module accepts this kind of payment here.",
        "return_exceeds_sale": "More would come back than was sold.",
        "void_total": "The void says another total than what is left of the receipt.",
        "void_needs_tenders": "Part came back before: say how the rest is paid back.",
        "nothing_left": "Everything of the receipt came back before.",
        "conflict": "Somebody was faster three times running; send it again.",
        "refused": "A module refuses; `detail` says why. Other modules may have codes of their own.",
        "points_need_member": "Points are used by members only.",
        "points_not_accepted": "Points do not pay here.",
        "points_mismatch": "Another number of points belongs to this amount; `detail` says which.",
        "points_without_amount": "A tender of points is worth nothing.",
        "points_exceed_total": "Points pay more than is due.",
        "points_refund_exceeds": "More points would go back than the sale took.",
        "not_enough_points": "The member has fewer usable points.",
        "member_frozen": "The membership is frozen: it uses no points.",
    },
    422: {
        "clock_ahead": "In the future: check the till's clock.",
        "too_old": "Older than this till may send.",
        "business_date_off": "The business date is neither the day of the sale nor next to it.",
        "unexpected_original": "A sale has no original.",
        "original_missing": "A return or void needs its original.",
        "void_has_lines": "A void has no lines.",
        "unknown_line": "The original has no such line.",
    },
    503: {"broken_plugin": "A module failed (`plugin`) that had to answer for a payment; send it again later."},
}


def _codes(*parts: Codes) -> Codes:
    together: Codes = {}
    for part in (KEY_NEEDED, OFF_HERE, *parts):
        for status, meanings in part.items():
            together.setdefault(status, {}).update(meanings)
    return together


def _json(schema: str, example: Any = None) -> dict[str, Any]:
    return {"application/json": {"schema": ref(schema), **({} if example is None else {"example": example})}}


def _post(name: str, summary: str, *, takes: dict[str, Any], gives: dict[int, tuple[str, str]], no: Codes) -> Any:
    responses: dict[str, Any] = {
        str(status): {"description": says, "content": _json(schema)} for status, (schema, says) in gives.items()
    }
    for status in {200} & gives.keys() if "Receipt" in name else ():
        responses[str(status)]["headers"] = REPLAYED
    responses |= api.refusals(no)
    operation = {"operationId": name, "summary": summary, "tags": ["tills"], "responses": responses}
    return {"post": operation | {"requestBody": {"required": True, "content": takes}}}


REPLAYED = {
    "Idempotent-Replayed": {
        "description": "true when this is the answer of the first time.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
SALE = {
    "till": "T01",
    "number": "000123",
    "business_date": "2026-11-22",
    "happened_at": "2026-11-22T14:03:11+08:00",
    "kind": "sale",
    "currency": "CNY",
    "member": {"phone": "17000000001"},
    "lines": [
        {
            "line": 1,
            "sku": "A-1",
            "name": "Tea",
            "qty": "1.000",
            "unit_price": 12900,
            "discount": 0,
            "amount": 12900,
        }
    ],
    "tenders": [{"type": "wechat", "amount": 12900}],
    "total": 12900,
}
BASKET_EXAMPLE = {name: SALE[name] for name in ("till", "currency", "member", "lines")}
NEW, OLD, LATER = "Booked", "Booked before: the same answer again", "A return before its sale: kept, booked later"
READ_BACK = {
    "operationId": "readReceipt",
    "summary": "The stored answer of a receipt of the same store",
    "tags": ["tills"],
    "parameters": [
        {"name": name, "in": "path", "required": True, "schema": SCHEMAS["ReceiptKey"]["properties"][name]}
        for name in ("till", "business_date", "number")
    ],
    "responses": {
        "200": {"description": OLD, "content": _json("Answer"), "headers": REPLAYED},
        "202": {"description": LATER, "content": _json("Answer"), "headers": REPLAYED},
        **api.refusals(
            _codes(
                {
                    404: {"receipt_not_found": "No such receipt has arrived."},
                    422: {**SHAPE[422], "bad_date": "Not a calendar date."},
                }
            )
        ),
    },
}

PATHS: dict[str, Any] = {
    "/api/v1/pos/members:lookup": _post(
        "lookUpMember",
        "The member for the till: masked, with points and coupons",
        takes=_json("MemberRef", {"phone": "17000000001"}),
        gives={200: ("Member", "The member")},
        no=_codes(UNREADABLE, SHAPE, {404: BOOKING[404], 422: {**SHAPE[422], **BASKET[422]}}),
    ),
    "/api/v1/pos/quotes": _post(
        "quote",
        "What a basket costs now: offers with reasons, points to earn, points usable",
        takes=_json("QuoteRequest", BASKET_EXAMPLE),
        gives={200: ("Quote", "The price; its id may be named by the receipt")},
        no=_codes(UNREADABLE, SHAPE, BASKET, {404: BOOKING[404], 409: BOOKING[409], 503: BOOKING[503]}),
    ),
    "/api/v1/pos/receipts": _post(
        "postReceipt",
        "A sale, return or void; the same again gets the same answer",
        takes=_json("Receipt", SALE),
        gives={201: ("Answer", NEW), 200: ("Answer", OLD), 202: ("Answer", LATER)},
        no=_codes(UNREADABLE, SHAPE, BASKET, BOOKING),
    ),
    "/api/v1/pos/receipts:batch": _post(
        "postReceiptBatch",
        "Up to 500 receipts, each answered as if sent alone; a bad one does not stop the others",
        takes=_json("Batch", {"receipts": [SALE]}),
        gives={200: ("Results", "One result each, in order")},
        no=_codes(UNREADABLE, SHAPE),
    ),
    "/api/v1/pos/receipts/{till}/{business_date}/{number}": {"get": READ_BACK},
    "/api/v1/pos/heartbeat": _post(
        "heartbeat",
        "The till is there; the answer tells how far its clock is off",
        takes=_json("Heartbeat", {"at": "2026-11-22T14:03:11+08:00", "version": "5.2", "queue_length": 0}),
        gives={200: ("Seen", "Our time, and the difference")},
        no=_codes(UNREADABLE, SHAPE, {422: {name: BASKET[422][name] for name in ("bad_time", "time_without_offset")}}),
    ),
    "/api/v1/pos/close": _post(
        "close",
        "The till's totals of a day against what arrived",
        takes=_json("Close", {"business_date": "2026-11-22", "sales": {"count": 1, "total": 12900}}),
        gives={200: ("Closed", "Both sides and what differs")},
        no=_codes(UNREADABLE, SHAPE, {403: BASKET[403], 409: {"conflict": BOOKING[409]["conflict"]}, 422: BASKET[422]}),
    ),
}
