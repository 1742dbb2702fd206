"""Which reports there are: those of the plugins that are on, as they describe them (hook `reports`)."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.errors import BrokenPlugin, NotFound
from core.host import Host
from core.i18n import _
from core.reports.describe import Report

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A report and the plugin that brings it."""

    plugin: str
    report: Report

    @property
    def name(self) -> str:
        """What it is called everywhere: plugin and name."""
        return f"{self.plugin}.{self.report.name}"


def catalogue(host: Host, enabled: frozenset[str] | None = None) -> list[Found]:
    """The reports of the enabled plugins (None: of all), by plugin and name. One that cannot tell its own has none."""
    found: list[Found] = []
    for bell in host.bells("reports", enabled):
        try:
            found += host.ring(bell, {}, read=partial(_checked, bell.plugin))
        except BrokenPlugin as broken:
            log.warning("reports of %s: %s", bell.plugin, broken.facts.get("because"))
    return sorted(found, key=lambda one: one.name)


def find(host: Host, name: str, *, enabled: frozenset[str] | None = None) -> Found:
    """The report of this name; `NotFound`."""
    for one in catalogue(host, enabled):
        if one.name == name:
            return one
    raise NotFound(_("There is no report %(name)s.", name=name))


def _checked(plugin: str, told: Iterable[Any]) -> list[Found]:
    found: dict[str, Found] = {}
    for report in told:
        if not isinstance(report, Report) or not report.permission.startswith(f"{plugin}."):
            raise BrokenPlugin(because=f"{report!r} is no report, or its permission is not its own")
        if report.name in found:
            raise BrokenPlugin(because=f"two reports are called {report.name}")
        found[report.name] = Found(plugin, report)
    return list(found.values())
