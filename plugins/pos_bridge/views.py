"""The daily closes, for those who work off differences."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from core import Text, _
from core.admin import AdminEntry, Cell, Interface, Panel, ReadOnly, State, formats
from plugins.pos_bridge.models import Close
from plugins.pos_bridge.rules.closing import KINDS

WORDS = {"sales": _("Sales"), "returns": _("Returns"), "voids": _("Voids")}
AGREES = {True: State(_("Agrees"), "ok", "check"), False: State(_("Differs"), "warn", "alert")}
_READ = ("can_list", "can_show")


class CloseView(ReadOnly):
    """What each till counted on a day beside what arrived."""

    route_base = "/tills/closes"
    class_permission_name = "pos_bridge.close"
    datamodel = Interface(Close)
    list_title, show_title = _("Daily closes"), _("Daily close")
    list_columns = ("business_date", "till_code", "said_total", "arrived_total", "difference", "agrees")
    show_columns = ("business_date", "till_code", "closed_at", "times", "said_receipts", "arrived_receipts", "agrees")
    search_columns = ("business_date", "till_code", "agrees")
    order_columns = ("business_date", "till_code", "difference")
    money = frozenset({"said_total", "arrived_total", "difference"})
    label_columns = {
        "said_total": _("Till says"),
        "arrived_total": _("Arrived"),
        "difference": _("Difference"),
        "agrees": _("Result"),
        "closed_at": _("Closed at"),
        "times": _("Times closed"),
        "said_receipts": _("Receipts by the till"),
        "arrived_receipts": _("Receipts arrived"),
    }
    empty = _("No till has closed a day yet.")

    def format_of(self, name: str) -> formats.Format:
        """The result is a state; the rest as everywhere."""
        return _agrees if name == "agrees" else super().format_of(name)

    def panels(self, record: Close) -> Iterable[Panel]:
        """Both sides, kind by kind and tender by tender."""
        found = json.loads(record.details)
        heads: list[Any] = [_("Kind"), _("Till says"), _("Arrived"), _("Difference")]
        rows = [_row(WORDS[kind], _side(found, kind), record=record) for kind in KINDS]
        tenders = found["said"].get("tenders")
        if tenders is not None:
            ours = found["arrived"].get("tenders", {})
            names = sorted({*tenders, *ours})
            rows += [_row(name, (tenders.get(name, 0), ours.get(name, 0)), record=record) for name in names]
        yield Panel(_("What was compared"), heads, rows)


def _side(found: dict[str, Any], kind: str) -> tuple[int, int]:
    return found["said"][kind]["total"], found["arrived"][kind]["total"]


def _row(label: Text | str, amounts: tuple[int, int], *, record: Close) -> list[Cell]:
    said, arrived = amounts
    return [formats.text(label), *(formats.money(amount, record) for amount in (said, arrived, said - arrived))]


def _agrees(value: bool, row: Any = None) -> Cell:
    state = AGREES[value]
    return Cell(state.word, tone=state.tone, icon=state.icon)


ENTRIES = [
    AdminEntry(
        CloseView,
        "Daily closes",
        _("Daily closes"),
        category="Tills",
        icon="till",
        grants={role: {"pos_bridge.close": _READ} for role in ("store_manager", "department_head", "finance")},
    )
]
