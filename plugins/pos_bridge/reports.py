"""A store's daily statement: what its tills sent, how it was paid, points given and taken, and where tills differ."""

from __future__ import annotations

from typing import Any

from core import Text, UnitOfWork, _, reports
from core.reports import Asked, Column, Content, Report, Row, Statement, Table, Value
from plugins.pos_bridge import services
from plugins.pos_bridge.rules.daily import Day, Paid

_KINDS = {"sale": _("Sales"), "return": _("Returns"), "void": _("Voids")}
_TENDERS = {
    "cash": _("Cash"),
    "bank_card": _("Bank card"),
    "wechat": _("WeChat Pay"),
    "alipay": _("Alipay"),
    "points": _("Points"),
    "gift_card": _("Gift card"),
    "coupon": _("Coupon"),
    "other": _("Other"),
}
_RECEIPTS = (
    Column("what", _("Receipts")),
    Column("count", _("Count"), "count", total=True),
    Column("members", _("With a member"), "count", total=True),
    Column("amount", _("Amount"), "money", total=True),
)
_PAID = (
    Column("what", _("Paid by")),
    Column("taken", _("Taken"), "money", total=True),
    Column("returned", _("Given back"), "money", total=True),
    Column("amount", _("Net"), "money", total=True),
)
_TILLS = (
    Column("till", _("Till")),
    Column("said_receipts", _("Receipts by the till"), "count"),
    Column("receipts", _("Receipts arrived"), "count", total=True),
    Column("said", _("Till says"), "money"),
    Column("amount", _("Arrived"), "money", total=True),
    Column("difference", _("Difference"), "money", signed=True),
    Column("state", _("Result")),
)
_CLOSED = {None: _("Not closed"), True: _("Agrees"), False: _("Differs")}


def says(uow: UnitOfWork, asked: Asked) -> Content:
    """The day of one store, from what arrived; beside it what its tills counted."""
    store = asked.store
    if store is None:
        return Content((Table(_RECEIPTS, (), empty=_("There is no store to ask about.")),))
    day = services.day_of_store(uow, mall_id=asked.mall.id, store_id=store.id, business_date=asked.day)
    tables = (
        Table(_RECEIPTS, _receipts(day), title=_("Receipts"), empty=_("No receipt on this day.")),
        Table(_PAID, map(_paid, day.paid), title=_("Payment"), empty=_("No receipt on this day.")),
        Table(_TILLS, _tills(uow, asked, day=day), title=_("Tills"), empty=_("No till sent or closed on this day.")),
    )
    figures = (
        (_("Net sales"), Value(day.net, "money")),
        (_("Receipts"), Value(sum(count for count, _members, _amount in day.kinds.values()), "count")),
        (_("Points given"), Value(day.points_given, "points")),
        (_("Points taken"), Value(day.points_taken, "points")),
    )
    return Content(tables, figures=figures, notes=_notes(day))


def _receipts(day: Day) -> list[Row]:
    rows: list[Row] = []
    for kind, word in _KINDS.items():
        if kind in day.kinds:
            count, members, amount = day.kinds[kind]
            rows.append({"what": word, "count": count, "members": members, "amount": amount})
    return rows


def _paid(one: Paid) -> Row:
    word = _TENDERS.get(one.type, one.type)
    return {"what": word, "taken": one.taken, "returned": -one.returned, "amount": one.taken - one.returned}


def _tills(uow: UnitOfWork, asked: Asked, *, day: Day) -> list[Row]:
    assert asked.store is not None  # noqa: S101 - asked before
    closes = services.closes_of(uow, store_id=asked.store.id, business_date=asked.day)
    rows: list[Row] = []
    for code in sorted({*day.tills, *closes}):
        close, (count, amount) = closes.get(code), day.tills.get(code, (0, 0))
        row: dict[str, Any] = {"till": code, "receipts": count, "amount": amount, "state": _CLOSED[None]}
        row |= {"said_receipts": None, "said": None, "difference": None}
        if close is not None:
            same = close.agrees and (close.said_receipts, close.said_total) == (count, amount)
            row |= {"said_receipts": close.said_receipts, "said": close.said_total, "state": _CLOSED[same]}
            row["difference"] = close.said_total - amount
        rows.append(row)
    return rows


def _notes(day: Day) -> list[Text]:
    notes = [_("Net sales are sales less returns and voids. Cash is less change.")]
    if day.conflicts:
        notes.append(_("Contradicting receipts that nobody has handled: %(count)s.", count=day.conflicts))
    if day.parked:
        notes.append(_("Returns that wait for their sale: %(count)s.", count=day.parked))
    return notes


REPORTS: tuple[Report, ...] = (
    Statement(
        name="daily_statement",
        title=_("Store's daily statement"),
        permission="pos_bridge.statement",
        filters=(reports.a_store(one=True), reports.a_day()),
        columns=_RECEIPTS,
        says=says,
        signatures=(_("Cashier"), _("Store manager"), _("Finance")),
        roles=("department_head", "store_manager", "finance"),
    ),
)
