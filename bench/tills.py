"""Clients that send receipts as fast as they are answered: one connection, one till each."""

from __future__ import annotations

import http.client
import json
import multiprocessing as mp
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bench.town import MEMBERS, phone_of

BATCH = 100


def receipt(number: str, member: int) -> dict[str, Any]:
    """The receipt of the floor: three lines, 100.00 in cash, a member."""
    now = datetime.now(UTC)
    lines = [
        {
            "line": k + 1,
            "sku": f"s{k}",
            "name": f"Sample {k}",
            "qty": "1.000",
            "unit_price": 3333,
            "discount": 0,
            "amount": 3333,
        }
        for k in range(3)
    ]
    return {
        "till": "T01",
        "number": number,
        "business_date": now.date().isoformat(),
        "happened_at": now.isoformat(),
        "kind": "sale",
        "currency": "CNY",
        "member": {"phone": phone_of(member)},
        "lines": lines,
        "tenders": [{"type": "cash", "amount": 9999}],
        "total": 9999,
    }


@dataclass(frozen=True)
class Client:
    """One till at work: where the server listens, its key, and its own random numbers."""

    port: int
    key: str
    index: int

    def post(self, connection: http.client.HTTPConnection, path: str, *, body: Any) -> tuple[int, bytes]:
        """Send one request."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def singles(self, count: int) -> None:
        """Send `count` receipts one by one."""
        connection, chance = http.client.HTTPConnection("127.0.0.1", self.port), random.Random(self.index)
        for n in range(count):
            body = receipt(f"h{self.index}-{time.time_ns()}-{n}", chance.randrange(MEMBERS))
            status, text = self.post(connection, "/api/v1/pos/receipts", body=body)
            assert status == 201, text

    def batches(self, count: int) -> None:
        """Send `count` receipts in batches of 100."""
        connection, chance = http.client.HTTPConnection("127.0.0.1", self.port), random.Random(self.index)
        for n in range(count // BATCH):
            name = f"b{self.index}-{time.time_ns()}-{n}"
            body = {"receipts": [receipt(f"{name}-{k}", chance.randrange(MEMBERS)) for k in range(BATCH)]}
            status, text = self.post(connection, "/api/v1/pos/receipts:batch", body=body)
            assert status == 200, text
            assert all(result["status"] == 201 for result in json.loads(text)["results"]), text[:500]


def together(way: str, count: int, *, port: int, keys: tuple[str, ...]) -> float:
    """Let a client for each key send `count` receipts, 'singles' or 'batches', all at once; receipts per second."""
    getattr(Client(port, keys[0], 99), way)(BATCH)
    clients = [Client(port, key, index) for index, key in enumerate(keys)]
    processes = [mp.Process(target=getattr(client, way), args=(count,)) for client in clients]
    started = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - started
    assert all(process.exitcode == 0 for process in processes), "a client failed"
    return len(keys) * count / seconds
