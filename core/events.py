"""The outbox: what happened and who has yet to hear of it.

`emit` writes a row in the caller's transaction, so that it exists exactly when the fact does. A worker's `Pump` claims
due rows and delivers each to every plugin that listens, in a transaction of its own in which the delivery is also
marked: a worker killed at any moment leaves nothing lost and nothing doubled. The claim only keeps workers out of each
other's way; what makes an effect happen once is the unique row (outbox row, plugin).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from secrets import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core import clock, directory, ids
from core.db import Actor, Database, UnitOfWork, unit_of_work
from core.host import Bell, Host
from core.isolation import attempt
from core.models.job import Outbox, OutboxDone
from core.scope import Scope, scoped

RECEIPT_POSTED = "receipt.posted"
CLAIM = timedelta(seconds=60)
"""How long a worker may sit on rows before others take them."""
WORK = timedelta(seconds=30)
"""How long it goes on with rows it has claimed: well inside the claim."""
LONGEST_WAIT = timedelta(minutes=15)

_ROWS = Outbox.__table__
_DONE = OutboxDone.__table__


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as plugins hear of it. `payload` holds plain JSON values."""

    id: int
    topic: str
    mall_id: int
    store_id: int | None = None
    subject_id: int | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime = field(default_factory=clock.now)


Handler = Callable[[Event, UnitOfWork], None]
_handlers: dict[str, Handler] = {}


def handler(topic: str) -> Callable[[Handler], Handler]:
    """Register the core's own handler of a topic; it runs before the plugins'."""

    def register(function: Handler) -> Handler:
        _handlers[topic] = function
        return function

    return register


# --- writing ------------------------------------------------------------------------------------------------------


def emit(
    uow: UnitOfWork,
    *,
    topic: str,
    mall_id: int,
    store_id: int | None = None,
    subject_id: int | None = None,
    **payload: object,
) -> Event:
    """Tell that something happened, in the caller's transaction; workers are woken after it commits.

    What else is given is the event's payload, and must be plain JSON values.
    """
    (event_id,) = ids.draw_within(uow, 1)
    event = Event(event_id, topic, mall_id, store_id, subject_id, payload, uow.now)
    uow.session.execute(insert(_ROWS).values(**outbox_row(event)))
    bell = uow.database.memory.get("doorbell")
    if bell is not None and bell not in uow.after_commit:
        uow.after_commit.append(bell)
    return event


def outbox_row(event: Event) -> dict[str, Any]:
    """The columns of the event's row, for writers that insert it themselves. Always the same columns."""
    return {
        "id": event.id,
        "topic": event.topic,
        "mall_id": event.mall_id,
        "store_id": event.store_id,
        "subject_id": event.subject_id,
        "payload": json.dumps(dict(event.payload), ensure_ascii=False, allow_nan=False),
        "created_at": event.created_at,
        "next_try_at": event.created_at,
        "tries": 0,
        "claimed_by": "",
        "error": "",
    }


# --- delivering ---------------------------------------------------------------------------------------------------


