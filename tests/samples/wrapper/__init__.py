"""A plugin for tests: wants to stand around the others' answers."""

from core import Manifest, _

MANIFEST = Manifest(name="wrapper", title=_("Wrapper"), version="1.0", summary=_("Changes what others say"))
