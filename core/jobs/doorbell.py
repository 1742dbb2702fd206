"""The doorbell: Huey tells workers at once what the database would tell them half a second later.

Nothing depends on it. A ring that is lost, or a queue that is away, costs half a second; so a ring never fails what
rang it. Messages are JSON, so that whoever can write to the queue cannot run code in the worker.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from huey import Huey, PostgresHuey, RedisHuey, SqliteHuey, crontab
from huey.registry import Message
from huey.serializer import Serializer

from core.db import Database
from core.errors import UnsafeSetting
from core.i18n import _
from core.isolation import attempt

NAME = "atrium"
QUIET = 0.2
"""Seconds in which a process rings once at most: a thousand events need no thousand rings."""


class Plain(Serializer):  # type: ignore[misc]
    """Messages as JSON instead of Huey's pickles."""

    def _serialize(self, data: Any) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Any:
        return Message(*json.loads(data))


class Doorbell:
    """Call it to wake the workers. `on_ring` and `on_minute` are what a worker does then."""

    def __init__(self, huey: Huey) -> None:
        self.huey = huey
        self.on_ring: Callable[[], None] = _nothing
        self.on_minute: Callable[[], None] = _nothing
        self._lock = threading.Lock()
        self._rung = -QUIET
        # Named here, so that a ring of any process is understood by any worker.
        self._wake = huey.task(name="wake")(lambda: self.on_ring())
        huey.periodic_task(crontab(), name="minute")(lambda: self.on_minute())

    def __call__(self) -> None:
        """Wake the workers, unless that was done just now."""
        with self._lock:
            if time.monotonic() - self._rung < QUIET:
                return
            self._rung = time.monotonic()
        attempt("doorbell", self._wake)


def install(database: Database, home: Path, *, url: str = "") -> Doorbell:
    """The doorbell of this process, made at the first call; `url` is ATRIUM_QUEUE_URL, by default `home/queue.db`.

    `UnsafeSetting` for a url that is none of `sqlite:///`, `postgresql://`, `redis://`.
    """
    bell = database.memory.get("doorbell")
    if not isinstance(bell, Doorbell):
        bell = database.memory["doorbell"] = Doorbell(_queue(home, url))
    return bell


def _queue(home: Path, url: str) -> Huey:
    options: dict[str, Any] = {"results": False, "serializer": Plain()}
    scheme = urlsplit(url).scheme.partition("+")[0]
    if not url or scheme == "sqlite":
        path = url.partition(":///")[2] or str(home / "queue.db")
        return SqliteHuey(NAME, filename=path, fsync=False, **options)
    if scheme in ("postgresql", "postgres"):
        return PostgresHuey(NAME, dsn=f"postgresql://{url.partition('://')[2]}", **options)
    if scheme in ("redis", "rediss"):
        return RedisHuey(NAME, url=url, **options)
    raise UnsafeSetting(_("ATRIUM_QUEUE_URL must name SQLite, PostgreSQL or Redis."))


def _nothing() -> None:
    """What a process does that is no worker."""
