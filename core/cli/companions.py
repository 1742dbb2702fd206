"""Programs of ours that run beside the web: the worker, and in a demo the tills. They live as long as we do."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

PATIENCE = 7.0
"""Seconds for a companion to end by itself; whoever stops us waits ten."""
PAUSE = 2.0
"""Seconds between two starts of one that keeps dying."""


@dataclass
class Companion:
    """One `python app.py …` process. It reads its standard input: when that ends, we are gone, and it ends too."""

    arguments: tuple[str, ...]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0

    def keep(self) -> None:
        """Start it, or start it again when it died."""
        if self.process is not None and self.process.poll() is None:
            return
        if time.monotonic() - self.started < PAUSE:
            return
        self.started = time.monotonic()
        command = [sys.executable, sys.argv[0], *self.arguments]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)  # noqa: S603 - ours

    def tell(self) -> None:
        """Ask it to end."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> None:
        """Wait until it has ended; after `seconds` it is killed, which loses nothing."""
        if self.process is None:
            return
        try:
            self.process.wait(max(seconds, 0.1))
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@dataclass
class Companions:
    """All of them together."""

    members: list[Companion] = field(default_factory=list)
    leaving: float | None = None

    def know(self, address: str) -> None:
        """Put where we listen in the place of `{address}`."""
        for companion in self.members:
            companion.arguments = tuple(argument.replace("{address}", address) for argument in companion.arguments)

    def keep(self) -> None:
        """See that all are running, unless we are leaving."""
        if self.leaving is None:
            for companion in self.members:
                companion.keep()

    def tell(self) -> None:
        """Ask all to end."""
        if self.leaving is None:
            self.leaving = time.monotonic()
            for companion in self.members:
                companion.tell()

    def wait(self) -> None:
        """Wait for all, within the patience since they were told."""
        self.tell()
        for companion in self.members:
            companion.wait(PATIENCE - (time.monotonic() - (self.leaving or 0.0)))


def end_with_parent(end: Callable[[], None]) -> None:
    """Blocks until the program that started us is gone, then calls `end`. For a thread of a companion."""
    while sys.stdin.buffer.read(64):
        pass
    end()
