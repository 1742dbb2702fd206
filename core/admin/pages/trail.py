"""The audit trail: who changed or looked at what, when and from where, with what was before and after."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select

from core.admin import formats
from core.admin.base import ReadOnly
from core.admin.formats import Cell
from core.admin.interface import Interface
from core.admin.panels import Panel
from core.admin.request import here
from core.i18n import Text, _
from core.models import Audit

ACTIONS: dict[str, Text] = {
    "added": _("Added"),
    "changed": _("Changed"),
    "deleted": _("Deleted"),
    "revealed": _("Looked at personal data"),
    "found": _("Looked up a member"),
    "signed_in": _("Signed in"),
    "sign_in_failed": _("Wrong password"),
    "signed_out": _("Signed out"),
    "verified": _("Checked the books"),
}


class AuditView(ReadOnly):
    """Nobody changes this list, not even here: the database refuses."""

    route_base = "/audit"
    class_permission_name = "core.audit"
    datamodel = Interface(Audit)
    list_title = _("Audit trail")
    list_columns = ("at", "actor", "action", "record", "record_id", "reason", "store_id", "address")
    show_columns = ("at", "actor", "address", "action", "record", "record_id", "reason", "mall_id", "store_id")
    search_columns = ("at", "actor", "action", "record", "record_id", "address")
    order_columns = ("at",)
    base_order = ("id", "desc")
    choices = {"action": ACTIONS}
    label_columns = {
        "record": _("Table"),
        "record_id": _("Record"),
        "address": _("From where"),
    }

    def visible(self, query: Any) -> Any:
        """Rows of the places in reach; what belongs to no mall (users, roles) for those who see a whole mall."""
        reach = here().scope
        if reach.stores is not None:
            return query
        return select(Audit).where(or_(Audit.mall_id.in_(reach.malls), Audit.mall_id.is_(None)))

    def panels(self, record: Any) -> Iterable[Panel]:
        """Column by column, what was before and what is after."""
        before, after = (json.loads(text) if text else {} for text in (record.before, record.after))
        rows = [
            [Cell(name), formats.text(before.get(name)), formats.text(after.get(name))]
            for name in dict.fromkeys((*before, *after))
        ]
        if rows:
            yield Panel(_("What changed"), [_("Column"), _("Before"), _("After")], rows)
