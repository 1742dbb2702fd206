"""Who may import whom."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator

from tests.house.tree import Source, Tree, called, inside

FACE = "core"
FACE_OF_A_ROOM = {
    "views": "core.admin",
    "migrations": "core.migrations",
    "reports": "core.reports",
    "cli": "core.cli",
}
"""What one room of a plugin may import besides: bases of screens, helpers of migrations, words for reports."""

BELOW = {
    "rules": {"rules"},
    "models": {"models", "rules"},
    "facts": {"facts", "models", "rules"},
    "services": {"services", "facts", "models", "rules"},
    "hooks": {"hooks", "views", "api", "jobs", "reports", "cli", "services", "facts", "models", "rules"},
}
"""What each room of a plugin may import from the same plugin; a room not named here: itself and `services` and below.
`hooks` hands the core what the other rooms hold, so it reaches all of them."""

WEB = ("flask", "flask_appbuilder", "flask_babel", "flask_login", "flask_wtf", "werkzeug", "wtforms")

ONLY_IN = {
    "flask_appbuilder": ("core/admin/", "core/auth.py", "core/auth/", "core/db.py"),
    "cryptography": ("core/vault.py", "core/vault/"),
    "weasyprint": ("core/documents/",),
    "openpyxl": ("core/documents/",),
    "vl_convert": ("core/documents/",),
    "python_calamine": ("core/documents/",),
    "huey": ("core/jobs.py", "core/jobs/"),
    "pluggy": ("core/host.py", "core/host/", "core/hookspecs.py"),
}
"""One importer a library, so that it can be replaced, and so that a web process never loads what only jobs need."""

STDLIB_ONLY = ("core/seal/verifier.py",)
"""The offline verifier must be readable and runnable by an auditor who has nothing of ours."""


def core_never_imports_plugins(tree: Tree) -> Iterator[str]:
    for source in tree.files(".py", below=("core/",)):
        for found in source.imports:
            if found.root in {"plugins", "app", "tests", "bench"}:
                yield f"{source.at(found.line)} imports {found.full}"


def plugins_import_the_face_and_themselves(tree: Tree) -> Iterator[str]:
    for source in tree.files(".py", below=("plugins/",)):
        if source.plugin:
            yield from _beyond_the_face(source, _names_of_the_face(tree))


def _beyond_the_face(source: Source, face: set[str] | None) -> Iterator[str]:
    for found in source.imports:
        own = found.full.startswith(f"plugins.{source.plugin}.") or found.full == f"plugins.{source.plugin}"
        if found.root in {"app", "tests", "bench"} or (found.root == "plugins" and not own):
            yield f"{source.at(found.line)} imports {found.full}, which is not its own"
        if found.root == "core" and not _allowed(source, found.module):
            yield f"{source.at(found.line)} imports {found.full} past the face of core"
        if found.module == FACE and face is not None and found.name not in face | {"admin"}:
            yield f"{source.at(found.line)} imports {found.name}, which core does not offer"


def _allowed(source: Source, module: str) -> bool:
    own = FACE_OF_A_ROOM.get(source.room)
    return module == FACE or (own is not None and (module == own or module.startswith(f"{own}.")))


def _names_of_the_face(tree: Tree) -> set[str] | None:
    """`__all__` of core; None while core has none."""
    if not tree.has("core/__init__.py"):
        return None
    for node in tree.source("core/__init__.py").syntax.body:
        if isinstance(node, ast.Assign) and called(node.targets[0]) == "__all__":
            return set(ast.literal_eval(node.value))
    return None


def arrows_point_down(tree: Tree) -> Iterator[str]:
    for source in tree.files(".py", below=("plugins/",)):
        if not source.plugin or source.room == "migrations":
            continue
        lower = BELOW.get(source.room, {source.room, *BELOW["services"]})
        for found in source.imports:
            room = _room_of(found.full, source.plugin)
            stands = any(tree.has(f"plugins/{source.plugin}/{room}{end}") for end in ("", ".py"))
            if room and stands and room not in lower:
                yield f"{source.at(found.line)}: {source.room} imports {room}"


def _room_of(name: str, plugin: str) -> str:
    parts = name.split(".")
    return parts[2] if parts[:2] == ["plugins", plugin] and len(parts) > 2 else ""


def services_and_rules_know_no_web(tree: Tree) -> Iterator[str]:
    for source in tree.files(".py", below=("plugins/",)):
        for found in source.imports:
            if source.room in {"services", "rules"} and found.root in WEB:
                yield f"{source.at(found.line)} imports {found.full}"


def rules_are_pure(tree: Tree) -> Iterator[str]:
    """Arithmetic and dates only: no database, no file, no network, no chance."""
    impure = {"sqlalchemy", "os", "pathlib", "random", "secrets", "socket", "subprocess", "threading", "requests"}
    for source in tree.files(".py", below=("plugins/",)):
        for found in source.imports:
            if source.room == "rules" and found.root in impure:
                yield f"{source.at(found.line)} imports {found.full}"


def manifest_reads_without_the_rest(tree: Tree) -> Iterator[str]:
    """`__init__.py` holds the manifest only, so that it can be read even when the plugin is broken."""
    for plugin in tree.plugins:
        path = f"plugins/{plugin}/__init__.py"
        for found in tree.source(path).imports if tree.has(path) else []:
            if found.root not in {"core", "__future__"}:
                yield f"{path}:{found.line} imports {found.full}"


def one_importer_a_library(tree: Tree) -> Iterator[str]:
    for source in tree.product():
        for found in source.imports:
            if found.root in ONLY_IN and not inside(source.path, ONLY_IN[found.root]):
                yield f"{source.at(found.line)} imports {found.root}; only {', '.join(ONLY_IN[found.root])} may"


def offline_verifier_needs_only_python(tree: Tree) -> Iterator[str]:
    own = {path.removesuffix(".py").replace("/", ".") for path in STDLIB_ONLY}
    for source in tree.product():
        for found in source.imports if source.path in STDLIB_ONLY else []:
            if found.root not in sys.stdlib_module_names and not ({found.module, found.full} & own):
                yield f"{source.at(found.line)} imports {found.full}"


RULES = [
    core_never_imports_plugins,
    plugins_import_the_face_and_themselves,
    arrows_point_down,
    services_and_rules_know_no_web,
    rules_are_pure,
    manifest_reads_without_the_rest,
    one_importer_a_library,
    offline_verifier_needs_only_python,
]
