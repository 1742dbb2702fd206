"""A plugin for tests: brings a table under somebody else's name."""

from core import Manifest, _

MANIFEST = Manifest(name="table_thief", title=_("Thief"), version="1.0", summary=_("Takes a place in the core"))
