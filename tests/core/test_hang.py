"""A plugin that hangs: the process is ended, the plugin is out of service, the till's resend passes."""

from __future__ import annotations

import http.client
import json
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Terminal
from tests.support.server import serving
from tests.support.tills import changed, sale


def installed(folder: Path) -> dict[str, str]:
    """A folder that says of itself what an installed package says; the environment that finds it."""
    about = folder / "sleeper-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: sleeper\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[atrium.plugins]\nsleeper = tests.samples.sleeper\n")
    return {"PYTHONPATH": str(folder)}


def status_of(port: int, key: str, body: dict[str, Any]) -> int:
    """The status of a receipt; what a dying process says beside it is the web server's, not ours."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    try:
        connection.request("POST", "/api/v1/pos/receipts", json.dumps(body), headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.slow
def test_a_plugin_that_hangs_is_taken_out_of_service(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(tmp_path / "home", database_url)
    store = terminal.tell("stores", "create", "--name", "半山书店")["code"]
    key = terminal.tell("tills", "create", "--store", store, "--till", "T01")["token"]
    found = installed(tmp_path / "site")
    body = changed(sale("1"), "/lines/0/sku", "SLEEP")

    with serving(terminal.environment | found, workers=2, log=tmp_path / "log") as server:
        before, started = set(server.workers()), time.monotonic()
        assert status_of(server.port, key, body) == 500
        assert 15 < time.monotonic() - started < 40

        reply = server.client(key).post("receipts", body)
        assert (reply.status, reply.json["rewards"]) == (201, "pending")  # the sleeper's, until it is let back
        assert set(server.workers()) != before

    monkeypatch.syspath_prepend(found["PYTHONPATH"])
    listed = {entry["name"]: entry for entry in terminal.tell("plugins", "list")["plugins"]}
    assert (listed["sleeper"]["state"], listed["sleeper"]["on"]) == ("tripped", False)
    assert listed["sleeper"]["reason"] == "receipt_rewards: did not end within 20 s"
    assert (listed["loyalty"]["state"], listed["loyalty"]["on"]) == ("ok", True)

    assert terminal.run("plugins", "doctor", "--json").code == 1
    assert terminal.tell("plugins", "doctor", "--let-back", "sleeper")["ok"] is True
