"""Users, their roles and where they work; roles and what they may do."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_appbuilder.security.sqla.models import Role, User
from sqlalchemy import exists, or_, select
from wtforms import PasswordField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length, Optional

from core import auth
from core.admin import formats
from core.admin.base import ReadOnly, View
from core.admin.formats import Cell, State
from core.admin.forms import picks
from core.admin.guard import deed
from core.admin.interface import Interface, reader
from core.admin.panels import Panel, table
from core.admin.request import here
from core.auth import passwords, roles
from core.auth.users import roles_named
from core.db import UnitOfWork
from core.errors import Forbidden, Refused
from core.i18n import Text, _
from core.models import Reach

ACTIVE = {True: State(_("May sign in"), "ok", "check"), False: State(_("Barred"), "bad", "lock")}


def _role_choices() -> list[tuple[str, str]]:
    return [(role.name, str(roles.title_of(role.name))) for role in reader().scalars(select(Role).order_by(Role.id))]


def _place_choices() -> list[tuple[str, str]]:
    """The places one may give to others: those one reaches oneself."""
    facts = here()
    if facts.access is None:
        return []
    found = []
    for mall_id in sorted(facts.access.malls()):
        mall = facts.known.malls[mall_id]
        if (mall_id, 0) in facts.access.reach:
            found.append((f"{mall_id}:0", str(_("%(mall)s, all stores", mall=mall.name))))
        stores = [store for store in facts.access.stores(facts.known) if store.mall_id == mall_id]
        found += [(f"{mall_id}:{store.id}", f"{mall.name} {store.code} {store.name}") for store in stores]
    return found


def role_titles(given: Iterable[Any], row: Any = None) -> Cell:
    """Roles by what people call them."""
    return formats.text([str(roles.title_of(role.name)) for role in given])


class UserView(View):
    """Who may sign in. A user is barred, never deleted: the trail names them."""

    route_base = "/users"
    class_permission_name = "core.user"
    exclude_route_methods = View.exclude_route_methods | {"delete"}
    datamodel = Interface(User)
    list_title, add_title, edit_title = _("Users"), _("Add a user"), _("Change the user")
    list_columns = ("username", "first_name", "roles", "active", "last_login", "fail_login_count")
    show_columns = ("username", "first_name", "email", "roles", "active", "last_login", "login_count", "created_on")
    add_columns = ("username", "first_name", "password", "role_names", "places")
    edit_columns = ("first_name", "role_names", "places")
    search_columns = ("username", "active")
    order_columns = ("username", "last_login", "active")
    base_order = ("username", "asc")
    related = ("roles",)
    states = {"active": ACTIVE}  # type: ignore[dict-item]
    formats = {"roles": role_titles, "last_login": formats.moment, "created_on": formats.moment}
    label_columns = {
        "username": _("User name"),
        "first_name": _("Name"),
        "password": _("First password"),
        "roles": _("Roles"),
        "role_names": _("Roles"),
        "places": _("Works in"),
        "last_login": _("Last signed in"),
        "login_count": _("Times signed in"),
        "fail_login_count": _("Wrong passwords since"),
        "created_on": _("Added on"),
    }
    form_fields = {
        "username": StringField(_("User name"), validators=[InputRequired(_("This is needed.")), Length(max=60)]),
        "first_name": StringField(_("Name"), validators=[Optional(), Length(max=64)]),
        "password": PasswordField(
            _("First password"),
            description=_("At least %(n)s characters. They can change it after signing in.", n=passwords.SHORTEST),
            validators=[InputRequired(_("This is needed."))],
        ),
        "role_names": SelectMultipleField(_("Roles"), choices=picks(_role_choices), validators=[Optional()]),
        "places": SelectMultipleField(_("Works in"), choices=picks(_place_choices), validators=[Optional()]),
    }

    def visible(self, query: Any) -> Any:
        """Those who work nowhere that one does not: nobody rules over somebody with a larger reach."""
        access = here().access
        reach = access.reach if access else frozenset[tuple[int, int]]()
        whole = [mall_id for mall_id, store_id in reach if store_id == 0]
        stores = [store_id for _mall, store_id in reach if store_id]
        inside = or_(Reach.mall_id.in_(whole), Reach.store_id.in_(stores))
        return query.where(~exists(select(Reach.id).where(Reach.user_id == User.id, ~inside)))

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Make the user with roles and reach; nobody gives more than they have."""
        _refuse_more_rights(uow, form.role_names.data)
        user = auth.create_user(
            uow,
            username=form.username.data,
            password=form.password.data,
            roles=form.role_names.data,
            reach=_typed_places(form.places.data),
        )
        user.first_name = form.first_name.data or user.username
        return user

    def change(self, uow: UnitOfWork, row: Any, *, form: Any) -> Any:
        """Name, roles, and the places one reaches oneself; places beyond stay as they are."""
        row.first_name = form.first_name.data or row.username
        _refuse_more_rights(uow, set(form.role_names.data) - {role.name for role in row.roles})
        auth.set_roles(uow, user_id=row.id, roles=form.role_names.data)
        offered = {_place(value) for value, _words in _place_choices()}
        kept = uow.session.scalars(select(Reach).where(Reach.user_id == row.id)).all()
        beyond = {(reach.mall_id, reach.store_id) for reach in kept} - offered
        auth.set_reach(uow, user_id=row.id, reach=beyond | set(_typed_places(form.places.data)))
        return row

    def filled(self, form: Any, record: Any) -> None:
        """The form of a user begins with what they have."""
        form.role_names.data = [role.name for role in record.roles]
        rows = reader().scalars(select(Reach).where(Reach.user_id == record.id))
        form.places.data = [f"{reach.mall_id}:{reach.store_id}" for reach in rows]

    def title_of(self, record: Any) -> Any:
        """The name they sign in with."""
        return record.username

    def panels(self, record: Any) -> Iterable[Panel]:
        """Where they work."""
        rows = reader().scalars(select(Reach).where(Reach.user_id == record.id).order_by(Reach.mall_id, Reach.store_id))
        whole = _("All stores")
        columns = {
            "mall_id": (_("Mall"), formats.mall),
            "store_id": (_("Store"), lambda value, row: formats.store(value) if value else Cell(whole)),
        }
        yield table(_("Works in"), rows, columns=columns)

    @deed(_("Bar"), ask=_("Bar this user? All their sessions end at once."), why=True)
    def bar(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """They can no longer sign in, and are signed out everywhere."""
        for row in rows:
            if row.id == here().user_id:
                raise Refused(_("Nobody bars themselves."), code="own_account")
            auth.set_active(uow, user_id=row.id, active=False)
        return _("The user is barred.")

    @deed(_("Let in again"))
    def let_in(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """They can sign in again."""
        for row in rows:
            auth.set_active(uow, user_id=row.id, active=True)
        return _("The user may sign in.")

    @deed(_("Give a new password"), ask=_("Give the user a new password? All their sessions end at once."))
    def renew(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Any:
        """A random password, shown once."""
        secret = passwords.random()
        auth.set_password(uow, user_id=rows[0].id, password=secret)
        return self.page_of(rows[0], template="atrium/password.html", secret=secret)

    def deeds_for(self, record: Any) -> list[Any]:
        """What fits their state."""
        unfit = "let_in" if record.active else "bar"
        return [one for one in super().deeds_for(record) if one.name != unfit]


class RoleView(ReadOnly):
    """The roles and what they may do. Ours are put back by every upgrade; a mall composes them by giving several."""

    route_base = "/roles"
    class_permission_name = "core.role"
    datamodel = Interface(Role)
    list_title = _("Roles")
    list_columns = ("name",)
    show_columns = ("name",)
    search_columns = ()
    order_columns = ("name",)
    base_order = ("id", "asc")
    formats = {"name": lambda value, row: formats.text(roles.title_of(value))}
    label_columns = {"name": _("Role")}

    def title_of(self, record: Any) -> Any:
        """What people call the role."""
        return roles.title_of(record.name)

    def panels(self, record: Any) -> Iterable[Panel]:
        """Noun by noun, what the role may do."""
        may: dict[str, list[str]] = {}
        for permission in record.permissions:
            may.setdefault(permission.view_menu.name, []).append(permission.permission.name.removeprefix("can_"))
        rows = [[Cell(noun), Cell(", ".join(sorted(its)))] for noun, its in sorted(may.items())]
        yield Panel(_("May do"), [_("Noun"), _("Methods")], rows)


def _refuse_more_rights(uow: UnitOfWork, names: Iterable[str]) -> None:
    """Nobody gives a role that may do what they may not do themselves."""
    access = here().access
    for role in roles_named(uow, names):
        its = {(one.permission.name, one.view_menu.name) for one in role.permissions}
        if access is None or its - access.may:
            sentence = _("This role may do more than you: %(role)s.", role=roles.title_of(role.name))
            raise Refused(sentence, code="more_rights")


def _typed_places(values: Iterable[str]) -> list[tuple[int, int]]:
    """What the form names, if one may give it: the choices are those one reaches."""
    offered = {value for value, _words in _place_choices()}
    if set(values) - offered:
        raise Forbidden
    return [_place(value) for value in values]


def _place(value: str) -> tuple[int, int]:
    mall_id, _colon, store_id = value.partition(":")
    return int(mall_id), int(store_id)
