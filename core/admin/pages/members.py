"""Members and their cards. Lists follow home store and visits; a desk reaches anybody by exact look-up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import session
from sqlalchemy import or_, select
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core import audit, services
from core.admin import formats, lookup
from core.admin.base import View
from core.admin.formats import Cell, State
from core.admin.forms import fill, picks
from core.admin.guard import deed
from core.admin.interface import Interface, looking, reader
from core.admin.panels import Panel, table
from core.admin.request import here, state
from core.audit import Subject
from core.db import UnitOfWork
from core.errors import AtriumError, Refused
from core.i18n import Text, _
from core.models import Card, Member, ReceiptRow
from core.services import Person

GENDERS = {"": _("Not said"), "f": _("Female"), "m": _("Male"), "x": _("Other")}
STATES = {
    "active": State(_("Active"), "ok", "check"),
    "frozen": State(_("Frozen"), "bad", "lock"),
    "closing": State(_("Closing"), "warn", "clock"),
    "closed": State(_("Closed"), "mute", "minus"),
}
CARD_STATES = {
    "made": State(_("Made"), "mute", "minus"),
    "in_stock": State(_("In stock"), "mute", "minus"),
    "handed_out": State(_("Handed out"), "warn", "clock"),
    "active": State(_("Active"), "ok", "check"),
    "lost": State(_("Lost"), "bad", "lock"),
    "replaced": State(_("Replaced"), "mute", "minus"),
    "expired": State(_("Expired"), "mute", "clock"),
}
FORMS = {"electronic": _("Electronic"), "plastic": _("Plastic")}
CARD_KINDS = {"retail": _("Retail"), "employee": _("Employee"), "group": _("Group")}
SOURCES = {
    "desk": _("Desk"),
    "till": _("Till"),
    "import": _("Import"),
    "api": _("API"),
    "command": _("Command line"),
    "sample": _("Sample"),
}
LAST_RECEIPTS = 20
_CONSENTS = ("consent_sms", "consent_email", "consent_phone")


class MemberView(View):
    """The members of the mall, as far as one's stores know them."""

    route_base = "/members"
    class_permission_name = "core.member"
    exclude_route_methods = View.exclude_route_methods | {"delete"}
    datamodel = Interface(Member)
    list_title, add_title, edit_title = _("Members"), _("Enrol a member"), _("Change the member")
    list_columns = ("name", "phone_masked", "home_store.name", "joined_on", "status")
    show_fieldsets = (
        (None, ("name", "phone", "email", "address", "gender", "birthday")),
        (_("Membership"), ("status", "joined_on", "home_store.name", "source")),
        (_("May be reached by"), _CONSENTS),
    )
    show_columns = ("name", "phone", "email", "address", "gender", "birthday", "status", "joined_on", "source")
    add_columns = ("name", "phone", "email", "address", "gender", "birthday", *_CONSENTS)
    edit_columns = ("name", "new_phone", "new_email", "new_address", "gender", "birthday", *_CONSENTS)
    # Names, phones and birthdays are looked up by POST: an address with them in it would stand in every log.
    search_columns = ("status", "joined_on", "source")
    order_columns = ("joined_on",)
    base_order = ("id", "desc")
    related = ("home_store",)
    states = {"status": STATES}
    choices = {"gender": GENDERS, "source": SOURCES, "status": {key: one.word for key, one in STATES.items()}}
    sealed = {"phone": "phone", "email": "email", "address": "address"}
    formats = {"birthday": lambda value, row: Cell(value.strftime("%m-**")) if value else formats.EMPTY}
    label_columns = {
        "name": _("Name"),
        "phone_masked": _("Phone"),
        "home_store.name": _("Home store"),
        "joined_on": _("Joined on"),
        "source": _("Joined by"),
        "consent_sms": _("Text message"),
        "consent_email": _("E-mail"),
        "consent_phone": _("Telephone"),
        "new_phone": _("New phone"),
        "new_email": _("New e-mail"),
        "new_address": _("New address"),
    }
    form_fields = {
        "phone": StringField(_("Phone"), validators=[InputRequired(_("This is needed.")), Length(max=30)]),
        "email": StringField(_("E-mail"), validators=[Optional(), Length(max=120)]),
        "address": StringField(_("Address"), validators=[Optional(), Length(max=200)]),
        "new_phone": StringField(
            _("New phone"), description=_("Leave empty to keep what is there."), validators=[Optional(), Length(max=30)]
        ),
        "new_email": StringField(
            _("New e-mail"),
            description=_("Leave empty to keep what is there."),
            validators=[Optional(), Length(max=120)],
        ),
        "new_address": StringField(
            _("New address"),
            description=_("Leave empty to keep what is there."),
            validators=[Optional(), Length(max=200)],
        ),
        "gender": SelectField(_("Gender"), choices=picks(GENDERS.items)),
    }
    empty = _("No member yet. Enrol the first one.")

    def visible(self, query: Any) -> Any:
        """Home store or visits; and those this session has looked up."""
        return known_here(query)

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Enrol them; the store one works in becomes their home."""
        typed = {name: form[name].data for name in self.add_columns}
        typed |= {name: typed[name] or "" for name in ("email", "address", "gender")}
        home = here().place.store_id
        member = services.enrol_member(uow, mall_id=here().mall_id(), person=Person(**typed), store_id=home)
        lookup.remember([member.id])
        return member

    def change(self, uow: UnitOfWork, row: Any, *, form: Any) -> Any:
        """What was typed; sealed texts only when something was typed."""
        fill(row, form, columns=("name", "gender", "birthday", *_CONSENTS))
        if form.new_phone.data:
            services.change_phone(uow, member=row, phone=form.new_phone.data)
        row.email = form.new_email.data or row.email
        row.address = form.new_address.data or row.address
        return row

    def panels(self, record: Any) -> Iterable[Panel]:
        """Cards, what the modules tell, and the last receipts in one's stores."""
        cards = reader().scalars(select(Card).where(Card.member_id == record.id).order_by(Card.id.desc()))
        yield table(_("Cards"), cards, columns=_CARD_COLUMNS)
        yield from _told_by_modules(record)
        if here().may("can_list", "core.receipt"):
            query = select(ReceiptRow).where(ReceiptRow.member_id == record.id)
            last = reader().scalars(query.order_by(ReceiptRow.id.desc()).limit(LAST_RECEIPTS))
            yield table(_("Last receipts"), last, columns=_RECEIPT_COLUMNS)

    @deed(_("Freeze"), ask=_("Freeze this membership? Points and cards do nothing until it is active again."), why=True)
    def freeze(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """Or, when it is frozen, make it active again."""
        for row in rows:
            if row.status not in ("active", "frozen"):
                raise Refused(_("Only an active membership can be frozen."), code="not_active")
            row.status = "frozen" if row.status == "active" else "active"
            audit.record(uow, action="changed", subject=Subject.of(row), reason=reason)
        return _("The membership is changed.")


class CardView(View):
    """The cards of members. An old card never works again; its number is still found."""

    route_base = "/cards"
    class_permission_name = "core.card"
    exclude_route_methods = View.exclude_route_methods | {"add", "edit", "delete"}
    datamodel = Interface(Card)
    list_title, add_title, edit_title = _("Cards"), _("Issue a card"), _("Change the card")
    list_columns = ("number_masked", "member_id", "form", "kind", "state", "created_at")
    show_columns = ("number", "member_id", "form", "kind", "state", "created_at")
    add_columns: tuple[str, ...] = ()
    edit_columns: tuple[str, ...] = ()
    search_columns = ("form", "kind", "state", "created_at")
    order_columns = ("created_at",)
    related = ("member",)
    states = {"state": CARD_STATES}
    choices = {"form": FORMS, "kind": CARD_KINDS, "state": {key: one.word for key, one in CARD_STATES.items()}}
    sealed = {"number": "card"}
    formats = {
        "member_id": formats.link("MemberView", lambda value, row: formats.text(row.member.name if row.member else "")),
    }
    label_columns = {"number_masked": _("Card number"), "number": _("Card number"), "form": _("Form")}

    def visible(self, query: Any) -> Any:
        """The cards of the members one may list."""
        return query if here().scope.stores is None else query.where(Card.member_id.in_(known_here(select(Member.id))))

    @deed(_("Report lost"), ask=_("Report this card lost? It never works again."), why=True)
    def block(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """It never works again; the member gets a new one."""
        for row in rows:
            services.retire_card(uow, card=row, lost=True)
            audit.record(uow, action="changed", subject=Subject.of(row), reason=reason)
        return _("The card is blocked.")


def known_here(query: Any) -> Any:
    """A query of members narrowed to those whom one's stores know, by home or by visit, or whom one has found."""
    stores = here().scope.stores
    if stores is None:
        return query
    visits = select(ReceiptRow.member_id).where(ReceiptRow.member_id.is_not(None), ReceiptRow.store_id.in_(stores))
    known = or_(Member.home_store_id.in_(stores), Member.id.in_(visits))
    return query.where(or_(known, Member.id.in_(session.get(lookup.FOUND, []))))


def _told_by_modules(member: Any) -> Iterable[Panel]:
    """A panel of each module that is on here; one that fails shows its title and that it cannot."""
    host, found = state().host, []
    for bell in host.bells("member_panels", here().enabled()):
        manifest = host.plugins[bell.plugin].manifest
        title = manifest.title if manifest else bell.plugin
        try:
            with looking() as uow:
                told = host.ring(bell, {"member_id": member.id, "uow": uow}, read=list)
            found += [(one.get("order", 100), _panel(one, title)) for one in told]
        except AtriumError:
            found.append((1000, Panel(title, [], [[Cell(_("Cannot be shown at the moment."))]])))
    return [panel for _order, panel in sorted(found, key=lambda pair: pair[0])]


def _panel(told: Any, source: Any) -> Panel:
    rows = [
        [formats.text(label), value if isinstance(value, Cell) else formats.text(value)]
        for label, value in told["rows"]
    ]
    return Panel(told["title"], [], rows, source)


_CARD_COLUMNS = {
    "number_masked": (_("Card number"), formats.link("CardView", key="id")),
    "form": (_("Form"), formats.words(FORMS)),
    "kind": (_("Kind"), formats.words(CARD_KINDS)),
    "state": (_("State"), formats.states(CARD_STATES)),
    "created_at": (_("Made on"), formats.moment),
}
_RECEIPT_COLUMNS = {
    "happened_at": (_("When"), formats.moment),
    "number": (_("Receipt"), formats.link("ReceiptView", key="id")),
    "store_id": (_("Store"), formats.store),
    "total": (_("Total"), formats.money),
}
