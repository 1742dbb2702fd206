"""Points as they lie there: when they were earned, why, until when they last, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Select, select

from core import Entry, Text, _
from core.admin import Cell, Interface, Panel, ReadOnly, formats
from core.admin.interface import reader
from plugins.loyalty.models import Lot, LotUse
from plugins.loyalty.rules.kinds import KINDS
from plugins.loyalty.rules.lots import FOREVER
from plugins.loyalty.views.reach import of_members


def last_day(value: Any, row: Any = None) -> Cell:
    """The day points expire, or that they never do."""
    return Cell(_("Never")) if value == FOREVER else formats.day(value)


class LotView(ReadOnly):
    """Lots of points. Nothing is changed here: tills, jobs and the books do that."""

    route_base = "/points/lots"
    class_permission_name = "loyalty.lot"
    datamodel = Interface(Lot)
    list_title = _("Points by lot")
    list_columns = ("id", "member_id", "earned", "remaining", "available_on", "expires_on", "rules")
    show_columns = ("member_id", "earned", "remaining", "available_on", "expires_on", "rules", "receipt_id", "entry_id")
    search_columns = ("available_on", "expires_on", "remaining", "receipt_id")
    order_columns = ("id", "available_on", "expires_on")
    related = ("member",)
    formats = {
        "member_id": formats.link("MemberView", lambda value, row: formats.text(row.member.name if row.member else "")),
        "expires_on": last_day,
        "receipt_id": formats.link("ReceiptView"),
        "entry_id": formats.link("EntryView"),
    }
    label_columns = {
        "earned": _("Earned"),
        "remaining": _("Left"),
        "available_on": _("Can be used from"),
        "expires_on": _("Last day"),
        "rules": _("Rules"),
        "receipt_id": _("Receipt"),
        "entry_id": _("Entry"),
    }
    empty = _("No points yet. They come with the first receipt of a member.")

    def visible(self, query: Select[Any]) -> Select[Any]:
        """The lots of the members one may list."""
        return of_members(query, Lot.member_id)

    def panels(self, record: Lot) -> Iterable[Panel]:
        """Where each point comes from, and where it went."""
        entry = reader().get(Entry, record.entry_id)
        steps = [_step(one) for one in json.loads(entry.reasons)] if entry else []
        yield Panel(_("Where each point comes from"), [_("Step"), _("Line"), _("Rule")], steps)
        query = select(LotUse, Entry).join(Entry, Entry.id == LotUse.entry_id).where(LotUse.lot_id == record.id)
        went = [_use(use, by) for use, by in reader().execute(query.order_by(LotUse.id))]
        yield Panel(_("What became of them"), [_("Recorded"), _("What"), _("Store"), _("Points")], went)


def _step(stored: dict[str, Any]) -> list[Cell]:
    said: dict[str, Any] = {key: stored[key] for key in ("text", "with") if key in stored}
    return [Cell(Text.restored(said)), formats.text(stored.get("line")), formats.text(stored.get("rule"))]


def _use(use: LotUse, entry: Entry) -> list[Cell]:
    what = formats.link("EntryView", lambda value, row: formats.text(KINDS.get(value, value)), key="id")
    return [
        formats.moment(entry.recorded_at, entry),
        what(entry.kind, entry),
        formats.store(entry.store_id),
        formats.change(-use.points),
    ]
