"""`simulate`: replay a public data set through the very code that the tills' batch endpoint uses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.cli.base import DONE, PARTLY, Outcome, command, message, opened, option
from core.cli.serve import refuse_old_schema
from core.demo.journey import Journey
from core.demo.replay import Replay
from core.i18n import _
from core.seal import sealer

SOURCES = ("complete-journey",)


@command("simulate", _("Replay a year of shop receipts as if tills sent them."))
@option("--source", type=click.Choice(SOURCES), default=SOURCES[0], help_text=_("The data set."))
@option("--days", type=click.IntRange(1), help_text=_("Only the first days; the whole year without it."))
@option("--resume", is_flag=True, help_text=_("Go on where a replay was stopped; it always does."))
def simulate(source: str, days: int | None, *, resume: bool) -> Outcome:
    """Book what is not booked yet; exit code 3 when some receipts were refused."""
    house = opened()
    refuse_old_schema(house)
    journey = Journey(days)
    with _progress(journey.count()) as step:
        done = Replay(house, journey, step).run()
    sealed = sealer.seal_all(house.database, house.vault)
    for number, reason in done.refused:
        message(f"{number}: {reason}")
    data = {
        "source": source,
        "receipts": done.booked,
        "skipped": done.skipped,
        "refused": done.refusals,
        "pending": done.pending,
        "sealed": sealed,
    }
    if done.pending:
        message(_("%(count)s rewards failed and will be tried again by the worker", count=done.pending))
    line = _("%(receipts)s receipts booked, %(skipped)s were there already, %(refused)s refused", **data)
    return Outcome(data, [line], PARTLY if done.refusals else DONE)


@contextmanager
def _progress(total: int) -> Iterator[Any]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(str(_("Receipts")), total=total)
        yield lambda count: progress.advance(task, count)
