"""Tills and their keys: issued once and shown once, ended at once."""

from __future__ import annotations

from typing import Any

from flask import g
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core import services
from core.admin import formats
from core.admin.base import View
from core.admin.formats import State
from core.admin.guard import deed
from core.admin.interface import Interface, reader
from core.admin.request import here
from core.db import UnitOfWork
from core.i18n import Text, _
from core.models import Till

STATES = {
    "active": State(_("Has a key"), "ok", "check"),
    "revoked": State(_("Key ended"), "bad", "lock"),
    "imported": State(_("Without a key"), "mute", "minus"),
}
_SEEN = ("last_seen_at", "clock_seconds", "version", "queue_length")


class TillView(View):
    """The tills of the stores one reaches."""

    route_base = "/tills"
    class_permission_name = "core.till"
    exclude_route_methods = View.exclude_route_methods | {"delete"}
    datamodel = Interface(Till)
    list_title, add_title, edit_title = _("Tills"), _("Register a till"), _("Change the till")
    list_columns = ("code", "store_id", "model", "state", "token_tail", "last_seen_at", "version", "queue_length")
    show_fieldsets = (
        (None, ("code", "store_id", "model", "state", "token_tail", "created_at", "revoked_at")),
        (_("What it told of itself"), _SEEN),
        (_("How far its clock and its day may be off"), ("max_future_hours", "max_past_days")),
    )
    show_columns = ("code", "store_id", "model", "state", "token_tail", "created_at", "revoked_at", *_SEEN)
    add_columns = ("code", "model")
    edit_columns = ("model", "max_future_hours", "max_past_days")
    search_columns = ("code", "model", "state")
    order_columns = ("code", "state", "last_seen_at")
    base_order = ("code", "asc")
    states = {"state": STATES}
    choices = {"state": {key: state.word for key, state in STATES.items()}}
    formats = {"token_tail": lambda value, row: formats.text(f"…{value}" if value else "")}
    label_columns = {
        "code": _("Till"),
        "token_tail": _("Key ends in"),
        "last_seen_at": _("Last seen"),
        "clock_seconds": _("Clock ahead by, in seconds"),
        "version": _("Version"),
        "queue_length": _("Receipts waiting in the till"),
        "revoked_at": _("Key ended on"),
        "max_future_hours": _("Hours into the future"),
        "max_past_days": _("Days into the past"),
    }
    form_fields = {
        "code": StringField(_("Till"), validators=[InputRequired(_("This is needed.")), Length(max=30)]),
    }
    empty = _("No till yet. Register the first one of this store.")

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Register the till; its key stands on the page that answers, and nowhere else."""
        model = form.model.data or ""
        till, g.secret = services.create_till(uow, store_id=here().store_id(), code=form.code.data, model=model)
        return till

    def done(self, key: str) -> Any:
        """The new key, this once."""
        secret = g.pop("secret", None)
        if secret is None:
            return super().done(key)
        return self.page_of(self.record(reader(), key), template="atrium/key.html", secret=secret)

    def change(self, uow: UnitOfWork, row: Any, *, form: Any) -> Any:
        """The bounds are checked by the service."""
        row.model = form.model.data or ""
        hours, days = form.max_future_hours.data, form.max_past_days.data
        return services.set_clock_skew(uow, till_id=row.id, max_future_hours=hours, max_past_days=days)

    @deed(_("Issue a new key"), ask=_("Issue a new key? The one the till has now ends at once."))
    def issue(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Any:
        """A new key, shown once."""
        till, secret = services.rotate_key(uow, till_id=rows[0].id)
        return self.page_of(till, template="atrium/key.html", secret=secret)

    @deed(_("End the key"), ask=_("End the key? The till is refused from this moment on."))
    def revoke(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """The till is refused from now on, in every process."""
        for row in rows:
            services.revoke_till(uow, till_id=row.id)
        return _("The key has ended.")

    def deeds_for(self, record: Any) -> list[Any]:
        """A key can be ended only when there is one."""
        return [one for one in super().deeds_for(record) if one.name != "revoke" or record.state == "active"]
