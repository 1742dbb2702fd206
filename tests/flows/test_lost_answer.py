"""The answer is lost on the way, or the server dies: the till sends again, and the receipt counts once."""

from __future__ import annotations

import contextlib
import http.client
import os
import random
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.models import ReceiptRow
from tests.support.server import Client, Reply, Server, serving
from tests.support.tills import sale
from tests.support.town import Shop

LOST = (http.client.HTTPException, OSError)


@contextlib.contextmanager
def cutting(server: Server) -> Iterator[int]:
    """A line to the server that carries requests, waits for each whole answer, and throws it away; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def carry() -> None:
            while True:
                try:
                    near, _from = listener.accept()
                except OSError:
                    return
                with near, socket.create_connection(("127.0.0.1", server.port)) as far:
                    far.sendall(_whole_request(near))
                    while far.recv(65536):
                        pass

        thread = threading.Thread(target=carry)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def _whole_request(near: socket.socket) -> bytes:
    got = b""
    while True:
        got += near.recv(65536)
        head, end, body = got.partition(b"\r\n\r\n")
        length = next((part for part in head.split(b"\r\n") if part.lower().startswith(b"content-length:")), b":0")
        if end and len(body) >= int(length.partition(b":")[2]):
            return got


def test_an_answer_that_never_arrived(shop: Shop, server: Server) -> None:
    body = sale(member={"phone": shop.phone})
    with cutting(server) as port, pytest.raises(LOST):
        Client(port, shop.keys["T01"]).post("receipts", body)
    [booked] = shop.all(ReceiptRow)
    again = server.client(shop.keys["T01"]).post("receipts", body)
    assert (again.status, again.headers["idempotent-replayed"]) == (200, "true")
    assert again.json["receipt_id"] == booked.id
    assert len(shop.all(ReceiptRow)) == 1


def test_a_batch_whose_answer_never_arrived(shop: Shop, server: Server) -> None:
    batch = {"receipts": [sale(f"{n:06d}", member={"phone": shop.phone}) for n in range(20)]}
    with cutting(server) as port, pytest.raises(LOST):
        Client(port, shop.keys["T01"]).post("receipts:batch", batch)
    till = server.client(shop.keys["T01"])
    results = till.post("receipts:batch", batch).json["results"]
    assert [(result["status"], result["replayed"]) for result in results] == [(200, True)] * 20
    assert till.post("members:lookup", {"phone": shop.phone}).json["points"]["usable"] == 20 * 178


def _until_answered(till: Client, body: object) -> Reply:
    """Like a till: the same again until there is an answer."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(*LOST):
            return till.post("receipts", body)
        time.sleep(0.05)
    raise AssertionError("no answer")


@pytest.mark.slow
def test_a_server_killed_in_the_middle(shop: Shop, tmp_path: Path) -> None:
    """Rounds of: send, kill the process that works on it after some milliseconds, send again until answered."""
    chance = random.Random(20261122)
    rounds, cut = 12, 0
    with serving(shop.town.environment, workers=1, log=tmp_path / "log") as server:
        till = server.client(shop.keys["T01"])
        _until_answered(till, sale("warm", member={"phone": shop.phone}))
        for number in range(rounds):
            body, first = sale(f"{number:06d}", member={"phone": shop.phone}), list[Reply]()

            def send(body: object = body, first: list[Reply] = first) -> None:
                with contextlib.suppress(*LOST):
                    first.append(till.post("receipts", body))

            sender = threading.Thread(target=send)
            [worker] = server.workers()
            sender.start()
            time.sleep(chance.uniform(0.0, 0.04))
            os.kill(worker, signal.SIGKILL)
            sender.join()
            answer = _until_answered(till, body)
            assert answer.status in (200, 201)
            assert not first or first[0].text == answer.text
            cut += not first
        assert till.post("members:lookup", {"phone": shop.phone}).json["points"]["usable"] == (rounds + 1) * 178
    assert len(shop.all(ReceiptRow)) == rounds + 1
    assert cut, "no request was cut: kill earlier"
