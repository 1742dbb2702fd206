"""Periodic jobs, each done once however many workers run.

A row `core_job_run(job, due_at)` is taken first, and marked finished in the transaction of the job's work. A run whose
worker was killed, or that failed, is taken over a while later; one that was missed because no worker ran is caught up
once. A due moment before the mall existed is nobody's.
"""

from __future__ import annotations

import inspect
import logging
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import and_, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core import clock, directory, events
from core.db import Actor, Database, unit_of_work
from core.directory import Directory
from core.errors import Miss
from core.host import Bell, Host
from core.isolation import LONGEST, attempt
from core.jobs.crontab import Job, last_due
from core.models.job import JobRun
from core.models.mall import Mall
from core.scope import Scope, scoped
from core.types import MallFacts

log = logging.getLogger(__name__)
LATE = timedelta(hours=1)
KEPT = timedelta(days=30)

_RUNS = JobRun.__table__
_MALLS = Mall.__table__


@dataclass(frozen=True, slots=True)
class Due:
    """A job of a plugin, for one mall or for all, at its latest due moment. `reach` is what it may see."""

    plugin: str
    job: Job
    mall: MallFacts | None
    due_at: datetime
    reach: Scope

    @property
    def key(self) -> str:
        """Names the job's runs in the database."""
        return f"{self.plugin}.{self.job.name}" + (f":{self.mall.id}" if self.mall else "")


def run_due(database: Database, host: Host, *, now: datetime, worker: str, own: Sequence[Job] = ()) -> int:
    """Do every job that is due and not done; returns how many this worker did, well or badly.

    `own` are the core's jobs, which no switch turns off; the plugins' come from their hooks.
    """
    due = list(_all_due(database, host, now=now, own=own))
    states = _states(database, due)
    return sum(
        _take(database, item, now=now, worker=worker) and _run(database, item, now=now, worker=worker)
        for item in due
        if _is_free(item, state=states.get((item.key, item.due_at)), now=now)
    )


def overdue(database: Database, host: Host, *, now: datetime, own: Sequence[Job] = ()) -> list[Due]:
    """Jobs that should have been done an hour ago and are not: no worker ran, or they keep failing."""
    due = [item for item in _all_due(database, host, now=now, own=own) if item.due_at < now - LATE]
    states = _states(database, due)
    return [i for i in due if (i.key, i.due_at) not in states or states[i.key, i.due_at].finished_at is None]


def sweep(database: Database, *, now: datetime) -> int:
    """Forget runs and delivered outbox rows older than a month; returns how many rows."""
    with database.writer.begin() as connection:
        gone = connection.execute(delete(_RUNS).where(_RUNS.c.due_at < now - KEPT)).rowcount
    while swept := events.sweep(database, before=now - KEPT):
        gone += swept
    return gone


# --- what is due --------------------------------------------------------------------------------------------------


def _all_due(database: Database, host: Host, *, now: datetime, own: Sequence[Job]) -> Iterator[Due]:
    known = directory.get(database)
    everywhere = _common_zone(known)
    with database.reader.connect() as connection:
        born = {row.id: row.created_at for row in connection.execute(select(_MALLS.c.id, _MALLS.c.created_at))}
    for plugin, job in _declared(host, own):
        for mall in known.malls.values() if job.per_mall else (None,):
            due_at = last_due(job.crontab, now, zone=mall.zone if mall else everywhere)
            reach = _reach(known, host, plugin=plugin, mall=mall)
            if due_at is None or reach is None or (mall and due_at < born.get(mall.id, due_at)):
                continue
            yield Due(plugin, job, mall, due_at, reach)


def _common_zone(known: Directory) -> str:
    zones = {mall.zone for mall in known.malls.values()}
    return zones.pop() if len(zones) == 1 else "UTC"


