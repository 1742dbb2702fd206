"""The command line: `python app.py COMMAND`. One file a command group, read only when its command is called."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

import click

from core.cli.base import speak_like
from core.config import Config
from core.db import Database
from core.errors import BrokenPlugin, UnsafeSetting
from core.host import Host
from core.house import BUILTIN
from core.i18n import _

COMMANDS = {
    "backup": "safekeeping",
    "books": "books",
    "demo": "demo",
    "doctor": "doctor",
    "keys": "keys",
    "members": "people",
    "plugins": "plugins",
    "restore": "safekeeping",
    "serve": "serve",
    "simulate": "simulate",
    "stores": "places",
    "tills": "places",
    "upgrade": "upgrade",
    "users": "people",
    "verify": "verify",
    "worker": "worker",
}
"""Command → the file of this folder in which it stands under its own name."""


class Commands(click.Group):
    """The core's commands by name, then those that plugins bring (hook `cli_commands`)."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted({*COMMANDS, *_of_plugins()})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            found: click.Command = getattr(import_module(f"core.cli.{COMMANDS[cmd_name]}"), cmd_name)
            return found
        return _of_plugins().get(cmd_name)


def _of_plugins() -> dict[str, click.Command]:
    """What plugins bring. Nothing is opened or made for it; with settings that will not do there is nothing to see."""
    try:
        config = Config.load()
    except UnsafeSetting:
        return {}
    host = Host.load(Database.connect(config.database_url), BUILTIN)
    found: dict[str, click.Command] = {}
    for bell in host.bells("cli_commands"):
        try:
            found |= host.ring(bell, {}, read=_by_name)
        except BrokenPlugin as broken:  # its commands are missing, everybody else's are there
            click.echo(f"{bell.plugin}: {broken.facts.get('because')}", err=True)
    return found


def _by_name(commands: Iterable[click.Command]) -> dict[str, click.Command]:
    return {str(command.name): command for command in commands}


def main(create_app: Callable[..., Any]) -> None:
    """Run the command named on the command line. `create_app` makes the web application, for those that serve."""
    speak_like(os.environ)
    commands = Commands(name="app.py", help=str(_("The back office of a shopping mall.")))
    commands(obj=create_app, prog_name="app.py")
