"""Receipts as booked; those that contradict one another; returns that wait for their sale."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from core.admin import formats
from core.admin.base import READING, ReadOnly
from core.admin.formats import Cell, State
from core.admin.guard import deed
from core.admin.interface import Interface, reader
from core.admin.pages.books import ENTRY_COLUMNS
from core.admin.panels import Panel, table
from core.admin.request import here
from core.db import UnitOfWork
from core.i18n import Text, _
from core.models import Entry, ParkedReceipt, ReceiptConflict, ReceiptRow

KINDS = {"sale": _("Sale"), "return": _("Return"), "void": _("Void")}
TENDERS = {
    "cash": _("Cash"),
    "bank_card": _("Bank card"),
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "points": _("Points"),
    "gift_card": _("Gift card"),
    "coupon": _("Coupon"),
    "other": _("Other"),
}
HANDLED = {True: State(_("Handled"), "ok", "check"), False: State(_("Open"), "warn", "alert")}
SETTLED = {True: State(_("Booked"), "ok", "check"), False: State(_("Waits for its sale"), "warn", "clock")}


class ReceiptView(ReadOnly):
    """What tills have sent, with the answer they got. Part of the books: nobody changes it."""

    route_base = "/receipts"
    class_permission_name = "core.receipt"
    datamodel = Interface(ReceiptRow)
    list_title = _("Receipts")
    list_columns = ("number", "happened_at", "store_id", "till_code", "kind", "total", "member_id", "recorded_at")
    show_columns = (
        *("number", "till_code", "store_id", "business_date", "kind", "happened_at", "recorded_at"),
        *("member_id", "total", "tax", "change_given", "currency", "original_id"),
    )
    search_columns = ("number", "till_code", "business_date", "kind", "store_id", "total")
    order_columns = ("happened_at", "business_date", "total", "recorded_at")
    base_order = ("id", "desc")
    choices = {"kind": KINDS}
    rows = {"store_id": lambda: here().stores()}
    money = frozenset({"total", "tax", "change_given"})
    formats = {
        "member_id": formats.link("MemberView", lambda value, row: Cell(_("Member")) if value else formats.EMPTY),
        "original_id": formats.link("ReceiptView"),
    }
    label_columns = {
        "number": _("Receipt"),
        "tax": _("Tax beside the lines"),
        "change_given": _("Change"),
        "original_id": _("Sale it belongs to"),
    }

    def panels(self, record: Any) -> Iterable[Panel]:
        """Lines, payment, what was booked, and what was explained to the till."""
        yield table(_("Lines"), record.lines, columns=_lines(record))
        yield table(_("Payment"), record.tenders, columns=_payment(record))
        if here().may("can_list", "core.entry"):
            entries = reader().scalars(select(Entry).where(Entry.receipt_id == record.id).order_by(Entry.id))
            yield table(_("Booked"), entries, columns=ENTRY_COLUMNS)
        explained = json.loads(record.answer).get("points", {}).get("explain", []) if record.answer else []
        if explained:
            yield Panel(_("Explained to the till"), [], [[Cell(_sentence(one))] for one in explained])


class ConflictView(ReadOnly):
    """The same number with other contents: refused, and kept for somebody to look at."""

    route_base = "/conflicts"
    class_permission_name = "core.conflict"
    include_route_methods = READING | {"do", "handle"}
    datamodel = Interface(ReceiptConflict)
    list_title = _("Contradicting receipts")
    list_columns = ("number", "store_id", "till_code", "business_date", "arrived_at", "handled_at", "note")
    show_columns = (
        "number",
        "store_id",
        "till_code",
        "business_date",
        "arrived_at",
        "receipt_id",
        "handled_at",
        "note",
    )
    search_columns = ("number", "till_code", "business_date", "arrived_at")
    order_columns = ("arrived_at", "business_date")
    base_order = ("id", "desc")
    formats = {"receipt_id": formats.link("ReceiptView")}
    label_columns = {
        "number": _("Receipt"),
        "arrived_at": _("Arrived"),
        "handled_at": _("Handled on"),
        "receipt_id": _("The one that was booked"),
    }
    empty = _("No till has contradicted itself.")

    @deed(_("Mark as handled"), ask=_("Mark as handled? Say what was found out."), why=True, many=True)
    def handle(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """Somebody has looked into it; the reason becomes its note."""
        for row in rows:
            row.handled_at, row.note = uow.now, reason[:200]
        return _("Marked as handled.")

    def panels(self, record: Any) -> Iterable[Panel]:
        """Both bodies, member by member."""
        yield Panel(_("What the till sent this time"), [], [[Cell(line)] for line in _body(record.body)])


class ParkedView(ReadOnly):
    """Returns that came before their sale: kept whole, booked as soon as the sale is there."""

    route_base = "/parked"
    class_permission_name = "core.parked"
    datamodel = Interface(ParkedReceipt)
    list_title = _("Returns that wait for their sale")
    list_columns = (
        "number",
        "store_id",
        "business_date",
        "original_number",
        "original_date",
        "parked_at",
        "settled_at",
    )
    show_columns = (
        *("number", "store_id", "business_date", "original_till", "original_number", "original_date"),
        *("parked_at", "settled_at", "refusal"),
    )
    search_columns = ("number", "business_date", "original_number", "parked_at")
    order_columns = ("parked_at", "business_date")
    base_order = ("id", "desc")
    label_columns = {
        "number": _("Return"),
        "original_till": _("Till of the sale"),
        "original_number": _("Sale it waits for"),
        "original_date": _("Day of the sale"),
        "parked_at": _("Arrived"),
        "settled_at": _("Booked on"),
        "refusal": _("Why it was refused"),
    }
    empty = _("No return waits.")


def _lines(receipt: Any) -> Any:
    money = _money_of(receipt)
    return {
        "no": (_("Line"), formats.number),
        "sku": (_("SKU"), formats.text),
        "name": (_("Product"), formats.text),
        "qty": (_("Quantity"), formats.text),
        "unit_price": (_("Price"), money),
        "discount": (_("Discount"), money),
        "amount": (_("Amount"), money),
    }


def _payment(receipt: Any) -> Any:
    return {
        "type": (_("Paid by"), formats.words(TENDERS)),
        "amount": (_("Amount"), _money_of(receipt)),
        "points": (_("Points"), formats.number),
        "ref": (_("Reference"), formats.text),
    }


def _money_of(receipt: Any) -> Any:
    """Lines and tenders do not name their currency; the receipt does."""
    return lambda value, row=None: formats.money_cell(value, receipt.currency)


def _sentence(one: Any) -> str:
    if isinstance(one, dict) and "text" in one:
        return str(Text.restored(one)) if set(one) <= {"text", "with"} else str(one["text"])
    return str(one)


def _body(text: str) -> list[str]:
    """What the till sent, a line for each member; card numbers and codes never stand in it."""
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=1).splitlines()[:200]
    except ValueError:
        return text.splitlines()[:200]