@dataclass
class Pump:
    """Delivers what is due. `chance` gives numbers in [0, 1) for the back-off, `stopping` ends it after a row."""

    database: Database
    host: Host
    worker: str
    chance: Callable[[], float] = SystemRandom().random
    stopping: Callable[[], bool] = lambda: False

    def run(self, limit: int = 100) -> int:
        """Claim up to `limit` due rows and deliver them; returns how many were dealt with, well or badly."""
        claimed = self._claim(limit)
        until = clock.now() + WORK
        errors: dict[int, str] = {}
        try:
            for row in claimed:
                if self.stopping() or clock.now() >= until:
                    break
                errors[row.id] = self._deliver(_event(row))
        finally:
            if claimed:
                self._settle(claimed, errors)
        return len(errors)

    def _claim(self, limit: int) -> list[Any]:
        now = clock.now()
        due = select(_ROWS.c.id).where(_is_due(now)).order_by(_ROWS.c.next_try_at, _ROWS.c.id).limit(limit)
        with self.database.reader.connect() as connection:  # an idle worker does not queue for the write lock
            if connection.execute(due.limit(1)).first() is None:
                return []
        mine = due.with_for_update(skip_locked=True).cte("mine")
        claim = update(_ROWS).where(_ROWS.c.id.in_(select(mine.c.id)))
        claim = claim.values(claimed_by=self.worker, claimed_until=now + CLAIM)
        with self.database.writer.begin() as connection:
            rows = connection.execute(claim.returning(*_ROWS.c)).all()
        return sorted(rows, key=lambda row: row.id)

    def _deliver(self, event: Event) -> str:
        """Let everybody hear of it who has not yet; returns what went wrong, "" when nothing did."""
        errors = []
        if event.topic in _handlers:
            errors.append(self._once(event, plugin="core", work=partial(_handlers[event.topic], event)))
        hook = "receipt_committed" if event.topic == RECEIPT_POSTED else "event_recorded"
        known = directory.get(self.database)
        on = self.host.enabled_in(event.mall_id, event.store_id or 0, known=known)
        # A tripped plugin is owed its events until somebody lets it back; one that is switched off is not.
        untripped = replace(known, tripped={}, worked_out={}) if known.tripped else known
        owed = self.host.enabled_in(event.mall_id, event.store_id or 0, known=untripped)
        for bell in self.host.bells(hook, owed):
            if bell.plugin in on:
                errors.append(self._once(event, plugin=bell.plugin, work=partial(self._ring, bell, event=event)))
            else:
                errors.append(f"{bell.plugin} is tripped")
        return "\n".join(error for error in errors if error)

    def _ring(self, bell: Bell, uow: UnitOfWork, *, event: Event) -> None:
        self.host.ring(bell, {"receipt_id": event.subject_id, "event": event, "uow": uow})

    def _once(self, event: Event, *, plugin: str, work: Callable[[UnitOfWork], None]) -> str:
        """Run `work` and mark it done in one transaction, unless it is marked already."""

        def deliver() -> None:
            reach = Scope(malls=frozenset({event.mall_id}), stores=None)
            with scoped(reach), unit_of_work(self.database, actor=Actor("job", f"outbox {plugin}")) as uow:
                if _mark(uow, outbox_id=event.id, plugin=plugin):
                    work(uow)

        error = attempt(f"{event.topic} {event.id} for {plugin}", deliver)
        return f"{plugin}: {error}" if error else ""

    def _settle(self, claimed: list[Any], errors: Mapping[int, str]) -> None:
        """Mark what was delivered, put off what failed, let go of what was not reached."""
        now = clock.now()
        mine = and_(_ROWS.c.claimed_by == self.worker, _ROWS.c.done_at.is_(None))
        free: dict[str, Any] = {"claimed_by": "", "claimed_until": None}
        done = [row.id for row in claimed if errors.get(row.id) == ""]
        left = [row.id for row in claimed if row.id not in errors]
        with self.database.writer.begin() as connection:
            if done:
                was_done = update(_ROWS).where(_ROWS.c.id.in_(done)).values(done_at=now, error="", **free)
                connection.execute(was_done)
            if left:
                connection.execute(update(_ROWS).where(mine, _ROWS.c.id.in_(left)).values(**free))
            for row in claimed:
                if error := errors.get(row.id):
                    later = now + back_off(row.tries, self.chance())
                    put_off = {"tries": row.tries + 1, "next_try_at": later, "error": error, **free}
                    connection.execute(update(_ROWS).where(mine, _ROWS.c.id == row.id).values(**put_off))


def pump(database: Database, host: Host, *, worker: str, limit: int = 100) -> int:
    """Deliver up to `limit` due rows; see `Pump`."""
    return Pump(database, host, worker).run(limit)


def back_off(tries: int, chance: float) -> timedelta:
    """The wait after the failure that follows `tries` others: 1, 2, 4 … s, at most 15 min, give or take half."""
    seconds = min(2.0 ** min(tries, 20), LONGEST_WAIT.total_seconds())
    return timedelta(seconds=seconds * (0.5 + chance))


def sweep(database: Database, *, before: datetime, limit: int = 5000) -> int:
    """Forget up to `limit` rows that were done before that moment; returns how many."""
    old = select(_ROWS.c.id).where(_ROWS.c.done_at < before).order_by(_ROWS.c.done_at).limit(limit)
    with database.writer.begin() as connection:
        gone = list(connection.execute(old).scalars())
        connection.execute(delete(_DONE).where(_DONE.c.outbox_id.in_(gone)))
        connection.execute(delete(_ROWS).where(_ROWS.c.id.in_(gone)))
    return len(gone)


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(_ROWS.c.claimed_until.is_(None), _ROWS.c.claimed_until <= now)
    return and_(_ROWS.c.done_at.is_(None), _ROWS.c.next_try_at <= now, free)


def _event(row: Any) -> Event:
    payload = json.loads(row.payload)
    return Event(row.id, row.topic, row.mall_id, row.store_id, row.subject_id, payload, row.created_at)


def _mark(uow: UnitOfWork, *, outbox_id: int, plugin: str) -> bool:
    """Whether this is the first time. Waits for another worker that is at it; the mark goes back with the effect."""
    dialect: Any = sqlite if uow.database.is_sqlite else postgresql
    row = dialect.insert(_DONE).values(outbox_id=outbox_id, plugin=plugin).on_conflict_do_nothing()
    return uow.session.execute(row.returning(_DONE.c.plugin)).first() is not None
