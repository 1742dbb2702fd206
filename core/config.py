"""Settings from the environment, `ATRIUM_*`, checked before anything starts.

Values are read as Flask's own loader (`from_prefixed_env`) reads them: JSON where it parses, otherwise text. No secret
has a default; keys are made at random in `ATRIUM_HOME`. What is not safe refuses to start and says how to mend it.
"""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from core.errors import UnsafeSetting
from core.i18n import _

PREFIX = "ATRIUM_"
SQLITE_FILE = "atrium.sqlite"
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")

KNOWN_KEYS = frozenset(
    {
        "change_me_to_a_complex_random_secret",
        "your_own_unique_random_secret_key_here",
        "temporary_superset_secret_key_for_tests",
        "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
        "5f352379324c22463451387a0aec5d2f",
        r"\2\1thisismyscretkey\1\2\e\y\y\h",
        r"\x02\x01thisismyscretkey\x01\x02\\e\\y\\y\\h",
    }
)
"""Keys that stand in documentation and examples, and are therefore tried first by everybody."""

MUST: Mapping[str, Any] = MappingProxyType(
    {
        "WTF_CSRF_ENABLED": True,
        "WTF_CSRF_CHECK_DEFAULT": True,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SECURE": True,
        "AUTH_RATE_LIMITED": True,
        "RATELIMIT_ENABLED": True,
        "FAB_PASSWORD_COMPLEXITY_ENABLED": True,
        "FAB_ADD_SECURITY_API": False,
        "FAB_API_SHOW_STACKTRACE": False,
        "FAB_ALLOW_GET_UNSAFE_MUTATIONS": False,
        "TESTING": False,
    }
)
"""Settings of Flask and its extensions that nobody may turn round by an environment variable."""


@dataclass(frozen=True, slots=True)
class Config:
    """One installation's settings. `trusted_proxies` are addresses or networks whose forwarded headers count.

    `plain_http`: browsers on this machine talk to us without a proxy, so cookies cannot demand HTTPS; the default as
    long as no proxy is named. `extra` holds what else was given, for Flask (`ATRIUM_BABEL_X` → `BABEL_X`).
    """

    home: Path
    database_url: str = field(repr=False)
    queue_url: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 3
    debug: bool = False
    plain_http: bool = True
    trusted_hosts: tuple[str, ...] = LOOPBACK
    trusted_proxies: tuple[str, ...] = ()
    secret_key: str | None = field(default=None, repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None) -> Config:
        """Read and check the settings; `UnsafeSetting` names the first that will not do, and the cure."""
        given = _given(os.environ if environ is None else environ)
        home = Path(str(given.pop("HOME", "instance"))).absolute()
        proxies = _list(given.pop("TRUSTED_PROXIES", ()))
        config = cls(
            home=home,
            database_url=_database_url(str(given.pop("DATABASE_URL", "") or f"sqlite:///{home / SQLITE_FILE}")),
            queue_url=str(given.pop("QUEUE_URL", "")),
            host=str(given.pop("HOST", "127.0.0.1")),
            port=_whole(given.pop("PORT", 8000), "ATRIUM_PORT", bounds=(1, 65535)),
            web_processes=_whole(given.pop("WEB_PROCESSES", 3), "ATRIUM_WEB_PROCESSES", bounds=(1, 64)),
            debug=_yes(given.pop("DEBUG", False)),
            plain_http=_yes(given.pop("PLAIN_HTTP", not proxies)),
            trusted_hosts=_list(given.pop("TRUSTED_HOSTS", LOOPBACK)),
            trusted_proxies=proxies,
            secret_key=_text_or_none(given.pop("SECRET_KEY", None)),
            extra=MappingProxyType(given),
        )
        config.check()
        return config

    @property
    def sqlite_path(self) -> Path | None:
        """The file of an embedded database; None on PostgreSQL."""
        url = make_url(self.database_url)
        return Path(str(url.database)).absolute() if url.get_backend_name() == "sqlite" else None

    def check(self) -> None:
        """Refuse settings that are not safe; looks at the disk but changes nothing."""
        if self.secret_key is not None:
            _check_secret(self.secret_key)
        if self.debug and not is_loopback(self.host):
            raise UnsafeSetting(
                _("Debugging runs code for whoever reaches it. Unset ATRIUM_DEBUG or listen on 127.0.0.1.")
            )
        if self.plain_http and not is_loopback(self.host):
            raise UnsafeSetting(
                _(
                    "Plain HTTP is for this machine only. Listen on 127.0.0.1 behind a proxy that speaks HTTPS, "
                    "and name it: ATRIUM_TRUSTED_PROXIES=10.0.0.2"
                )
            )
        if not self.trusted_hosts or "*" in self.trusted_hosts:
            raise UnsafeSetting(_("Name the hosts that are answered: ATRIUM_TRUSTED_HOSTS=mall.example.org"))
        for proxy in self.trusted_proxies:
            _check_network(proxy)
        for name, must in MUST.items():
            if name in self.extra and _yes(self.extra[name]) is not must:
                raise UnsafeSetting(_("%(name)s must stay as it is. Unset it.", name=PREFIX + name))
        _check_private(self.home)
        if self.sqlite_path is not None:
            for suffix in ("", "-wal", "-shm"):
                _check_private(self.sqlite_path.with_name(self.sqlite_path.name + suffix))

    def prepare(self) -> None:
        """Make the home (0700) and an empty SQLite file (0600) where they are missing."""
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.sqlite_path is not None:
            self.sqlite_path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self.sqlite_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self.check()

    def to_flask(self) -> dict[str, Any]:
        """The settings for `app.config`. Without SECRET_KEY unless one was given: the vault has it."""
        flask = {
            **self.extra,
            **MUST,
            "SESSION_COOKIE_SECURE": not self.plain_http,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "TRUSTED_HOSTS": list(self.trusted_hosts),
            "FAB_SAFE_REDIRECT_HOSTS": list(self.trusted_hosts),
            "DEBUG": self.debug,
            "ATRIUM_HOME": str(self.home),
            "ATRIUM_PLAIN_HTTP": self.plain_http,
            "ATRIUM_TRUSTED_PROXIES": self.trusted_proxies,
        }
        return flask | ({"SECRET_KEY": self.secret_key} if self.secret_key is not None else {})


