"""A plugin for tests that never comes back from a receipt with the sku SLEEP."""

from core.i18n import _
from core.manifest import Manifest

MANIFEST = Manifest(
    name="sleeper",
    title=_("Sleeper"),
    version="1.0",
    summary=_("Sleeps"),
)
