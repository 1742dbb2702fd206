"""`backup` and `restore`: the database in one folder, the keys in another; who has one has nothing."""

from __future__ import annotations

from pathlib import Path

import click

from core import clock
from core.cli import copies
from core.cli.base import Outcome, command, message, opened, option
from core.config import Config
from core.errors import Refused
from core.i18n import _

_FOLDER = click.Path(file_okay=False, path_type=Path)


@command("backup", _("Copy the database while it runs; the keys only where you say."))
@option("--out", required=True, type=_FOLDER, help_text=_("New folder for the database."))
@option("--keys-out", type=_FOLDER, help_text=_("New folder for the keys; never beside the database."))
def backup(out: Path, keys_out: Path | None) -> Outcome:
    """Write a copy of one moment. Without the keys nobody can read the personal data in it."""
    house = opened()
    if keys_out is not None and (keys_out.absolute().is_relative_to(out.absolute()) or out.is_relative_to(keys_out)):
        raise Refused(_("Keys must not lie beside the data that they open. Name another folder."), code="keys_beside")
    copies.new_folder(out)
    made = copies.save_database(house.database, out, at=clock.now())
    if keys_out is None:
        message(_("The keys are not in it. Without them nothing personal can be read: --keys-out FOLDER"))
    else:
        copies.save_keys(house.config.home, keys_out)
    data = {"file": str(made.file), "bytes": made.size, "sha256": made.digest, "keys": keys_out and str(keys_out)}
    return Outcome(data, [_("%(file)s: %(bytes)s bytes", file=made.file.name, bytes=made.size)])


@command("restore", _("Put a backup in the place of an empty database, and its keys where there are none."))
@option("--from", "source", required=True, type=_FOLDER, help_text=_("Folder that `backup` wrote."))
@option("--keys-from", type=_FOLDER, help_text=_("Folder of keys that `backup` wrote."))
@option("--replace", is_flag=True, help_text=_("Also in the place of a database that holds something."))
def restore(source: Path, keys_from: Path | None, *, replace: bool) -> Outcome:
    """Check the backup against its own checksum, then put it in place. Stop everything that runs first."""
    config = Config.load()
    made = copies.read_manifest(source)
    config.prepare()
    if keys_from is not None:
        copies.restore_keys(keys_from, config.home)
    copies.restore_database(made, config, replace=replace)
    return Outcome(
        {"file": str(made.file), "bytes": made.size, "taken_at": made.taken_at, "keys": keys_from is not None},
        [_("Restored as it was at %(moment)s. Now run: python app.py verify", moment=made.taken_at)],
    )
