"""Malls and stores: made with generated codes, closed but never deleted."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core import services
from core.admin import formats
from core.admin.base import View
from core.admin.formats import State
from core.admin.forms import picks
from core.admin.guard import deed
from core.admin.interface import Interface
from core.admin.request import here
from core.admin.shell import LANGUAGE_NAMES
from core.db import UnitOfWork
from core.errors import Refused
from core.i18n import Text, _
from core.models import Mall, Reach, Store
from core.services import NewStore

CURRENCIES = ("CNY", "HKD", "MOP", "TWD", "USD", "EUR", "GBP", "JPY", "KRW", "SGD", "THB", "MYR", "VND", "AUD", "CAD")
OPEN = {"open": State(_("Open"), "ok", "check"), "closed": State(_("Closed"), "mute", "lock")}
KINDS = {"direct": _("Run by the mall"), "partner": _("Tenant")}
_STORE_FACTS = ("name", "kind", "trade", "floor", "unit", "manager", "phone", "address", "cooperation", "settlement")
_STORE_LABELS = {
    "trade": _("Trade"),
    "floor": _("Floor level"),
    "unit": _("Unit number"),
    "cooperation": _("Mode of co-operation"),
    "settlement": _("Mode of settlement"),
    "opened_on": _("Opened on"),
    "closed_on": _("Closed on"),
}


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in sorted(available_timezones()) if "/" in name and not name.startswith("Etc/")]


class MallView(View):
    """The malls one reaches. Currency and time zone hold for good: everything booked is in them."""

    route_base = "/malls"
    class_permission_name = "core.mall"
    exclude_route_methods = View.exclude_route_methods | {"delete"}
    datamodel = Interface(Mall)
    list_title, add_title, edit_title = _("Malls"), _("Open a mall"), _("Change the mall")
    list_columns = ("code", "name", "currency", "zone", "locale")
    show_columns = ("code", "name", "currency", "zone", "locale", "created_at")
    add_columns = ("name", "currency", "zone", "locale")
    edit_columns = ("name", "locale")
    search_columns = ("name",)
    order_columns = ("code", "name")
    base_order = ("code", "asc")
    label_columns = {"name": _("Name of the mall")}
    form_fields = {
        "currency": SelectField(_("Currency"), choices=picks(lambda: zip(CURRENCIES, CURRENCIES, strict=True))),
        "zone": SelectField(_("Time zone"), choices=picks(_zones), default="Asia/Shanghai"),
        "locale": SelectField(_("Language of what tills print"), choices=picks(LANGUAGE_NAMES.items)),
    }
    formats = {"locale": lambda value, row: formats.text(LANGUAGE_NAMES.get(value, value))}

    def visible(self, query: Any) -> Any:
        """Only the malls in reach: a mall itself is no row of a mall."""
        access = here().access
        return query.where(Mall.id.in_(access.malls() if access else ()))

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Open the mall; whoever opens it works in it."""
        typed = {name: form[name].data for name in self.add_columns}
        mall = services.create_mall(uow, **typed)
        uow.session.add(Reach(user_id=here().user_id, mall_id=mall.id, store_id=0))
        return mall


class StoreView(View):
    """The stores one reaches. A store is closed, never deleted: its receipts stay, its code is not given again."""

    route_base = "/stores"
    class_permission_name = "core.store"
    exclude_route_methods = View.exclude_route_methods | {"delete"}
    datamodel = Interface(Store)
    list_title, add_title, edit_title = _("Stores"), _("Open a store"), _("Change the store")
    list_columns = ("code", "name", "kind", "trade", "floor", "unit", "manager", "state")
    show_columns = ("code", *_STORE_FACTS, "state", "opened_on", "closed_on")
    add_columns = _STORE_FACTS
    edit_columns = _STORE_FACTS
    search_columns = ("code", "name", "kind", "trade", "state")
    order_columns = ("code", "name", "trade", "floor", "state")
    base_order = ("code", "asc")
    label_columns = {**_STORE_LABELS, "name": _("Name of the store")}
    choices = {"kind": KINDS, "state": {key: state.word for key, state in OPEN.items()}}
    states = {"state": OPEN}
    form_fields = {
        "name": StringField(_("Name of the store"), validators=[InputRequired(_("This is needed.")), Length(max=120)])
    }
    empty = _("No store yet. Open the first one.")

    def visible(self, query: Any) -> Any:
        """A store is a row of its mall; who works in some stores sees those."""
        stores = here().scope.stores
        return query if stores is None else query.where(Store.id.in_(stores))

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Open the store in the mall one works in."""
        if here().scope.stores is not None:
            raise Refused(_("Only somebody who works in the whole mall may open a store."), code="reach_too_small")
        facts = NewStore(**{name: form[name].data or "" for name in _STORE_FACTS})
        return services.create_store(uow, mall_id=here().mall_id(), store=facts)

    @deed(_("Close"), ask=_("Close the store? Its tills are refused from now on; nothing is deleted."))
    def close(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """Its tills are refused from now on."""
        for row in rows:
            services.close_store(uow, store_id=row.id)
        return _("The store is closed.")

    @deed(_("Open again"))
    def reopen(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """Let its tills in again."""
        for row in rows:
            services.reopen_store(uow, store_id=row.id)
        return _("The store is open.")

    def deeds_for(self, record: Any) -> list[Any]:
        """What fits its state."""
        fits = "close" if record.state == "open" else "reopen"
        return [one for one in super().deeds_for(record) if one.name == fits]
