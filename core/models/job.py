"""The outbox, which is the truth about work to be done, and the runs of periodic jobs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Id, Model, Moment

_REWARDS = text("topic = 'receipt.rewards'")


class Outbox(Model):
    """Something that happened and that plugins, webhooks or messages still have to hear of."""

    __tablename__ = "core_outbox"
    __audited__ = False
    __table_args__ = (
        Index("ix_core_outbox_due", "done_at", "next_try_at"),
        Index("ix_core_outbox_rewards", "subject_id", sqlite_where=_REWARDS, postgresql_where=_REWARDS),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    topic: Mapped[str] = mapped_column(String(40))
    mall_id: Mapped[int] = mapped_column(Id)
    store_id: Mapped[int | None] = mapped_column(Id)
    subject_id: Mapped[int | None] = mapped_column(Id)
    payload: Mapped[str] = mapped_column(Text, default="{}")
    created_at: Mapped[datetime] = mapped_column(Moment)
    next_try_at: Mapped[datetime] = mapped_column(Moment)
    tries: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str] = mapped_column(String(60), default="")
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    error: Mapped[str] = mapped_column(Text, default="")


class OutboxDone(Model):
    """A plugin has dealt with an outbox row; written in the transaction of its effect, so that it happens once."""

    __tablename__ = "core_outbox_done"
    __audited__ = False

    outbox_id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    plugin: Mapped[str] = mapped_column(String(30), primary_key=True)


class JobRun(Model):
    """A periodic job was due at a moment, and one worker took it."""

    __tablename__ = "core_job_run"
    __audited__ = False

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Moment, primary_key=True)
    started_at: Mapped[datetime] = mapped_column(Moment)
    finished_at: Mapped[datetime | None] = mapped_column(Moment)
    worker: Mapped[str] = mapped_column(String(60))
    error: Mapped[str] = mapped_column(Text, default="")