def is_loopback(host: str) -> bool:
    """Whether a host name or address reaches this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


# --- reading ------------------------------------------------------------------------------------------------------


def _given(environ: Mapping[str, str]) -> dict[str, Any]:
    """All `ATRIUM_*` values by name without the prefix, except those of the tests."""
    names = (name for name in sorted(environ) if name.startswith(PREFIX) and not name.startswith("ATRIUM_TEST_"))
    return {name.removeprefix(PREFIX): _value(environ[name]) for name in names}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _database_url(text: str) -> str:
    try:
        backend = make_url(text).get_backend_name()
    except ArgumentError:
        backend = ""
    if backend not in ("sqlite", "postgresql"):
        raise UnsafeSetting(_("ATRIUM_DATABASE_URL must name SQLite or PostgreSQL."))
    if backend == "sqlite" and make_url(text).database in (None, "", ":memory:"):
        raise UnsafeSetting(_("ATRIUM_DATABASE_URL must name a file: sqlite:////path/to/atrium.sqlite"))
    return text


def _whole(value: Any, name: str, *, bounds: tuple[int, int]) -> int:
    low, high = bounds
    if type(value) is not int or not low <= value <= high:
        raise UnsafeSetting(
            _("%(name)s must be a whole number from %(low)s to %(high)s.", name=name, low=low, high=high)
        )
    return value


def _yes(value: Any) -> bool:
    """As people write it in an environment: 1, true, yes, on."""
    return value if isinstance(value, bool) else str(value).strip().lower() in ("1", "true", "yes", "on")


def _list(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list | tuple) else str(value).split(",")
    return tuple(str(part).strip() for part in parts if str(part).strip())


def _text_or_none(value: Any) -> str | None:
    return None if value is None else str(value)


# --- checking -----------------------------------------------------------------------------------------------------


def _check_secret(key: str) -> None:
    cure = "python -c 'import secrets; print(secrets.token_hex(32))'"
    if key.strip().lower() in KNOWN_KEYS:
        raise UnsafeSetting(
            _("ATRIUM_SECRET_KEY is a key that everybody knows. Unset it, or use the output of: %(cure)s", cure=cure)
        )
    if len(key.encode()) < 32 or len(set(key)) < 8:
        raise UnsafeSetting(
            _("ATRIUM_SECRET_KEY is too easy to guess. Unset it, or use the output of: %(cure)s", cure=cure)
        )


def _check_network(text: str) -> None:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise UnsafeSetting(_("ATRIUM_TRUSTED_PROXIES must list addresses or networks: %(text)s", text=text)) from None
    if network.prefixlen == 0:
        raise UnsafeSetting(_("ATRIUM_TRUSTED_PROXIES trusts everybody. Name the proxy's own address."))


def _check_private(path: Path) -> None:
    if path.exists() and path.stat().st_mode & 0o077:
        raise UnsafeSetting(_("Others can read %(path)s. Run: chmod go= %(path)s", path=str(path)))
