"""Signing in and out, the language, the place one works in, one's own password. Nothing here changes by a GET."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import abort, current_app, flash, redirect, request, session, url_for
from flask_appbuilder import expose
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from core import auth
from core.admin.base import Page
from core.admin.forms import Form
from core.admin.guard import signed_in
from core.admin.interface import work
from core.admin.request import LANGUAGE, PLACE, address, here, state
from core.auth import Place, passwords
from core.auth.signin import TooManyAttempts
from core.errors import AtriumError, Invalid
from core.i18n import LANGUAGES, _


class SignInForm(Form):
    """Name and password."""

    username = StringField(_("User name"), validators=[InputRequired(_("This is needed."))])
    password = PasswordField(_("Password"), validators=[InputRequired(_("This is needed."))])


class PasswordForm(Form):
    """The old password, and the new one twice."""

    old = PasswordField(_("Password until now"), validators=[InputRequired(_("This is needed."))])
    new = PasswordField(
        _("New password"),
        description=_("At least %(n)s characters. Several words in a row are easy to keep.", n=passwords.SHORTEST),
        validators=[InputRequired(_("This is needed."))],
    )
    again = PasswordField(_("New password again"), validators=[InputRequired(_("This is needed."))])


class SignIn(Page):
    """The doors. A guest reaches nothing else."""

    route_base = ""
    default_view = "login"
    class_permission_name = "core.door"

    @expose("/login/", methods=["GET", "POST"])
    def login(self) -> Any:
        """Ask for name and password; too many wrong ones must wait."""
        wanted = own_address(request.args.get("next", ""))
        if current_user.is_authenticated:
            return redirect(wanted)
        form = SignInForm()
        status = 200
        if form.validate_on_submit():
            try:
                if self._enter(form.username.data, form.password.data):
                    return redirect(wanted)
                form.form_errors.append(str(_("User name and password do not belong together.")))
                status = 401
            except TooManyAttempts as refusal:
                form.form_errors.append(str(refusal.text))
                status = refusal.status
        return self.render("atrium/login.html", form=form, title=_("Sign in")), status

    @expose("/logout/", methods=["POST"])
    @signed_in
    def logout(self) -> Response:
        """End this session: its row is deleted, so a copy of the cookie is worth nothing."""
        logout_user()
        language = session.get(LANGUAGE)
        session.clear()
        if language:
            session[LANGUAGE] = language
        return redirect(url_for("SignIn.login"))

    @expose("/language", methods=["POST"])
    def language(self) -> Response:
        """Remember the language, and go on where one was."""
        wanted = request.form.get("language")
        if wanted not in LANGUAGES:
            abort(400)
        session[LANGUAGE] = wanted
        return redirect(own_address(request.form.get("next", "")))

    @expose("/place", methods=["POST"])
    @signed_in
    def place(self) -> Response:
        """Work in a store, in a mall, or everywhere one reaches; stays on the page where that makes sense."""
        mall_id, _colon, store_id = request.form.get("place", "").partition(":")
        wanted = Place(_number(mall_id), _number(store_id))
        access = here().access
        if access is None or not access.has(wanted, here().known):
            abort(404)
        session[PLACE] = (wanted.mall_id, wanted.store_id)
        return redirect(own_address(request.form.get("next", "")))

    def _enter(self, username: str, password: str) -> bool:
        user_id = auth.sign_in(state().database, username=username, password=password, address=address())
        if user_id is None:
            return False
        language = session.get(LANGUAGE)
        session.clear()  # with the guest's form token: the session that begins here has nothing of the one before
        if language:
            session[LANGUAGE] = language
        return bool(login_user(current_app.extensions["appbuilder"].sm.get_user_by_id(user_id)))


class OwnPassword(Page):
    """Everybody changes their own password."""

    route_base = "/password"
    default_view = "change"
    class_permission_name = "core.own_password"

    @expose("/", methods=["GET", "POST"])
    @signed_in
    def change(self) -> Any:
        """Ask for the old one; afterwards all other sessions of the user have ended."""
        form = PasswordForm()
        if form.validate_on_submit() and self._changed(form):
            flash(str(_("Your password is changed. Other browsers are signed out.")), "success")
            return redirect(url_for("Home.index"))
        values = {"title": _("Change password"), "columns": ("old", "new", "again")}
        return self.render("atrium/form.html", form=form, **values)

    def _changed(self, form: PasswordForm) -> bool:
        try:
            if not passwords.matches(form.old.data, current_user.password):
                raise Invalid(_("The password until now is not right."))
            if form.new.data != form.again.data:
                raise Invalid(_("The two new passwords differ."))
            with work() as uow:
                auth.set_password(uow, user_id=current_user.id, password=form.new.data)
        except AtriumError as error:
            form.form_errors.append(str(error.text))
            return False
        session.rotate()  # type: ignore[attr-defined]  # core.sessions: this browser goes on under a new name
        return True


def own_address(wanted: str) -> str:
    """A path of ours, whatever was asked for: never another host, also not by way of `//` or a backslash."""
    parts = urlsplit(wanted.replace("\\", "/"))
    fine = not parts.scheme and not parts.netloc and wanted.startswith("/") and wanted.isprintable()
    return wanted if fine and not wanted.startswith("//") else url_for("Home.index")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 16 else None
