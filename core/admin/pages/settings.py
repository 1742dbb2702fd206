"""Settings of modules: a typed form made from each manifest, for the mall or for the store one works in."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, url_for
from flask_appbuilder import expose
from wtforms import BooleanField, Field, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from core import settings
from core.admin.base import Page
from core.admin.forms import Form, MoneyField, picks
from core.admin.guard import allowed
from core.admin.interface import work
from core.admin.pages.modules import title_of
from core.admin.request import here, state
from core.db import UnitOfWork
from core.errors import AtriumError
from core.i18n import _
from core.manifest import Manifest, Setting
from core.types import Place


class SettingsPage(Page):
    """What can be set, module by module."""

    route_base = "/settings"
    default_view = "list"
    class_permission_name = "core.setting"

    @expose("/")
    @allowed
    def list(self) -> Any:
        """The modules that have settings and are on here."""
        enabled = here().enabled()
        found = [plugin for name, plugin in state().host.ok().items() if name in enabled]
        lines = [(plugin, title_of(plugin)) for plugin in found if plugin.manifest and plugin.manifest.settings]
        return self.render("atrium/settings.html", title=_("Settings of modules"), lines=lines)

    @expose("/edit/<name>", methods=["GET", "POST"])
    @allowed
    def edit(self, name: str) -> Any:
        """The settings of a module in the place one works in. An empty store's field follows the mall."""
        plugin = state().host.ok().get(name)
        if plugin is None or plugin.manifest is None or name not in here().enabled():
            abort(404)
        manifest, (mall_id, store_id) = plugin.manifest, self._place()
        values = settings.of(here().known, manifest=manifest, mall_id=mall_id, store_id=store_id)
        form = form_of(manifest)(data=dict(values))
        if form.validate_on_submit() and self._stored(form, manifest, values=values):
            flash(str(_("The settings are saved. They hold from now on.")), "success")
            return redirect(url_for("SettingsPage.list"))
        place = here().known.stores[store_id].name if store_id else here().known.malls[mall_id].name
        title = _("%(module)s: settings for %(place)s", module=title_of(plugin), place=place)
        columns = [setting.name for setting in manifest.settings]
        return self.render("atrium/form.html", form=form, title=title, columns=columns)

    @expose("/follow/<name>", methods=["POST"])
    @allowed
    def follow(self, name: str) -> Any:
        """Let a module's settings follow the mall (or the defaults) again."""
        plugin = state().host.ok().get(name)
        if plugin is None or plugin.manifest is None:
            abort(404)
        mall_id, store_id = self._place()
        with work() as uow:
            for setting in plugin.manifest.settings:
                put(uow, plugin.manifest, name=setting.name, value=None, place=(mall_id, store_id))
        flash(str(_("The settings follow the mall again.") if store_id else _("The defaults hold again.")), "success")
        return redirect(url_for("SettingsPage.list"))

    def _stored(self, form: Any, manifest: Manifest, *, values: Any) -> bool:
        """Write what differs from what holds; what follows goes on following."""
        try:
            with work() as uow:
                for setting in manifest.settings:
                    typed = form[setting.name].data
                    typed = typed if typed is not None or setting.type != "text" else ""
                    if typed != values[setting.name]:
                        put(uow, manifest, name=setting.name, value=typed, place=self._place())
        except AtriumError as error:
            form.form_errors.append(str(error.text))
            return False
        return True

    def _place(self) -> tuple[int, int]:
        """The mall as a whole is for those who work in all of it."""
        facts = here()
        mall_id = facts.place.mall_id or next(iter(sorted(facts.scope.malls)), None)
        if mall_id is None:
            abort(404)
        if facts.place.store_id is None and facts.scope.stores is not None:
            abort(403)
        return mall_id, facts.place.store_id or 0


def put(uow: UnitOfWork, manifest: Manifest, *, name: str, value: Any, place: tuple[int, int]) -> None:
    """Set one setting at a place (mall, store; store 0 is the mall)."""
    mall_id, store_id = place
    settings.put(uow, manifest=manifest, name=name, place=Place(mall_id, store_id), value=value)


def form_of(manifest: Manifest) -> type[Form]:
    """The form of a manifest's settings; bounds and choices are checked by `settings.put`, which knows them."""
    return type("SettingsForm", (Form,), {setting.name: _field(setting) for setting in manifest.settings})


def _field(setting: Setting) -> Field:
    about = setting.help or ""
    if setting.type == "bool":
        return BooleanField(setting.title, description=about)
    needed = {"validators": [InputRequired(_("This is needed."))], "description": about}
    if setting.type == "int":
        return IntegerField(setting.title, **needed)
    if setting.type == "money":
        return MoneyField(setting.title, **needed)
    if setting.type == "choice":
        return SelectField(setting.title, choices=picks(lambda: setting.choices), description=about)
    return StringField(setting.title, validators=[Optional()], description=about)
