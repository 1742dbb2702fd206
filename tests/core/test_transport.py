"""Plain HTTP stays on this machine; only a trusted proxy is believed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from core.transport import Transport

PROXY = "10.0.0.2"


def served(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [f"{environ['wsgi.url_scheme']} {environ['REMOTE_ADDR']}".encode()]


def ask(peer: str, *, path: str = "/", scheme: str = "http", **headers: str) -> tuple[str, bytes]:
    """Status and body of a request from `peer`, through a transport that trusts one proxy."""
    status: list[str] = []
    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": scheme, "PATH_INFO": path, **headers}
    body = Transport(served, trusted=[PROXY])(environ, lambda said, _headers: status.append(said))
    return status[0], b"".join(body)


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1"])
def test_this_machine_may_speak_plainly(peer: str) -> None:
    assert ask(peer) == ("200 OK", f"http {peer}".encode())


def test_elsewhere_is_refused_and_told_why() -> None:
    status, body = ask("192.0.2.7")
    assert status == "403 Forbidden"
    assert "HTTPS" in body.decode()


def test_a_till_is_refused_in_its_own_form() -> None:
    status, body = ask("192.0.2.7", path="/api/v1/pos/receipts")
    assert status == "403 Forbidden"
    assert json.loads(body)["code"] == "https_only"


def test_the_proxy_is_believed() -> None:
    forwarded = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "203.0.113.9, 192.0.2.7"}
    assert ask(PROXY, **forwarded) == ("200 OK", b"https 192.0.2.7")


def test_the_proxy_must_say_https_and_nobody_else_may() -> None:
    assert ask(PROXY)[0] == "403 Forbidden"
    assert ask(PROXY, HTTP_X_FORWARDED_PROTO="https, http")[0] == "403 Forbidden"
    assert ask("192.0.2.7", HTTP_X_FORWARDED_PROTO="https")[0] == "403 Forbidden"


def test_what_is_no_address_is_not_taken_over() -> None:
    said = ask(PROXY, HTTP_X_FORWARDED_PROTO="https", HTTP_X_FORWARDED_FOR="<script>")
    assert said == ("200 OK", f"https {PROXY}".encode())
