"""Putting the back office together: Flask-AppBuilder behind one door, our views, and every plugin's."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Blueprint, Flask, current_app, request
from flask.globals import app_ctx
from flask_appbuilder import AppBuilder
from flask_babel import get_babel
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from sqlalchemy.orm import scoped_session

from core import audit, auth, i18n, reports, scope
from core.admin import errors, shell
from core.admin import request as requests
from core.admin.base import AdminEntry
from core.admin.nav import Nav
from core.admin.request import State, here
from core.auth import Security
from core.db import SYSTEM, Database, unit_of_work
from core.errors import BrokenPlugin
from core.host import Host, Loaded
from core.house import House
from core.i18n import ROOT, Text, _
from core.sessions import WebSessions

CORE = "core"
GROUPS: dict[str, tuple[Text, str]] = {
    "Members": (_("Members"), "users"),
    "Products": (_("Products"), "tag"),
    "Tills": (_("Tills"), "till"),
    "Books": (_("Books"), "chart"),
    "Settings": (_("Settings"), "gear"),
}
_CONFIG = {
    "FAB_CREATE_DB": False,
    "FAB_UPDATE_PERMS": False,
    "FAB_ADD_SECURITY_VIEWS": False,
    "FAB_ADD_OPENAPI_VIEWS": False,
    "FAB_ADD_MENU_API": False,
    "FAB_API_SWAGGER_UI": False,
    "LANGUAGES": {code: {"flag": "", "name": name} for code, name in shell.LANGUAGE_NAMES.items()},
    "BABEL_DEFAULT_LOCALE": i18n.LANGUAGES[0],
    "WTF_CSRF_CHECK_DEFAULT": False,  # asked for below, for every page but not for the tills
    "WTF_CSRF_TIME_LIMIT": None,  # a form is good for as long as its session
    "SEND_FILE_MAX_AGE_DEFAULT": 31_536_000,  # addresses of static files change with their contents
}


class Builder(AppBuilder):
    """Flask-AppBuilder without its own pages, static files and template filters."""

    def _add_admin_views(self) -> None:
        """Ours are mounted by `build`."""

    def _add_global_static(self) -> None:
        """No page of ours uses its scripts."""

    def _add_global_filters(self) -> None:
        """No template of ours uses its filters."""


def new_app() -> Flask:
    """A Flask app whose templates and static files are the core's."""
    return Flask("atrium", root_path=str(ROOT / "core"), static_folder="static", template_folder="templates")


def build(app: Flask, house: House) -> AppBuilder:
    """Mount the back office on `app`. What stands in `app.config` already comes before what is set here.

    A plugin whose screens cannot be mounted is listed as broken, and the rest opens.
    """
    from core.admin import pages

    database, host = house.database, house.host
    for name, value in _CONFIG.items():
        app.config.setdefault(name, value)
    app.config["SECRET_KEY"] = app.config.get("SECRET_KEY") or house.vault.web_secret()
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(str(folder) for folder in i18n.folders())
    app.session_interface = WebSessions(database, house.vault)
    app.extensions["atrium"] = State(database, host, nouns={}, plugins={})
    audit.install(database)
    _protect(app)
    requests.install(app)
    shell.install(app)
    errors.install(app)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _files(app, host)
    with app.app_context():
        built = Builder(app, _registry(database), menu=Nav(), security_manager_class=Security)
        get_babel().locale_selector = requests.language
        _mount(built, CORE, entries=pages.entries())
        built.sm.auth_view = next(view for view in built.baseviews if type(view).__name__ == "SignIn")
        for plugin in host.ok().values():
            _mount_plugin(built, host, plugin=plugin)
        _sort(built.menu)
    return built


