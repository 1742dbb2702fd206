"""Work to be done and work that was done: the outbox, and the runs of periodic jobs."""

from __future__ import annotations

from typing import Any

from core.admin import formats
from core.admin.base import READING, ReadOnly
from core.admin.guard import deed
from core.admin.interface import Interface
from core.db import UnitOfWork
from core.i18n import Text, _
from core.models import JobRun, Outbox


class OutboxView(ReadOnly):
    """What happened and whom it still has to reach. A row that failed is tried again, ever more seldom."""

    route_base = "/outbox"
    class_permission_name = "core.outbox"
    include_route_methods = READING | {"do", "retry"}
    datamodel = Interface(Outbox)
    list_title = _("Outbox")
    list_columns = ("id", "topic", "store_id", "created_at", "tries", "next_try_at", "done_at", "error")
    show_columns = (
        *("id", "topic", "mall_id", "store_id", "subject_id", "created_at", "tries", "next_try_at", "done_at"),
        *("claimed_by", "claimed_until", "error", "payload"),
    )
    search_columns = ("topic", "created_at", "tries", "done_at")
    order_columns = ("id", "created_at", "tries", "next_try_at")
    label_columns = {
        "topic": _("Subject"),
        "subject_id": _("Record"),
        "tries": _("Tries"),
        "next_try_at": _("Next try"),
        "done_at": _("Done on"),
        "claimed_by": _("Taken by"),
        "claimed_until": _("Taken until"),
        "error": _("Error"),
        "payload": _("Contents"),
    }
    empty = _("Nothing waits.")

    @deed(_("Try again now"), many=True)
    def retry(self, uow: UnitOfWork, *, rows: list[Any], reason: str) -> Text:
        """Do not wait for the next try."""
        for row in rows:
            if row.done_at is None:
                row.next_try_at = uow.now
        return _("They are tried again within a minute.")


class JobRunView(ReadOnly):
    """Each periodic job takes a row when it is due, so that two workers do it once."""

    route_base = "/runs"
    class_permission_name = "core.job"
    include_route_methods = frozenset({"list"})
    datamodel = Interface(JobRun)
    list_title = _("Runs of jobs")
    list_columns = ("job", "due_at", "started_at", "finished_at", "worker", "error")
    show_columns = ("job", "due_at", "started_at", "finished_at", "worker", "error")
    search_columns = ("job", "due_at")
    order_columns = ("due_at", "job")
    base_order = ("due_at", "desc")
    formats = {"error": formats.text}
    label_columns = {
        "job": _("Job"),
        "due_at": _("Due"),
        "started_at": _("Started"),
        "finished_at": _("Ended"),
        "worker": _("Worker"),
        "error": _("Error"),
    }