def _declared(host: Host, own: Sequence[Job]) -> Iterator[tuple[str, Job]]:
    for bell in host.bells("jobs"):
        told: list[Job] = []
        attempt(f"jobs of {bell.plugin}", partial(_ask, host, bell, told=told))
        yield from ((bell.plugin, job) for job in told)
    yield from (("core", job) for job in own)  # last: they may take long


def _ask(host: Host, bell: Bell, *, told: list[Job]) -> None:
    told.extend(host.ring(bell, {}, read=list))


def _reach(known: Directory, host: Host, *, plugin: str, mall: MallFacts | None) -> Scope | None:
    """The stores where the plugin is on; None where it is on nowhere, so that its job is skipped."""
    if plugin == "core":
        return Scope(system=True, why="periodic work") if mall is None else Scope(frozenset({mall.id}), None)
    places = [(s.mall_id, s.id) for s in known.stores.values() if mall is None or s.mall_id == mall.id]
    on = [place for place in places if plugin in host.enabled_in(*place, known=known)]
    malls = {m.id for m in ([mall] if mall else known.malls.values()) if plugin in host.enabled_in(m.id, known=known)}
    malls |= {mall_id for mall_id, _store in on}
    if not malls:
        return None
    stores = None if len(on) == len(places) else frozenset(store for _mall, store in on)
    return Scope(frozenset(malls), stores)


# --- one run ------------------------------------------------------------------------------------------------------


def _states(database: Database, due: Iterable[Due]) -> dict[tuple[str, datetime], Any]:
    due = list(due)
    if not due:
        return {}
    asked = and_(_RUNS.c.job.in_({i.key for i in due}), _RUNS.c.due_at >= min(i.due_at for i in due))
    with database.reader.connect() as connection:
        return {(row.job, row.due_at): row for row in connection.execute(select(_RUNS).where(asked))}


def _is_free(item: Due, *, state: Any, now: datetime) -> bool:
    return state is None or (state.finished_at is None and state.started_at <= now - item.job.patience)


def _this(item: Due) -> Any:
    return and_(_RUNS.c.job == item.key, _RUNS.c.due_at == item.due_at, _RUNS.c.finished_at.is_(None))


def _take(database: Database, item: Due, *, now: datetime, worker: str) -> bool:
    """Whether the run is this worker's: nobody had it, or who had it is long gone."""
    dialect: Any = sqlite if database.is_sqlite else postgresql
    row = {"job": item.key, "due_at": item.due_at, "started_at": now, "worker": worker, "error": ""}
    fresh = dialect.insert(_RUNS).values(**row).on_conflict_do_nothing().returning(_RUNS.c.job)
    stale = update(_RUNS).where(_this(item), _RUNS.c.started_at <= now - item.job.patience)
    with database.writer.begin() as connection:
        if connection.execute(fresh).first() is not None:
            return True
        return connection.execute(stale.values(started_at=now, worker=worker)).rowcount == 1


def _run(database: Database, item: Due, *, now: datetime, worker: str) -> bool:
    mine = and_(_this(item), _RUNS.c.worker == worker, _RUNS.c.started_at == now)

    def work() -> None:
        with scoped(item.reach), unit_of_work(database, actor=Actor("job", item.key)) as uow:
            facts = {"mall": item.mall, "uow": uow}
            found = item.job.function(**{name: facts[name] for name in inspect.signature(item.job.function).parameters})
            done = update(_RUNS).where(mine).values(finished_at=clock.now(), error=(found or "")[:LONGEST])
            if uow.session.connection().execute(done).rowcount != 1:
                raise Miss(f"{item.key} was taken over by another worker")

    started = time.perf_counter()
    error = attempt(f"job {item.key}", work)
    if error:
        with database.writer.begin() as connection:
            connection.execute(update(_RUNS).where(mine).values(error=error))
    seconds = time.perf_counter() - started
    log.info("job %s, due %s: %s after %.1f s", item.key, item.due_at, error or "done", seconds)
    return True
