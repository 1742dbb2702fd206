"""A plugin for tests: has a job that writes down when it ran, for which mall, and what it saw."""

from core.i18n import _
from core.manifest import Manifest

MANIFEST = Manifest(
    name="ticker",
    title=_("Ticker"),
    version="1.0",
    summary=_("Ticks"),
)
