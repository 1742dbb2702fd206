"""The shapes of the tills' API as JSON Schema, for the OpenAPI description; tests hold them against real answers."""

from __future__ import annotations

from typing import Any

from core import LIMIT
from plugins.pos_bridge.rules import closing
from plugins.pos_bridge.rules.json_v1 import MAX_COUPONS, MAX_LINES, MAX_TENDERS, REFERENCES

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """Points at a schema of ours."""
    return {"$ref": f"#/components/schemas/{name}"}


def text(most: int, *, least: int = 1, says: str = "") -> Schema:
    """A text with its bounds."""
    return {"type": "string", "minLength": least, "maxLength": most, **({"description": says} if says else {})}


def optional(schema: Schema) -> Schema:
    """A member that may be left out or null."""
    if "type" in schema and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


def closed(required: tuple[str, ...], **properties: Schema) -> Schema:
    """An object of exactly these members; those not required may be null."""
    shown = {name: schema if name in required else optional(schema) for name, schema in properties.items()}
    return {"type": "object", "required": list(required), "properties": shown, "additionalProperties": False}


def answered(**properties: Schema) -> Schema:
    """An object we answer with: these members are there; others may join them in later versions."""
    return {"type": "object", "required": list(properties), "properties": properties}


MONEY: Schema = {"type": "integer", "minimum": 0, "maximum": LIMIT, "description": "Minor units: 12900 is 129.00."}
SIGNED: Schema = {"type": "integer", "minimum": -LIMIT, "maximum": LIMIT, "description": "Minor units."}
POINTS: Schema = {"type": "integer", "minimum": 0, "maximum": LIMIT}
DATE: Schema = {"type": "string", "format": "date", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
MOMENT: Schema = {"type": "string", "format": "date-time", "description": "ISO 8601 with its offset from UTC."}
FLAG: Schema = {"type": "boolean"}
OBJECT: Schema = {"type": "object"}
OBJECTS: Schema = {"type": "array", "items": OBJECT}
KEY = {"till": text(30), "business_date": DATE, "number": text(60)}
COUPONS: Schema = {"type": "array", "maxItems": MAX_COUPONS, "items": text(60)}
CURRENCY: Schema = {"type": "string", "pattern": "^[A-Z]{3}$", "description": "The mall's currency, ISO 4217."}

MEMBER_REF: Schema = {
    "type": "object",
    "description": "Exactly one of these.",
    "properties": {by: text(most) for by, most in REFERENCES.items()},
    "additionalProperties": False,
    "minProperties": 1,
    "maxProperties": 1,
}
LINE = closed(
    ("line", "sku", "name", "amount"),
    line={"type": "integer", "minimum": 1, "maximum": 1_000_000},
    sku=text(60, says="Unknown ones are accepted."),
    name=text(200, least=0),
    category=text(200, least=0),
    qty={"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,3})?$", "default": "1", "description": "Information."},
    unit_price={**MONEY, "default": 0, "description": "Information, not checked against amount."},
    discount={**MONEY, "default": 0, "description": "What the till took off already."},
    amount={**MONEY, "description": "What the line cost after discounts: this decides."},
    original_line={"type": "integer", "minimum": 1, "maximum": 1_000_000, "description": "On a return: the line sold."},
)
TENDER = closed(
    ("type", "amount"),
    type=text(20, says="cash, bank_card, wechat, alipay, points, gift_card, coupon, other"),
    amount=MONEY,
    ref=text(120),
    points=POINTS,
    card_number=text(60),
    pin=text(20),
)
RECEIPT: Schema = {
    **closed(
        ("till", "business_date", "number", "happened_at", "kind", "currency"),
        **KEY,
        happened_at=MOMENT,
        kind={"type": "string", "enum": ["sale", "return", "void"]},
        currency=CURRENCY,
        member=ref("MemberRef"),
        lines={"type": "array", "maxItems": MAX_LINES, "items": ref("Line")},
        tenders={"type": "array", "maxItems": MAX_TENDERS, "items": ref("Tender")},
        change=MONEY,
        tax={**MONEY, "description": "Tax that is not inside the lines: total = sum of amounts + tax."},
        total=MONEY,
        original=ref("ReceiptKey"),
        coupons=COUPONS,
        quote=text(4000, says="The id of a quote: booked at that price, or refused with the new one."),
    ),
    "description": "What the till charged. All numbers are positive; `kind` gives the direction. A void has `original` "
    "and no lines; it says tenders and total only when part came back before. Sales and returns need all three.",
}
QUOTE_REQUEST = closed(
    ("till", "currency", "lines"),
    **KEY,
    happened_at=MOMENT,
    kind={"type": "string", "enum": ["sale"]},
    currency=CURRENCY,
    member=ref("MemberRef"),
    lines={"type": "array", "maxItems": MAX_LINES, "items": ref("Line")},
    tenders={"type": "array", "maxItems": MAX_TENDERS, "items": ref("Tender")},
    change=MONEY,
    tax=MONEY,
    total=MONEY,
    coupons=COUPONS,
)
ANSWER = {
    **answered(
        receipt_id={"type": "integer", "minimum": 1, "exclusiveMaximum": 2**53},
        status={"type": "string", "enum": ["posted", "parked"]},
    ),
    "description": "Kept with the receipt and repeated byte for byte. `rewards` is pending when points come later.",
}
ANSWER["properties"] |= {
    "rewards": {"type": "string", "enum": ["posted", "pending"]},
    "member": optional(OBJECT),
    "offers": OBJECTS,
    "points": OBJECT,
    "gift_cards": OBJECTS,
    "print": {"type": "array", "items": {"type": "string"}, "description": "Lines to print on the receipt."},
}
RESULT: Schema = {
    "description": "As the receipt would have been answered alone: `answer`, or `error` with a status of 400 or more.",
    "oneOf": [
        {
            "type": "object",
            "required": ["status", "answer"],
            "properties": {
                "status": {"type": "integer", "enum": [200, 201, 202]},
                "replayed": FLAG,
                "answer": ref("Answer"),
            },
        },
        {
            "type": "object",
            "required": ["status", "error"],
            "properties": {"status": {"type": "integer", "minimum": 400}, "error": ref("Problem")},
        },
    ],
}
COUNT = closed(("count", "total"), count={"type": "integer", "minimum": 0, "maximum": 10**9}, total=MONEY)
TENDER_TOTAL = closed(("type", "amount"), type=text(20), amount={**SIGNED, "description": "Net of returns and change."})
COUNTS = {kind: ref("Count") for kind in closing.KINDS}
TENDERS_BY_TYPE: Schema = {"type": "object", "additionalProperties": SIGNED}
SIDE: Schema = {**answered(**COUNTS), "properties": {**COUNTS, "tenders": TENDERS_BY_TYPE}}

SCHEMAS: dict[str, Schema] = {
    "MemberRef": MEMBER_REF,
    "ReceiptKey": closed(tuple(KEY), **KEY),
    "Line": LINE,
    "Tender": TENDER,
    "Receipt": RECEIPT,
    "Answer": ANSWER,
    "Batch": closed(("receipts",), receipts={"type": "array", "maxItems": 500, "items": ref("Receipt")}),
    "Result": RESULT,
    "Results": answered(results={"type": "array", "items": ref("Result")}),
    "QuoteRequest": QUOTE_REQUEST,
    "Quote": answered(
        quote={"type": "string"},
        due=MONEY,
        currency=CURRENCY,
        lines=OBJECTS,
        offers=OBJECTS,
        points=OBJECT,
        member=optional(OBJECT),
    ),
    "Member": answered(member=OBJECT),
    "Heartbeat": closed(
        ("at",),
        at={**MOMENT, "description": "The till's own time."},
        version=text(40),
        queue_length={"type": "integer", "minimum": 0, "maximum": 10**9, "description": "Receipts not sent yet."},
    ),
    "Seen": answered(
        till=text(30), now=MOMENT, clock_seconds={"type": "integer", "description": "The till's clock less ours."}
    ),
    "Count": COUNT,
    "Close": closed(
        ("business_date",),
        till=text(30),
        business_date=DATE,
        **COUNTS,
        tenders={"type": "array", "maxItems": 100, "items": TENDER_TOTAL},
    ),
    "Closed": answered(till=text(30), business_date=DATE, agrees=FLAG, said=SIDE, arrived=SIDE, differences=OBJECT),
}
