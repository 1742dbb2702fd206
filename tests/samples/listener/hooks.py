"""Writes a row for everything it hears of; a table of its own, apart from the suite's metadata."""

import os
import time

from sqlalchemy import Column, Integer, MetaData, String, Table, insert

from core.errors import Refused
from core.hookspecs import hookimpl

METADATA = MetaData()
HEARD = Table(
    "listener_heard",
    METADATA,
    Column("no", Integer, primary_key=True),
    Column("what", String(60)),
    Column("about", Integer),
)
DEAF_TO: set[int] = set()
"""What it refuses to hear of, after having written it down."""
BREAKS_AT: set[int] = set()
"""What it stumbles over."""


@hookimpl
def receipt_committed(receipt_id, uow):
    _hear(uow, what="receipt", about=receipt_id)


@hookimpl
def event_recorded(event, uow):
    _hear(uow, what=event.topic, about=event.subject_id)


def _hear(uow, *, what, about):
    uow.session.connection().execute(insert(HEARD).values(what=what, about=about))
    time.sleep(float(os.environ.get("LISTENER_SECONDS", "0")))
    if about in DEAF_TO:
        raise Refused(code="deaf")
    if about in BREAKS_AT:
        raise ValueError("asked to")
