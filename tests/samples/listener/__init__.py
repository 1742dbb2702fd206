"""A plugin for tests: writes down what it hears of, slowly or not at all when told so by the environment."""

from core.i18n import _
from core.manifest import Manifest

MANIFEST = Manifest(
    name="listener",
    title=_("Listener"),
    version="1.0",
    summary=_("Hears"),
)
