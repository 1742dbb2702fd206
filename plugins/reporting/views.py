"""The screens: all reports, and one of them with filters, chart, table, and its files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Response, abort, request, session, url_for
from markupsafe import Markup

from core import AtriumError, _, reports
from core.admin import AdminEntry, Cell, Page, actor, allowed, expose, here, signed_in, work
from core.admin.guard import require
from core.admin.lookup import FOUND
from core.admin.request import state

SHOWN = 500
"""Rows on screen; the files have all."""
_ROLES = ("department_head", "store_manager", "finance", "marketing", "member_care")


class ReportsView(Page):
    """Reports of the modules that are on where one works, to those who have the right to each."""

    route_base = "/reports"
    default_view = "list"
    class_permission_name = "reporting.report"

    @expose("/")
    @allowed
    def list(self) -> Any:
        """Which reports there are, by module."""
        groups: dict[str, tuple[Any, list[Any]]] = {}
        for found in mine():
            title = state().host.manifest_of(found.plugin).title
            groups.setdefault(found.plugin, (title, []))[1].append(found)
        return self.render("reporting/list.html", title=_("Reports"), groups=groups.values())

    @expose("/<name>")
    @allowed
    def show(self, name: str) -> Any:
        """One report, asked with what stands in the address."""
        found = one(name)
        given = asked_for(found, request.args)
        answered = _answer(found, given)
        paper = reports.Paper(answered, here().language)
        values = {"page": paper.page(), "chart": _drawn(paper), "filters": _fields(answered), "given": given}
        return self.render("reporting/report.html", title=found.report.title, found=found, shown=SHOWN, **values)

    @expose("/<name>/file", methods=["POST"])
    @signed_in
    def file(self, name: str) -> Response:
        """The report as a file, made now and sent to nobody else; the trail keeps who took it."""
        require(self, "show")
        found, kind = one(name), request.form.get("format", "")
        locale = request.form.get("language", "")
        if kind not in reports.FORMATS or locale not in ("zh", "en"):
            abort(400)
        answered = _answer(found, asked_for(found, request.form))
        with reports.alone():
            made = reports.make(answered, kind=kind, locale=locale)
        with work() as uow:
            reports.note(uow, answered, kind=kind)
        head = {"Content-Disposition": f'attachment; filename="{made.name}"'}
        return Response(made.body, content_type=made.media_type, headers=head)


def mine() -> Iterable[Any]:
    """The reports that the user may see here."""
    found = reports.catalogue(state().host, here().enabled())
    return [one for one in found if here().may("can_show", one.report.permission)]


def one(name: str) -> Any:
    """The report of this name; 404 where its plugin is off, 403 for whoever has no right to it."""
    found = next((one for one in reports.catalogue(state().host, here().enabled()) if one.name == name), None)
    if found is None:
        abort(404)
    if not here().may("can_show", found.report.permission):
        abort(403)
    return found


def asked_for(found: Any, given: Mapping[str, str]) -> dict[str, str]:
    """The filters as they stand in an address or a form; a period may come as its two days."""
    asked = {}
    for field in found.report.filters:
        first, last = given.get(f"{field.name}.from", ""), given.get(f"{field.name}.to", "")
        text = f"{first or last}..{last or first}" if first or last else given.get(field.name, "")
        if text:
            asked[field.name] = text
    return asked


def panels(member_id: int) -> Iterable[Mapping[str, Any]]:
    """On a member's page: the reports about one member."""
    about = [found for found in mine() if any(field.kind == "member" for field in found.report.filters)]
    rows = []
    for found in about:
        address = url_for("ReportsView.show", name=found.name, member=member_id)
        rows.append((found.report.title, Cell(_("Open the report"), href=address)))
    if rows and here().may("can_show", "reporting.report"):
        yield {"title": _("Reports"), "order": 90, "rows": rows}


def _answer(found: Any, given: Mapping[str, str]) -> Any:
    reader = reports.Reader(actor(), here().scope, frozenset(session.get(FOUND, [])))
    return reports.answer(state(), found, reader=reader, given=given, mall_id=here().mall_id())


def _drawn(paper: Any) -> Any:
    """The chart and its sentence; the table says the same, so a page without it is still a page."""
    spec = reports.chart_of(paper)
    if spec is None:
        return None
    try:
        return {"svg": Markup(reports.svg(spec)), "sentence": spec["description"]}  # noqa: S704 - cleaned in core.documents.vega
    except AtriumError as refusal:
        return {"svg": refusal.text, "sentence": spec["description"]}


def _fields(answered: Any) -> list[dict[str, Any]]:
    """The filters as form fields, with what was asked."""
    asked, fields = answered.asked, []
    for one in answered.found.report.filters:
        value = asked.values.get(one.name)
        field = {"name": one.name, "kind": one.kind, "label": one.title, "value": "" if value is None else value}
        if one.kind == "store":
            field["value"] = value.code if value else ""
            field["options"] = [(store.code, f"{store.code} {store.name}") for store in answered.reachable]
            field["all"] = one.default == "all"
        fields.append(field)
    return fields


ENTRIES = [
    AdminEntry(
        ReportsView,
        "Reports",
        _("Reports"),
        icon="chart",
        grants={role: {"reporting.report": ("can_list", "can_show")} for role in _ROLES},
    )
]
