"""The suite served by several processes, and a till that speaks HTTP to it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.support.contract import Contract

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Reply:
    """What came back: `text` exactly as sent, `headers` with small letters."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body read."""
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """The code of a problem; checks that it is one."""
        assert self.headers["content-type"] == "application/problem+json", self.text
        assert self.json["status"] == self.status
        return str(self.json["code"])


@dataclass(frozen=True)
class Client:
    """Somebody with a key. Each request has a connection of its own."""

    port: int
    key: str = field(default="", repr=False)
    language: str = "en"
    contract: Contract | None = field(default=None, repr=False)
    """When given, every answer must be as described."""

    def ask(self, method: str, path: str, *, sent: bytes = b"", headers: Mapping[str, str] | None = None) -> Reply:
        """One request with these bytes."""
        own = {"Accept-Language": self.language, "Content-Type": "application/json"}
        if self.key:
            own["Authorization"] = f"Bearer {self.key}"
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, sent, own | dict(headers or {}))
            answer = connection.getresponse()
            said = {name.lower(): value for name, value in answer.getheaders()}
            reply = Reply(answer.status, said, answer.read().decode())
        finally:
            connection.close()
        if self.contract is not None:
            mimetype = said["content-type"].partition(";")[0]
            self.contract.expect(method, path, status=reply.status, mimetype=mimetype, text=reply.text)
        return reply

    def post(self, path: str, body: Any) -> Reply:
        """Post a body as JSON to an endpoint of the tills' API."""
        reply = self.ask("POST", f"/api/v1/pos/{path}", sent=json.dumps(body).encode())
        # A batch is taken whatever stands in it; its answers tell.
        if self.contract is not None and reply.status < 300 and path != "receipts:batch":
            self.contract.expect_request("POST", f"/api/v1/pos/{path}", sent=body)
        return reply

    def get(self, path: str) -> Reply:
        """Get from the tills' API."""
        return self.ask("GET", f"/api/v1/pos/{path}")


@dataclass
class Server:
    """A server that is running."""

    port: int
    process: subprocess.Popen[bytes]

    def workers(self) -> list[int]:
        """The process ids of the workers."""
        found = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in found.split()]

    @cached_property
    def contract(self) -> Contract:
        """What the server says of itself."""
        return Contract(Client(self.port).ask("GET", "/api/v1/openapi.json").json)

    def client(self, key: str = "", language: str = "en") -> Client:
        """Somebody who talks to this server, and holds it to its description."""
        return Client(self.port, key, language, self.contract)


@contextmanager
def serving(environment: Mapping[str, str], *, workers: int = 3, log: Path | None = None) -> Iterator[Server]:
    """Serve the house that `environment` describes, as `python app.py serve` does; the server ends with the block."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ATRIUM_")}
    with open(log or os.devnull, "wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "app.py", "serve", "--web-only", "--port", "0", "--json"],
            cwd=ROOT,
            env={**clean, **environment, "ATRIUM_WEB_PROCESSES": str(workers)},
            stdout=subprocess.PIPE,
            stderr=errors,
            process_group=0,
        )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()  # once it listens
        if not said.startswith(b"{") or b"address" not in said:
            raise RuntimeError(f"the server did not start: {said.decode()} {log.read_text() if log else ''}")
        yield Server(int(json.loads(said)["address"].rpartition(":")[2]), process)
    finally:
        process.stdout.close()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
