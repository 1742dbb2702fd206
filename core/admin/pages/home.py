"""The overview: what happened today where one works, and what waits for somebody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for
from flask_appbuilder import expose
from sqlalchemy import case, func, select

from core import clock
from core.admin import formats
from core.admin.base import Page
from core.admin.formats import Cell
from core.admin.guard import signed_in
from core.admin.interface import reader
from core.admin.request import here, state
from core.i18n import Text, _
from core.models import ParkedReceipt, ReceiptConflict, ReceiptRow


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of the overview, and where it leads."""

    label: Text
    cell: Cell
    href: str


class Home(Page):
    """The first page after signing in."""

    route_base = ""
    default_view = "index"
    class_permission_name = "core.home"

    @expose("/")
    @signed_in
    def index(self) -> Any:
        """Today's receipts and sales, what waits, and modules that are in trouble."""
        facts = here()
        tiles = [*self._receipts(), *self._waiting()]
        faults = [plugin for plugin in state().host.plugins.values() if plugin.state != "ok"]
        tripped = facts.known.tripped if facts.may("can_list", "core.switch") else {}
        values = {"tiles": tiles, "faults": faults if facts.may("can_list", "core.switch") else [], "tripped": tripped}
        return self.render("atrium/home.html", title=_("Overview"), **values)

    def _receipts(self) -> list[Tile]:
        if not here().may("can_list", "core.receipt"):
            return []
        mall = formats.mall_of(None)
        day: date = clock.now().astimezone(clock.zone(mall.zone)).date()
        signed = case((ReceiptRow.kind == "sale", ReceiptRow.total), else_=-ReceiptRow.total)
        query = select(func.count(ReceiptRow.id), func.coalesce(func.sum(signed), 0)).select_from(ReceiptRow)
        receipts, sales = reader().execute(query.where(ReceiptRow.business_date == day)).one()
        days: dict[str, Any] = {"business_date.from": day, "business_date.to": day}
        href = url_for("ReceiptView.list", **days)
        return [
            Tile(_("Sales today"), formats.money_cell(int(sales), mall.currency), href),
            Tile(_("Receipts today"), formats.number(receipts), href),
        ]

    def _waiting(self) -> list[Tile]:
        session, found = reader(), []
        if here().may("can_list", "core.conflict"):
            open_ = select(func.count(ReceiptConflict.id)).where(ReceiptConflict.handled_at.is_(None))
            tile = formats.number(session.scalar(open_))
            found.append(Tile(_("Contradicting receipts"), tile, url_for("ConflictView.list")))
        if here().may("can_list", "core.parked"):
            waiting = select(func.count(ParkedReceipt.id)).where(ParkedReceipt.settled_at.is_(None))
            tile = formats.number(session.scalar(waiting))
            found.append(Tile(_("Returns that wait for their sale"), tile, url_for("ParkedView.list")))
        return found
