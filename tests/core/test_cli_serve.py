"""Serving: it says where, answers, runs its worker, and is gone within ten seconds when told; and the demo."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Terminal

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Running:
    """A serving process and what it said when it was up."""

    process: subprocess.Popen[bytes]
    said: Any

    @property
    def port(self) -> int:
        return int(self.said["address"].rpartition(":")[2])

    def get(self, path: str) -> int:
        """The status of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def children(self) -> dict[int, str]:
        """Process id → command line of everything it started."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return {int(pid): _command_of(pid) for pid in found}

    def companions(self) -> list[int]:
        """The workers beside it."""
        return [pid for pid, line in self.children().items() if "--with-parent" in line]

    def stop(self) -> float:
        """Seconds from SIGTERM to its end."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        return time.monotonic() - started


def _command_of(pid: str) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except FileNotFoundError:  # it has just ended
        return ""


@contextmanager
def running(terminal: Terminal, *arguments: str) -> Iterator[Running]:
    """`python app.py …` as its own process, once it is up."""
    environment = {**os.environ, **terminal.environment, "LANG": "C"}
    command = [sys.executable, "app.py", *arguments, "--json", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield Running(process, json.loads(process.stdout.readline()))
        finally:
            process.kill()


def alive(pid: int) -> bool:
    """Whether a process is still there."""
    return Path(f"/proc/{pid}").exists()


def eventually(holds: Any, seconds: float = 30) -> bool:
    """Whether it holds within the time."""
    deadline = time.monotonic() + seconds
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(holds())


@pytest.mark.slow
def test_it_serves_with_a_worker_and_leaves_when_told(database_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", database_url)
    terminal.tell("upgrade")
    with running(terminal, "serve") as server:
        assert server.said.keys() == {"address", "pid"}
        assert server.said["pid"] == server.process.pid
        assert server.get("/api/v1/openapi.json") == 200
        assert server.get("/nowhere") in (302, 404)
        assert eventually(lambda: len(server.children()) == 4)
        children = server.children()
        assert sum("worker --with-parent" in line for line in children.values()) == 1

        assert server.stop() < 10
        assert server.process.returncode == 0
        assert not any(alive(pid) for pid in children)


@pytest.mark.slow
def test_a_dead_worker_is_started_again_and_none_outlives_its_parent(sqlite_url: str, tmp_path: Path) -> None:
    with running(Terminal(tmp_path / "home", sqlite_url), "serve") as server:
        assert eventually(lambda: server.companions())
        (first,) = server.companions()
        os.kill(first, signal.SIGKILL)
        assert eventually(lambda: set(server.companions()) - {first})
        (second,) = set(server.companions()) - {first}
        time.sleep(3)  # so that it has begun to listen for our end
        server.process.kill()
        server.process.wait()
        assert eventually(lambda: not alive(second))


def test_a_taken_port_is_named(sqlite_url: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        terminal = Terminal(tmp_path / "home", sqlite_url)
        assert terminal.refuse("serve", "--port", str(taken.getsockname()[1])) == "port_taken"


def test_nothing_is_served_from_an_old_database(empty_database_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", empty_database_url)

    assert "app.py upgrade" in terminal.run("serve", "--port", "0").err
    assert "app.py upgrade" in terminal.run("worker").err


def test_a_demo_is_made_once(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", f"sqlite:///{tmp_path}/home/atrium.sqlite")
    make = ("demo", "--no-serve", "--stores", "3", "--members", "12")

    first = terminal.tell(*make)
    books = terminal.tell("books")
    assert first.keys() == {"mall", "username", "password"}
    assert len(first["password"]) >= 16
    assert (books["stores"], books["members"], books["receipts"]) == (3, 12, 180)
    assert books["points_earned"] == books["points_balance"] > 0
    assert [entry["name"] for entry in terminal.tell("stores", "list")["stores"]] == [
        "云裳女装",
        "青松男装",
        "小树童装",
    ]

    assert terminal.tell(*make) == first
    assert terminal.tell("books") == books
    assert (terminal.home / "demo-password").stat().st_mode & 0o777 == 0o600


def test_a_demo_keeps_away_from_a_mall_of_ones_own(sqlite_url: str, tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", sqlite_url)
    terminal.tell("stores", "create", "--name", "半山书店")

    assert terminal.refuse("demo", "--no-serve") == "not_a_demo"
    assert terminal.tell("books")["stores"] == 1


@pytest.mark.slow
def test_tills_of_a_serving_demo_play(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", f"sqlite:///{tmp_path}/home/atrium.sqlite")
    with running(terminal, "demo", "--stores", "2", "--members", "5") as demo:
        assert demo.said.keys() == {"mall", "username", "password", "address", "pid"}
        assert eventually(lambda: terminal.tell("books")["receipts"] >= 2 * 3 * 20 + 3, seconds=60)
        assert demo.stop() < 10
    assert terminal.tell("verify")["ok"] is True
