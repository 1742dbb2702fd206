"""`verify`: recompute the chain over everything that was booked."""

from __future__ import annotations

from pathlib import Path

import click

from core.cli.base import DONE, FAILED, Outcome, command, opened, option
from core.i18n import _
from core.seal import live


@command("verify", _("Check the sealed books: every receipt, every entry, the whole chain."))
@option(
    "--anchors",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help_text=_("A file of anchors kept elsewhere; shows a tail that was cut off."),
)
@option(
    "--anchor",
    "anchor_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help_text=_("Afterwards add the newest checkpoint to this file."),
)
@option(
    "--export",
    "export_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help_text=_("Also write the books for the offline verifier (.jsonl or .jsonl.gz)."),
)
def verify(anchors: Path | None, anchor_file: Path | None, *, export_file: Path | None) -> Outcome:
    """Seal what waits, check everything; exit code 1 names what is not as it was booked."""
    house = opened()
    kept = _kept(anchors) if anchors else []
    found = live.verify_live(house.database, house.vault, anchors=kept)
    if export_file is not None:
        live.export(house.database, house.vault, path=export_file)
    if found["ok"] and anchor_file is not None:
        live.anchor(house.database, anchor_file)
    data = found | {"public_key": house.vault.checkpoint_public_key().hex()}
    if found["ok"]:
        return Outcome(data, [_("The books are as they were sealed.")], DONE)
    lines = [str(problem.get("text", problem)) for problem in found["problems"]]
    return Outcome(data, [*lines, _("The books are not as they were sealed.")], FAILED)


def _kept(path: Path) -> list[tuple[int, str]]:
    """Lines "seq chain"; `#` starts a remark."""
    words = [line.partition("#")[0].split() for line in path.read_text("ascii").splitlines()]
    return [(int(seq), chain) for seq, chain in filter(None, words)]
