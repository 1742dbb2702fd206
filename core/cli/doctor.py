"""`doctor`: is this machine fit to run the suite, and is the database?"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from ctypes.util import find_library
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import click

from core import migrations, safety
from core.cli.base import DONE, FAILED, Outcome, command
from core.config import Config
from core.errors import AtriumError
from core.house import House, open_house
from core.i18n import Text, _

LEAST_DISK = 1_000_000_000
"""Bytes that must be free: a database that cannot grow stops every till."""
FONTS = "pylopdf_fonts_zh_cn"
PANGO = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")


class Finding(NamedTuple):
    """One thing looked at. A `warning` does not stop the suite, a `fault` does."""

    name: str
    state: str
    detail: Text | str


@command("doctor", _("Check fonts, Pango, database, keys, migrations and disk; fails when something must be mended."))
def doctor() -> Outcome:
    """Look at everything, also when the first thing fails; exit code 1 when there is a fault."""
    findings = [*_settings(), _fonts(), _pango()]
    fit = all(finding.state != "fault" for finding in findings)
    lines = [f"{f.state:<8} {f.name:<12} {f.detail}" for f in findings]
    checks = [{"name": f.name, "state": f.state, "detail": str(f.detail)} for f in findings]
    return Outcome({"ok": fit, "checks": checks}, lines, DONE if fit else FAILED)


def _settings() -> Iterator[Finding]:
    """Settings, then what can only be looked at when they are good."""
    try:
        config = Config.load()
        config.prepare()
    except AtriumError as error:
        yield Finding("settings", "fault", error.text)
        return
    yield Finding("settings", "ok", str(config.home))
    yield _disk(config.home)
    try:
        house = open_house(config)
    except AtriumError as error:
        yield Finding("keys", "fault", error.text)
        return
    click.get_current_context().call_on_close(house.database.dispose)
    yield Finding("keys", "ok", _("%(count)s keys, all readable", count=len(house.vault.all_keys())))
    faults = list(safety.faults(house.database))
    yield from (Finding("database", "fault", fault) for fault in faults)
    if not faults:
        yield Finding("database", "ok", house.database.writer.dialect.name)
    yield _migrations(house)
    yield from _plugins(house)


def _migrations(house: House) -> Finding:
    behind = migrations.pending(house.database, house.host)
    if behind:
        return Finding("migrations", "fault", _("%(names)s: run python app.py upgrade", names=", ".join(behind)))
    return Finding("migrations", "ok", _("up to date"))


def _plugins(house: House) -> Iterator[Finding]:
    for plugin in house.host.plugins.values():
        if plugin.state != "ok":
            yield Finding("plugin", "warning", f"{plugin.name}: {plugin.reason}")


def _disk(home: Path) -> Finding:
    free = shutil.disk_usage(home).free
    detail = _("%(free)s MB free", free=free // 1_000_000)
    return Finding("disk", "ok" if free >= LEAST_DISK else "fault", detail)


def _fonts() -> Finding:
    return _present("fonts", find_spec, wanted=(FONTS,), cure="pip install pylopdf-fonts-zh-cn")


def _pango() -> Finding:
    debian = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    return _present("pango", find_library, wanted=PANGO, cure=debian)


def _present(name: str, find: Callable[[str], object], *, wanted: tuple[str, ...], cure: str) -> Finding:
    missing = [item for item in wanted if not find(item)]
    if missing:
        # Only documents need them; tills and screens work without.
        return Finding(name, "warning", _("No PDF documents before: %(cure)s", cure=cure))
    return Finding(name, "ok", ", ".join(wanted))
