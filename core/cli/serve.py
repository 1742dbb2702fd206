"""`serve`: the web and the tills' API, with a worker beside it."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from core import migrations
from core.cli.base import Outcome, Tell, command, opened, option
from core.cli.companions import Companion, Companions
from core.cli.serving import CreateApp, Server, address_of, listen
from core.errors import Refused
from core.house import House
from core.i18n import _


@command("serve", _("Serve the web and the tills until SIGTERM."), lasting=True)
@option("--port", type=click.IntRange(0, 65535), help_text=_("Port; ATRIUM_PORT or 8000 without it, 0 for a free one."))
@option("--web-only", is_flag=True, help_text=_("Without a worker beside it, where workers run elsewhere."))
@click.pass_obj
def serve(create_app: CreateApp, port: int | None, *, web_only: bool, tell: Tell) -> None:
    """Serve on ATRIUM_HOST, by default this machine only; ends within ten seconds of SIGTERM."""
    house = opened()
    refuse_old_schema(house)
    companions = Companions([] if web_only else [Companion(("worker", "--with-parent"))])
    run(house, create_app, port=port, companions=companions, tell=tell)


def refuse_old_schema(house: House) -> None:
    """`Refused` while the database waits for `upgrade`."""
    if behind := migrations.pending(house.database, house.host):
        names = ", ".join(behind)
        raise Refused(_("The database is older than the program (%(names)s). Run: python app.py upgrade", names=names))


def run(house: House, create_app: CreateApp, *, port: int | None, companions: Companions, tell: Tell) -> None:
    """Listen, say so by `tell`, and serve. In a companion's arguments `{address}` stands for where we listen."""
    config = house.config
    listener = listen(config.host, config.port if port is None else port)
    config = replace(config, port=listener.getsockname()[1])
    address = address_of(listener)
    companions.know(address)
    house.database.dispose()  # connections do not survive a fork; each process makes its own

    def ready() -> None:
        tell(Outcome({"address": address, "pid": os.getpid()}, [_("Listening on %(address)s", address=address)]))

    Server(config, create_app, listener=listener, companions=companions, ready=ready).run()
