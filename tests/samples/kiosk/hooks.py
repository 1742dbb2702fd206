"""What the kiosk answers when the core asks."""

import click
from flask import Blueprint

from core.admin import AdminEntry, Page, expose, signed_in
from core.hookspecs import hookimpl
from core.i18n import _

BLUEPRINT = Blueprint(
    "kiosk_api", __name__, url_prefix="/api/v1/kiosk", static_folder="static/kiosk", static_url_path="/files"
)


@BLUEPRINT.route("/papers", methods=["GET", "POST"])
def papers():
    return {"papers": []}


@BLUEPRINT.delete("/papers/<int:number>")
def withdraw(number):
    return {"withdrawn": number}


class PapersView(Page):
    """The kiosk's page."""

    route_base = "/papers"
    default_view = "show"
    class_permission_name = "kiosk.paper"

    @expose("/")
    @signed_in
    def show(self):
        """All papers."""
        return "papers"


@hookimpl
def api_blueprints():
    return [BLUEPRINT]


@hookimpl
def admin_views():
    return [AdminEntry(PapersView, "Papers", _("Papers"))]


@hookimpl
def cli_commands():
    return [click.Command("kiosk-count", callback=lambda: click.echo("0"))]
