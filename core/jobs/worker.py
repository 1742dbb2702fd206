"""The worker: a process of its own with five loops, each on its own thread, woken by the doorbell or by the clock.

    deliver   each 0.5 s: the outbox, to plugins
    seal      each second: what is booked gets its place in the chain
    settle    each second: returns whose sale has arrived since
    roll up   each 5 s: balances of accounts that keep none
    jobs      each 15 s: what is due by the crontabs

Told to stop (SIGINT or SIGTERM), it ends with the row in hand. Killed, it loses nothing: a transaction that did not
commit did not happen, and another worker takes its rows when their claim runs out.
"""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from core import checkout, clock, rollups
from core.events import Pump
from core.house import House
from core.isolation import attempt
from core.jobs.chores import CHORES
from core.jobs.doorbell import Doorbell
from core.jobs.runs import run_due
from core.seal import sealer

log = logging.getLogger(__name__)
PATIENCE = 9.0
"""Seconds for the work in hand after the word to stop; whoever started us may kill after ten."""
FULL = 100


@dataclass
class Loop:
    """Does `work` each `every` seconds and whenever `wake` is set, again at once while it says there is more."""

    name: str
    every: float
    work: Callable[[], bool]
    stop: threading.Event
    wake: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Until `stop`. A failure is logged, and tried again after the usual time."""
        while not self.stop.is_set():
            more: list[bool] = []
            attempt(self.name, partial(self._turn, more))
            if not any(more):
                self.wake.wait(self.every)
                self.wake.clear()

    def _turn(self, more: list[bool]) -> None:
        more.append(self.work())


class Worker:
    """The loops over one house. `run` blocks until a signal, or until `halt` is called from another thread."""

    def __init__(self, house: House, *, doorbell: Doorbell | None = None) -> None:
        self.house = house
        self.doorbell = doorbell
        database = house.database
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
        self.stop = threading.Event()
        self._signalled = False
        self._pump = Pump(database, house.host, self.name, stopping=self.stop.is_set)
        self.deliver = Loop("deliver", 0.5, lambda: self._pump.run(FULL) == FULL, self.stop)
        self.seal = Loop("seal", 1.0, lambda: sealer.seal_pending(database, house.vault) >= FULL, self.stop)
        self.settle = Loop("settle", 1.0, lambda: bool(checkout.settle_parked(house)), self.stop)
        self.roll_up = Loop("roll up", 5.0, lambda: bool(rollups.roll_up(database)), self.stop)
        self.jobs = Loop("jobs", 15.0, self._run_due, self.stop)
        self.loops = (self.deliver, self.seal, self.settle, self.roll_up, self.jobs)

    def run(self) -> int:
        """Work until told to stop; returns the exit code, 1 when a loop died and somebody should start us again."""
        threads = [threading.Thread(target=loop.run, name=loop.name, daemon=True) for loop in self.loops]
        consumer = self._consumer()
        for thread in threads:
            thread.start()
        self._listen()
        log.info("worker %s is running", self.name)
        while not self._is_told() and all(thread.is_alive() for thread in threads):
            time.sleep(0.2)
        died = not self._is_told()
        self.halt()
        if consumer is not None:
            consumer.stop(graceful=True)
        deadline = time.monotonic() + PATIENCE
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        unfinished = [thread.name for thread in threads if thread.is_alive()]
        log.info("worker %s has stopped%s", self.name, f", in the middle of {unfinished}" if unfinished else "")
        return 1 if died else 0

    def halt(self) -> None:
        """End every loop after the work in hand."""
        self.stop.set()
        for loop in self.loops:
            loop.wake.set()

    def _run_due(self) -> bool:
        run_due(self.house.database, self.house.host, now=clock.now(), worker=self.name, own=CHORES)
        return False

    def _consumer(self) -> Any:
        """Huey's consumer, on threads of its own; it does nothing but set our events."""
        if self.doorbell is None:
            return None
        self.doorbell.on_ring = self.deliver.wake.set
        self.doorbell.on_minute = self.jobs.wake.set
        consumer = self.doorbell.huey.create_consumer(workers=1, max_delay=0.5, shutdown_timeout=2)
        consumer.start()
        return consumer

    def _is_told(self) -> bool:
        return self._signalled or self.stop.is_set()

    def _signal(self, *_: object) -> None:
        # No event is set here: its lock may be in the hands of the very thread that the signal interrupts.
        self._signalled = True

    def _listen(self) -> None:
        """Take the signals, after the consumer took them for itself (its SIGTERM would not wait)."""
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, self._signal)