def sync_permissions(app: Flask) -> None:
    """Write all permissions and the shipped roles to the database; `upgrade` calls it."""
    state: State = app.extensions["atrium"]
    nouns: dict[str, set[str]] = {}
    for view in app.extensions["appbuilder"].baseviews:
        nouns.setdefault(str(view.class_permission_name), set()).update(view.base_permissions)
    grants: dict[str, dict[str, tuple[str, ...]]] = {}
    for entry in app.extensions["atrium.entries"]:
        for role, its in entry.grants.items():
            grants.setdefault(role, {}).update(its)
    for found in reports.catalogue(state.host):
        noun, reading = found.report.permission, "can_show"
        nouns.setdefault(noun, set()).add(reading)
        for role in found.report.roles:
            its = grants.setdefault(role, {})
            its[noun] = (*its.get(noun, ()), reading)
    with scope.system_scope("permissions"), unit_of_work(state.database, actor=SYSTEM) as uow:
        auth.sync(uow, nouns={noun: its for noun, its in nouns.items() if its}, grants=grants)


def _files(app: Flask, host: Host) -> None:
    """Templates and static files of the core, then of each plugin, which keeps to a folder of its own name."""
    rooms = {name: plugin.folder for name, plugin in host.ok().items()}
    templates = [ROOT / "core" / "templates", *(room / "templates" for room in rooms.values())]
    app.jinja_loader = ChoiceLoader([FileSystemLoader(folder) for folder in templates])
    app.extensions["atrium.static"] = {name: room / "static" for name, room in rooms.items()}
    for name, room in rooms.items():
        if (room / "static" / name).is_dir():
            where: Any = {"static_folder": str(room / "static" / name), "static_url_path": f"/static/{name}"}
            app.register_blueprint(Blueprint(f"{name}_files", host.plugins[name].package, root_path=str(room), **where))


def _registry(database: Database) -> Any:
    """The request's own session: reads only, and ends with the request."""

    def mine() -> int:
        return id(app_ctx._get_current_object())  # type: ignore[attr-defined]

    made: Any = database.session
    return scoped_session(made, scopefunc=mine)


def _protect(app: Flask) -> None:
    csrf = app.extensions.get("csrf") or CSRFProtect(app)

    def check() -> None:
        if not request.path.startswith("/api/"):
            csrf.protect()

    app.before_request(check)


def _mount_plugin(built: Any, host: Host, *, plugin: Loaded) -> None:
    try:
        for bell in host.bells("admin_views", frozenset({plugin.name})):
            _mount(built, plugin.name, entries=host.ring(bell, {}, read=list))
    except (BrokenPlugin, TypeError, ValueError, AttributeError) as error:
        because = error.facts.get("because") if isinstance(error, BrokenPlugin) else None
        plugin.broken(_("Its screens cannot be mounted: %(error)s", error=str(because or error)))


def _mount(built: Any, plugin: str, *, entries: Iterable[AdminEntry]) -> None:
    state: State = current_app.extensions["atrium"]
    mounted: list[AdminEntry] = current_app.extensions.setdefault("atrium.entries", [])
    for entry in sorted(entries, key=lambda entry: entry.order):
        noun = entry.view.class_permission_name
        if plugin != CORE and not str(noun).startswith(f"{plugin}."):
            raise ValueError(f"{entry.view.__name__}: the permission {noun} does not begin with {plugin}.")
        if entry.hidden:
            view = built.add_view_no_menu(entry.view)
        else:
            category = entry.category or ("" if plugin == CORE else plugin)
            label, icon = _group(plugin, category)
            words = {"label": entry.label, "category": category, "category_label": label, "category_icon": icon}
            view = built.add_view(entry.view, entry.name, icon=entry.icon, menu_cond=_on(plugin), **words)
        state.nouns[view.endpoint] = str(view.class_permission_name)
        state.plugins[view.endpoint] = plugin
        mounted.append(entry)


def _group(plugin: str, category: str) -> tuple[Any, str]:
    if category in GROUPS:
        return GROUPS[category]
    state: State = current_app.extensions["atrium"]
    loaded = state.host.plugins.get(plugin)
    title = loaded.manifest.title if loaded is not None and loaded.manifest is not None else category
    return title, "star"


def _on(plugin: str) -> Callable[[], bool] | None:
    return None if plugin == CORE else lambda: plugin in here().enabled()


def _sort(menu: Nav) -> None:
    """The overview first, members, then a group for each plugin, then the core's other groups, settings last."""
    order = ["Overview", "Members", *[name for name in (item.name for item in menu.menu) if name not in GROUPS]]
    order += ["Tills", "Products", "Books", "Settings"]
    menu.menu.sort(key=lambda item: order.index(item.name))
