"""In front of the web application: who is calling, and over what. Plain HTTP stays on this machine.

TLS is the proxy's work. Only a trusted proxy is believed when it says from where and how a request came.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Callable, Iterable
from typing import Any

from core.i18n import _

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WSGI = Callable[[Environ, StartResponse], Iterable[bytes]]

REFUSAL = _("This service is reached over HTTPS only.")


class Transport:
    """WSGI middleware. A plain request from elsewhere that no trusted proxy marked as https is refused with 403."""

    def __init__(self, app: WSGI, *, trusted: Iterable[str]) -> None:
        self._app = app
        self._trusted = [ipaddress.ip_network(name, strict=False) for name in trusted]

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        peer = _address(environ.get("REMOTE_ADDR", ""))
        if peer is not None and any(peer in network for network in self._trusted):
            _believe(environ)
            secure = environ["wsgi.url_scheme"] == "https"
        else:
            secure = environ["wsgi.url_scheme"] == "https" or (peer is not None and peer.is_loopback)
        return self._app(environ, start_response) if secure else _refuse(environ, start_response)


def _believe(environ: Environ) -> None:
    """Take over what the nearest proxy says: the last value of each list, the others may be invented."""
    environ["wsgi.url_scheme"] = _last(environ.get("HTTP_X_FORWARDED_PROTO", "")) or environ["wsgi.url_scheme"]
    client = _last(environ.get("HTTP_X_FORWARDED_FOR", ""))
    if _address(client) is not None:
        environ["REMOTE_ADDR"] = client


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _refuse(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    problem = {
        "type": "about:blank",
        "status": 403,
        "code": "https_only",
        "title": REFUSAL.into("en"),
        "detail": str(REFUSAL),
    }
    if environ.get("PATH_INFO", "").startswith("/api/"):
        kind, body = "application/problem+json", json.dumps(problem, ensure_ascii=False)
    else:
        kind, body = "text/plain; charset=utf-8", f"{REFUSAL.into('zh')}\n{REFUSAL.into('en')}\n"
    encoded = body.encode()
    start_response("403 Forbidden", [("Content-Type", kind), ("Content-Length", str(len(encoded)))])
    return [encoded]
