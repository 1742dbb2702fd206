"""`report list`, and `report NAME --format pdf|xlsx|csv --out FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core import Invalid, _, reports
from core.cli.base import ACTOR, Outcome, command, find_mall, message, opened, option, working

SECONDS = 300.0
"""How long a document may take here, where nobody else waits."""


class Reports(click.Group):
    """`list`, and every report under its own name."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, cmd_name) or _command(cmd_name)


report = Reports("report", help=str(_("Reports of all modules: list them, or write one to a file.")))
COMMANDS = (report,)


@command("list", _("List the reports."), group=report)
def list_reports() -> Outcome:
    """Every report of every module, by name."""
    house = opened()
    found = [{"name": one.name, "title": str(one.report.title)} for one in reports.catalogue(house.host)]
    return Outcome({"reports": found}, [f"{one['name']:<32} {one['title']}" for one in found])


def _command(name: str) -> click.Command:
    """The command of one report; whether there is such a one is found out when it runs."""

    @command(name, _("Write the report to a file; every filter has a default."))
    @option("--format", "kind", type=click.Choice(list(reports.FORMATS)), default="pdf", help_text=_("Kind of file."))
    @option("--out", "file", type=click.Path(dir_okay=False, path_type=Path), required=True, help_text=_("The file."))
    @option("--filter", "given", multiple=True, help_text=_("NAME=VALUE, as in period=2026-11-01..2026-11-30."))
    @option("--mall", "mall_code", help_text=_("Code of the mall; the only one without it."))
    @option("--language", type=click.Choice(["zh", "en"]), help_text=_("Language; the mall's without it."))
    def write(**options: Any) -> Outcome:
        return _write(name, **options)

    return write


def _write(name: str, *, kind: str, file: Path, **options: Any) -> Outcome:
    house = opened()
    found = reports.find(house.host, name)
    given = dict(_pair(text) for text in options["given"])
    with working(house, f"report {name}") as uow:
        mall = find_mall(uow, options["mall_code"])
        mall_id, locale = mall.id, options["language"] or mall.locale
    reader = reports.Reader.everything(ACTOR)
    answered = reports.answer(house, found, reader=reader, given=given, mall_id=mall_id)
    made = reports.make(answered, kind=kind, locale=locale, seconds=SECONDS)
    file.write_bytes(made.body)
    with working(house, f"report {name}") as uow:
        reports.note(uow, answered, kind=kind)
    if made.missing:
        message(_("No font has these characters; 〓 stands in their place: %(which)s", which=", ".join(made.missing)))
    rows = sum(len(table.rows) for table in answered.tables)
    line = _("%(name)s: %(rows)s rows written to %(file)s", name=found.report.title, rows=rows, file=str(file))
    data = {"report": name, "format": kind, "file": str(file), "rows": rows, "bytes": len(made.body)}
    return Outcome({**data, "missing": list(made.missing)}, [line])


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise Invalid(_("A filter is NAME=VALUE: %(text)s", text=text), code="bad_filter")
    return name, value
