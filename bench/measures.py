"""Each measure yields lines: a ratio to its floor, or a figure, with the goal beside it."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench import grow, tills
from bench.town import phone_of, town
from core import checkout, directory
from core.types import MemberRef
from tests.support.databases import Run, server_url
from tests.support.server import serving

FLOORS = Path(__file__).resolve().parent.parent.parent / "shared" / "bench"


@dataclass(frozen=True)
class Line:
    """One row of the table. `rounds` are the ratios or figures the median was taken of."""

    name: str
    reached: str
    goal: str
    rounds: str = ""


def floor(script: str, url: str, *options: str) -> float:
    """Receipts per second of a floor, run now."""
    plain = url.replace("postgresql+psycopg://", "postgresql://")
    command = [sys.executable, str(FLOORS / script), plain, *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=FLOORS)
    return float(json.loads(done.stdout)["per_second"])


def http(run: Run, rounds: int) -> Iterator[Line]:
    """Receipts one by one over HTTP, 4 clients, 3 workers, `loyalty` on."""
    yield from _against(
        run, rounds, title=("http, PostgreSQL / http_floor", ">= 0.7"), way="singles", script="http_floor.py"
    )


def batch(run: Run, rounds: int) -> Iterator[Line]:
    """Batches of 100 over HTTP, 4 clients, 3 workers, against the floor's 4 clients without HTTP."""
    yield from _against(
        run,
        rounds,
        title=("batch of 100, PostgreSQL / receipt_floor", ">= 1.0"),
        way="batches",
        script="receipt_floor.py",
    )


def _against(run: Run, rounds: int, *, title: tuple[str, str], way: str, script: str) -> Iterator[Line]:
    if not FLOORS.is_dir():
        yield Line(title[0], "skipped", title[1], "needs ../shared/bench")
        return
    pairs = []
    with town(run, "postgres") as bench, serving(bench.environment) as server:
        for _round in range(rounds):
            options = ("--clients", "4", "--receipts", "500")
            ours = tills.together(way, 500, port=server.port, keys=bench.keys)
            pairs.append((ours, floor(script, server_url(run), *options)))
    ratios = [ours / theirs for ours, theirs in pairs]
    shown = "  ".join(f"{ours:.0f}/{theirs:.0f}" for ours, theirs in pairs)
    yield Line(title[0], f"{statistics.median(ratios):.2f} x", title[1], shown)


def lookup(run: Run, _rounds: int) -> Iterator[Line]:
    """Member look-up by phone among a million, server time."""
    with town(run, "postgres", members=1_000_000, clients=1) as bench:
        till = next(iter(directory.get(bench.house.database).till_by_token.values()))
        times = []
        for number in range(0, 1_000_000, 1_000):
            started = time.perf_counter()
            checkout.look_up(bench.house, till, ref=MemberRef("phone", phone_of(number)))
            times.append((time.perf_counter() - started) * 1000)
        bench.house.database.dispose()
    yield Line("look-up by phone among 1,000,000, p95", f"{statistics.quantiles(times, n=20)[-1]:.2f} ms", "<= 20 ms")


def growth(run: Run, _rounds: int) -> Iterator[Line]:
    """Cost of a receipt with 10 thousand and with 1 million receipts in the books."""
    costs = []
    with town(run, "postgres", clients=1) as bench:
        for size in (10_000, 1_000_000):
            grow.fill(bench, size)
            costs.append(grow.cost(bench))
        bench.house.database.dispose()
    for name, unit in (
        ("core_ms", "core ms"),
        ("statements", "statements"),
        ("pages", "pages"),
        ("wall_ms", "wall ms"),
    ):
        small, large = costs[0][name], costs[1][name]
        goal = "<= 1.2 x" if name != "wall_ms" else "informs"
        yield Line(
            f"receipt, 1,000,000 / 10,000 in the books: {unit}",
            f"{large / small:.2f} x",
            goal,
            f"{small:.2f} -> {large:.2f}",
        )


def boot(_run: Run, rounds: int) -> Iterator[Line]:
    """Start of a web process, and what it holds when it has started."""
    script = (
        "import time; t = time.perf_counter(); import app; app.create_app(); import resource, json;"
        "print(json.dumps([time.perf_counter() - t, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))"
    )
    subprocess.run([sys.executable, "app.py", "upgrade"], check=True, capture_output=True)
    found = [
        json.loads(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    yield Line("boot of a web process", f"{statistics.median(t for t, _m in found):.2f} s", "<= 2.5 s")
    yield Line("memory of a web process", f"{statistics.median(m for _t, m in found):.0f} MB", "<= 160 MB")


ALL: dict[str, Callable[[Run, int], Iterator[Line]]] = {
    "http": http,
    "batch": batch,
    "lookup": lookup,
    "growth": growth,
    "boot": boot,
}
