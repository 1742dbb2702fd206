"""What the core itself does by the clock: prove the books, forget what nobody needs any more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import delete

from core import audit
from core.audit import Subject
from core.db import UnitOfWork
from core.house import house
from core.jobs.crontab import Job
from core.jobs.runs import sweep
from core.models.user import WebSession
from core.seal.live import verify_live

TOLD = 10
"""How many problems stand in the run's own text; `verify` tells them all."""


def verify_books(uow: UnitOfWork) -> str:
    """Seal what waits, check everything; the outcome goes into the trail, what is wrong also into the job's run."""
    # Before the unit of work writes anything: on SQLite nobody else could seal then.
    found = verify_live(uow.database, house().vault)
    told = ("ok", "sealed", "unsealed", "blocks", "last", "chain", "problem_count")
    audit.record(uow, action="verified", subject=Subject("books"), change=({}, {name: found[name] for name in told}))
    return _in_words(found)


def forget(uow: UnitOfWork) -> None:
    """Delivered events and runs of jobs older than a month, and web sessions that are over."""
    sweep(uow.database, now=uow.now)
    uow.session.execute(delete(WebSession).where(WebSession.expires_at < uow.now))


def _in_words(found: dict[str, Any]) -> str:
    texts = [str(problem["text"]) for problem in found["problems"][:TOLD]]
    more = int(found["problem_count"]) - len(texts)
    return "\n".join([*texts, *([f"and {more} more"] if more > 0 else [])])


CHORES = (
    Job("sweep", "20 3 * * *", forget, per_mall=False),
    Job("verify", "40 3 * * *", verify_books, per_mall=False, patience=timedelta(hours=12)),
)
