"""A plugin for tests that does in each hook what `hooks.MANNERS` says, for all that a plugin must not do."""

from core import Manifest, _

MANIFEST = Manifest(name="rude", title=_("Rude"), version="1.0", summary=_("Misbehaves"))
