"""Clients that send receipts as fast as they are answered: one connection, one till each."""

from __future__ import annotations

import http.client
import json
import multiprocessing as mp
import random
import time
from datetime import UTC, datetime
from typing import Any

from bench.town import MEMBERS, phone_of


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


def post(connection: http.client.HTTPConnection, path: str, key: str, body: Any) -> tuple[int, bytes]:
    """Send one request of a till."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
    connection.request("POST", path, json.dumps(body), headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def singles(port: int, key: str, index: int, count: int) -> None:
    """Send `count` receipts one by one."""
    connection, chance = http.client.HTTPConnection("127.0.0.1", port), random.Random(index)
    for n in range(count):
        body = receipt(f"h{index}-{time.time_ns()}-{n}", chance.randrange(MEMBERS))
        status, text = post(connection, "/api/v1/pos/receipts", key, body)
        assert status == 201, text


def batches(port: int, key: str, index: int, count: int, *, size: int = 100) -> None:
    """Send `count` receipts in batches of `size`."""
    connection, chance = http.client.HTTPConnection("127.0.0.1", port), random.Random(index)
    for n in range(count // size):
        body = {
            "receipts": [receipt(f"b{index}-{time.time_ns()}-{n}-{k}", chance.randrange(MEMBERS)) for k in range(size)]
        }
        status, text = post(connection, "/api/v1/pos/receipts:batch", key, body)
        assert status == 200, text
        assert all(result["status"] == 201 for result in json.loads(text)["results"]), text[:500]


def together(work: Any, port: int, keys: tuple[str, ...], count: int) -> float:
    """Let all clients work at once; receipts per second."""
    work(port, keys[0], 99, 100)
    processes = [mp.Process(target=work, args=(port, key, index, count)) for index, key in enumerate(keys)]
    started = time.perf_counter()
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    seconds = time.perf_counter() - started
    assert all(process.exitcode == 0 for process in processes), "a client failed"
    return len(keys) * count / seconds
