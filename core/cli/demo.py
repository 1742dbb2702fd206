"""`demo`: a sample mall in a database of its own, served, with tills that keep sending receipts."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress

from core import auth
from core.auth import users
from core.auth.roles import ADMINISTRATOR
from core.cli.base import Outcome, Tell, command, opened, option, working
from core.cli.companions import Companion, Companions, end_with_parent
from core.cli.serve import run
from core.cli.serving import CreateApp
from core.cli.upgrade import bring_up_to_date
from core.demo.mall import Demo
from core.demo.playing import Playing
from core.house import House
from core.i18n import _

USER = "admin"
PASSWORD_FILE = "demo-password"  # noqa: S105 - the name of a file in ATRIUM_HOME, 0600
STORES, MEMBERS = 20, 2000
MOST_MEMBERS = 1_000_000


@command("demo", _("Make a sample mall and serve it, with tills that play."), lasting=True)
@option("--no-serve", is_flag=True, help_text=_("Only make the data."))
@option("--stores", type=click.IntRange(1, 1000), default=STORES, help_text=_("How many stores."))
@option("--members", type=click.IntRange(0, MOST_MEMBERS), default=MEMBERS, help_text=_("How many members."))
@option("--port", type=click.IntRange(0, 65535), help_text=_("Port; ATRIUM_PORT or 8000 without it, 0 for a free one."))
@option("--play", hidden=True)
@click.pass_obj
def demo(create_app: CreateApp, /, tell: Tell, **options: Any) -> None:
    """Make what is missing, then serve; a second run uses what is there, the password too."""
    house = opened()
    if options["play"]:
        _play(house, options["play"])
        return
    bring_up_to_date(house, create_app)
    with _progress() as step:
        mall = Demo(house, stores=options["stores"], members=options["members"], step=step).fill()
    password = _administrator(house, mall.id)
    data = {"mall": mall.name, "username": USER, "password": password}
    lines = [
        _("%(mall)s is ready.", mall=mall.name),
        _("Sign in as %(name)s with the password: %(password)s", name=USER, password=password),
    ]
    if options["no_serve"]:
        tell(Outcome(data, lines))
        return
    beside = Companions([Companion(("worker", "--with-parent")), Companion(("demo", "--play", "{address}"))])

    def up(serving: Outcome) -> None:
        tell(Outcome({**data, **serving.data}, [*lines, *serving.lines]))

    run(house, create_app, port=options["port"], companions=beside, tell=up)


def _play(house: House, address: str) -> None:
    """What the companion does: play until the demo that started it is gone."""
    playing = Playing(house, address)
    threading.Thread(target=end_with_parent, args=(playing.stop.set,), daemon=True).start()
    playing.run()


def _administrator(house: House, mall_id: int) -> str:
    """The password of the demo's administrator: random, kept for the next run in a file that only we can read."""
    file = house.config.home / PASSWORD_FILE
    with working(house, "administrator of the demo") as uow:
        if users.find(uow, USER) is not None:
            return file.read_text("ascii").strip() if file.exists() else str(_("(as you set it)"))
        password = secrets.token_urlsafe(12)
        auth.create_user(uow, username=USER, password=password, roles=[ADMINISTRATOR], reach=[(mall_id, 0)])
    _write_private(file, password)
    return password


def _write_private(file: Path, text: str) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened_file:
        opened_file.write(text + "\n")


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    with Progress(console=Console(stderr=True)) as progress:
        tasks: dict[str, Any] = {}

        def step(what: str, /, *steps: int) -> None:
            done, total = steps
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)

        yield step
