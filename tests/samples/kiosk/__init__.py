"""A plugin for tests: an endpoint, a file, a page. Everything that the gate must be able to hide."""

from core.i18n import _
from core.manifest import Manifest

MANIFEST = Manifest(
    name="kiosk",
    title=_("Kiosk"),
    version="1.0",
    summary=_("Sells papers"),
)
