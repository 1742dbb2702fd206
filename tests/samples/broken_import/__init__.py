"""A plugin for tests: its manifest can be read, the rest of it cannot."""

from core import Manifest, _

MANIFEST = Manifest(name="broken_import", title=_("Broken"), version="1.0", summary=_("Does not load"))
