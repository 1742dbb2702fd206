"""What a view of records answers to: list, show, add, edit, delete, and deeds."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_appbuilder import expose
from werkzeug.wrappers import Response

from core import audit
from core.admin import forms, listing
from core.admin.guard import allowed, require, to_sign_in
from core.admin.interface import reader, work
from core.admin.request import here
from core.db import UnitOfWork
from core.errors import AtriumError
from core.i18n import Text, _
from core.scope import MallScoped, StoreScoped


class Routes:
    """The methods of `View` that have an address."""

    list_template = "atrium/list.html"
    show_template = "atrium/show.html"
    form_template = "atrium/form.html"
    confirm_template = "atrium/confirm.html"

    def __getattr__(self, name: str) -> Any:
        # For the type checker only: everything else of a view is in `View` and in Flask-AppBuilder.
        raise AttributeError(name)

    @expose("/list/")
    @allowed
    def list(self) -> Any:
        """One page of the records in reach."""
        return self.render_template(self.list_template, view=self, title=self.list_title, listing=listing.read(self))

    @expose("/show/<pk>", methods=["GET"])
    @allowed
    def show(self, pk: str) -> Any:
        """One record."""
        return self.page_of(self.record(reader(), pk))

    @expose("/add", methods=["GET", "POST"])
    @allowed
    def add(self) -> Any:
        """The form of a new record, and making it."""
        form = self.add_form()
        if request.method == "POST" and form.validate():
            key = self._try(form, lambda uow: self.create(uow, form))
            if key is not None:
                return self.done(key)
        return self._form(form, title=self.add_title, columns=self.add_columns)

    @expose("/edit/<pk>", methods=["GET", "POST"])
    @allowed
    def edit(self, pk: str) -> Any:
        """The form of a record, and changing it."""
        row = self.record(reader(), pk)
        form = self.edit_form(obj=row)
        if request.method == "GET":
            self.filled(form, row)
        if request.method == "POST" and form.validate():
            key = self._try(form, lambda uow: self.change(uow, self.record(uow.session, pk), form=form))
            if key is not None:
                return self.done(key)
        return self._form(form, title=self.edit_title, columns=self.edit_columns, record=row, key=pk)

    @expose("/delete/<pk>", methods=["GET", "POST"])
    @allowed
    def delete(self, pk: str) -> Any:
        """Ask, naming the record; then, by POST, remove it."""
        if request.method == "GET":
            row = self.record(reader(), pk)
            return self._ask(
                _("Delete “%(name)s”?", name=str(self.title_of(row))), url_for(f"{self.endpoint}.delete", pk=pk)
            )
        with work(self.sentences) as uow:
            row = self.record(uow.session, pk)
            name = str(self.title_of(row))
            self.remove(uow, row)
        flash(str(_("“%(name)s” is deleted.", name=name)), "success")
        return redirect(url_for(f"{self.endpoint}.list"))

    @expose("/do/<name>", methods=["POST"])
    def do(self, name: str) -> Any:
        """Do one of the view's deeds to the rows named in the form."""
        deed = self.deeds.get(name) or abort(404)
        if not here().access:
            return to_sign_in()
        require(self, name)
        keys, reason = request.form.getlist("rowid"), request.form.get("reason", "").strip()
        if (deed.ask is not None and "sure" not in request.form) or (deed.why and not reason):
            return self._ask(deed.ask or deed.text, request.path, keys=keys, deed=deed)
        with work(self.sentences) as uow:
            rows = [row for key in keys if (row := self._record_or_none(uow, key)) is not None]
            said = deed.method(self, uow, rows=rows, reason=reason) if rows else _("Nothing was chosen.")
        if not isinstance(said, Text):
            return said
        flash(str(said), "success" if rows else "warning")
        return self._back(keys)

    @expose("/reveal/<pk>", methods=["POST"])
    @allowed
    def reveal(self, pk: str) -> Any:
        """Show one sealed text in clear, on the page that answers and nowhere else; the trail says who and why."""
        column, reason = request.form.get("column", ""), request.form.get("reason", "").strip()
        if column not in self.sealed:
            abort(404)
        with work(self.sentences) as uow:
            row = self.record(uow.session, pk)
            if reason:
                subject = audit.Subject.of(row)
                audit.record(uow, action="revealed", subject=subject, change=({}, {"column": column}), reason=reason)
        row = self.record(reader(), pk)
        shown = {column: getattr(row, column)} if reason else {}
        return self.page_of(row, shown=shown, asked="" if reason else column)

    # --- steps a view may do its own way ------------------------------------------------------------------------------

    def record(self, session: Any, pk: str) -> Any:
        """The record of that key, if the user reaches it; else `NotFound`."""
        return self.datamodel.find(session, self.visible(self.datamodel.select()), pk=pk)

    def create(self, uow: UnitOfWork, form: Any) -> Any:
        """Make the record; returns it."""
        row = self.datamodel.obj()
        self.place(row)
        forms.fill(row, form, columns=self.add_columns)
        uow.session.add(row)
        return row

    def change(self, uow: UnitOfWork, row: Any, *, form: Any) -> Any:
        """Change the record; returns it."""
        forms.fill(row, form, columns=self.edit_columns)
        return row

    def filled(self, form: Any, record: Any) -> None:
        """Put into the form of a record what is in no column of it."""

    def remove(self, uow: UnitOfWork, row: Any) -> None:
        """Delete the record. A view whose records may have entries in the books refuses here."""
        uow.session.delete(row)

    def place(self, row: Any) -> None:
        """Put a new row where the user works."""
        if isinstance(row, MallScoped | StoreScoped):
            row.mall_id = here().mall_id()
        if isinstance(row, StoreScoped):
            row.store_id = here().store_id()

    def page_of(self, record: Any, *, template: str = "", **more: Any) -> Any:
        """The record's page."""
        values = {"record": record, "title": self.title_of(record), "key": self.datamodel.key_of(record), **more}
        return self.render_template(template or self.show_template, view=self, **values)

    def done(self, key: str) -> Any:
        """Where one goes after a record was made or changed: to the record, when one may see it."""
        return redirect(self.address_of(key) or url_for(f"{self.endpoint}.{self.default_view}"))

    # --- helpers -----------------------------------------------------------------------------------------------------

    def _try(self, form: Any, step: Any) -> str | None:
        """Do the work; a refusal goes to the form and what was typed stays."""
        try:
            with work(self.sentences) as uow:
                row = step(uow)
                uow.session.flush()
                key: str = self.datamodel.key_of(row)
                name = str(self.title_of(row))
        except AtriumError as error:
            if error.status >= 500:
                raise
            form.form_errors.append(str(error.text))
            return None
        flash(str(_("“%(name)s” is saved.", name=name)), "success")
        return key

    def _back(self, keys: Any) -> Response:
        if len(keys) == 1 and self.can("show"):
            return redirect(self.address_of(keys[0]))
        return redirect(url_for(f"{self.endpoint}.{self.default_view}"))

    def _form(self, form: Any, *, title: Any, columns: Any, **more: Any) -> Any:
        return self.render_template(self.form_template, view=self, form=form, title=title, columns=columns, **more)

    def _ask(self, question: Text, action: str, *, keys: Any = (), deed: Any = None) -> Any:
        values = {"question": question, "action": action, "keys": keys, "deed": deed, "title": question}
        return self.render_template(self.confirm_template, view=self, **values)

    def _record_or_none(self, uow: UnitOfWork, key: str) -> Any:
        try:
            return self.record(uow.session, key)
        except AtriumError:
            return None
