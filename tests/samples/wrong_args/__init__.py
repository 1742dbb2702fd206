"""A plugin for tests: wants an argument that the hook does not have."""

from core import Manifest, _

MANIFEST = Manifest(name="wrong_args", title=_("Wrong"), version="1.0", summary=_("Asks for too much"))
