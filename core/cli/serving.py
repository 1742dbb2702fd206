"""The web server: gunicorn with a few processes on one socket, each with its own application, made after the fork."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from core import enablement
from core.cli.companions import Companions
from core.config import Config
from core.errors import Refused
from core.house import house
from core.i18n import _

HANG = 20
"""Seconds after which a request that does not end is ended, together with its process."""
LEAVE = 6
"""Seconds for requests under way after the word to stop."""

CreateApp = Callable[[Config], Any]


def listen(host: str, port: int) -> socket.socket:
    """The socket that all processes answer on; port 0 takes a free one. `Refused` when it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
    except OSError as error:
        listener.close()
        sentence = _("Cannot listen on %(host)s:%(port)s: %(why)s", host=host, port=port, why=error.strerror)
        raise Refused(sentence, code="port_taken") from error
    listener.listen(256)
    return listener


def address_of(listener: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Serves until SIGTERM or SIGINT. `ready` is called once the socket is answered."""

    def __init__(
        self, config: Config, create_app: CreateApp, *, listener: socket.socket, companions: Companions, ready: Any
    ) -> None:
        self.settings = config
        self.create_app = create_app
        self.listener = listener
        self.companions = companions
        self.ready = ready
        super().__init__()

    def load_config(self) -> None:
        """What gunicorn needs to know."""
        options: dict[str, Any] = {
            "bind": f"fd://{self.listener.fileno()}",
            "workers": self.settings.web_processes,
            "worker_class": "sync",
            "timeout": HANG,
            "graceful_timeout": LEAVE,
            "loglevel": "warning",
            "preload_app": False,
            "control_socket_disable": True,
            # Only a proxy that is named may say that a request came over HTTPS; create_app decides that, not gunicorn.
            "forwarded_allow_ips": "",
            "when_ready": lambda _arbiter: self.ready(),
            "on_exit": lambda _arbiter: self.companions.wait(),
            "worker_abort": lambda _worker: blame_plugin(),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """The application of one process: keys, engines and plugins are its own."""
        return self.create_app(self.settings)

    def run(self) -> None:
        """Serve; ends by `SystemExit`."""
        _Arbiter(self).run()


class _Arbiter(Arbiter):  # type: ignore[misc]
    """Gunicorn's, which also looks after the programs beside it."""

    def manage_workers(self) -> None:
        super().manage_workers()
        self.app.companions.keep()

    def stop(self, graceful: bool = True) -> None:
        self.app.companions.tell()
        super().stop(graceful)


def blame_plugin() -> None:
    """A request hung in this process, which is about to be ended: when a plugin was at work, take it out of service."""
    suite = house()
    running = suite.host.running
    if running is not None:
        plugin, hook = running
        enablement.trip_later(suite.database, plugin=plugin, reason=f"{hook}: did not end within {HANG} s")
