"""How long a receipt waits for its seal while a hundred come in each second and a worker runs beside."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core import clock
from core.models import Entry, ReceiptRow, Seal, Unsealed
from core.seal.live import verify_live
from core.seal.verifier import MAX_TAIL
from core.types import Answer
from tests.support.arrivals import sale
from tests.support.mall import Shop

pytestmark = pytest.mark.timing
ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
from pathlib import Path
from core.jobs.worker import Worker
from tests.support.mall import open_at
sys.exit(Worker(open_at(sys.argv[1], Path(sys.argv[2]))).run())
"""
SECONDS, A_SECOND, AT_ONCE = 8, 100, 10


@contextmanager
def worker(shop: Shop) -> Iterator[None]:
    command = [sys.executable, "-c", PROGRAM, shop.database.url, str(shop.house.config.home)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield
    finally:
        process.terminate()
        assert process.wait(timeout=20) == 0


def oldest(shop: Shop) -> timedelta:
    """How long the oldest receipt or entry has waited for its seal."""
    with shop.database.reader.connect() as connection:
        waiting = [
            connection.execute(select(func.min(table.c.recorded_at)).join(Unsealed, Unsealed.id == table.c.id)).scalar()
            for table in (ReceiptRow.__table__, Entry.__table__)
        ]
    moments = [at if at.tzinfo else at.replace(tzinfo=UTC) for at in waiting if isinstance(at, datetime)]
    return max((clock.now() - at for at in moments), default=timedelta())


def stream(shop: Shop) -> int:
    """Receipts of members at an even pace; returns how many were sent."""
    started, sent = time.monotonic(), 0
    while sent < SECONDS * A_SECOND:
        batch = [sale(str(n), 1000, member=1 + n % 50) for n in range(sent, sent + AT_ONCE)]
        assert {type(result) for result in shop.take(*batch)} == {Answer}
        sent += AT_ONCE
        time.sleep(max(0.0, started + sent / A_SECOND - time.monotonic()))
    return sent


def test_nothing_waits_longer_than_promised_while_receipts_stream(shop: Shop) -> None:
    shop.enrol(50)
    waits: list[timedelta] = []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.05):
            waits.append(oldest(shop))

    with worker(shop):
        shop.send(sale("first", 1000, member=1))
        deadline = time.monotonic() + 60
        while not shop.count(Seal):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        watcher = threading.Thread(target=watch)
        watcher.start()
        sent = stream(shop)
        found = verify_live(shop.database, shop.house.vault, seal_first=False)
        time.sleep(MAX_TAIL)
        over.set()
        watcher.join()

    assert found["problems"] == []
    assert max(waits) <= timedelta(seconds=MAX_TAIL)
    assert max(waits) > timedelta()
    assert shop.count(Unsealed) == 0
    assert shop.count(Seal, kind="receipt") == sent + 1
