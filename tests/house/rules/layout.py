"""The floor plan: what stands at the top, in the core, and in every plugin."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from itertools import chain

from tests.house.tree import Tree, called

TOP = {
    *("app.py", "core", "plugins", "tests", "bench", "docs"),
    *(".ci", ".gitignore", ".gitattributes", "Makefile", "pyproject.toml", "requirements.lock"),
    *("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"),
}

CORE = {
    *("__init__", "hookspecs", "manifest", "types", "errors", "clock", "i18n", "config", "safety", "settings"),
    *("db", "engines", "ids", "upsert", "scope", "models", "migrations", "directory", "reading"),
    *("append_only", "ledger", "rollups", "seal", "checkout", "identify", "isolation", "services", "demo"),
    *("host", "house", "enablement", "events", "jobs", "audit"),
    *("vault", "auth", "sessions", "approvals", "admin", "api", "transport", "cli", "documents", "reports"),
    *("templates", "static", "translations", "README"),
}
"""Rooms of the core, as a file or as a folder. A new one is a decision: name it here and in the README's floor plan."""

PLUGIN = {
    *("__init__", "hooks", "facts", "rules", "models", "services", "views", "api", "jobs", "reports", "demo", "cli"),
    *("migrations", "templates", "static", "translations", "README"),
}
"""Rooms of every plugin; empty ones are left out, others do not exist."""

NEEDED = ("__init__.py", "hooks.py", "README.md")


def top_level_is_fixed(tree: Tree) -> Iterator[str]:
    for name in sorted({path.split("/")[0] for path in tree.paths} - TOP):
        yield f"{name} stands at the top level"


def core_has_the_planned_rooms(tree: Tree) -> Iterator[str]:
    for name in sorted({_stem(path.split("/")[1]) for path in tree.paths if path.startswith("core/")} - CORE):
        yield f"core/{name} is not on the floor plan"


def plugins_have_the_same_rooms(tree: Tree) -> Iterator[str]:
    for plugin in tree.plugins:
        rooms = {_stem(path.split("/")[2]) for path in tree.paths if path.startswith(f"plugins/{plugin}/")}
        yield from (f"plugins/{plugin}/{name} is no room of a plugin" for name in sorted(rooms - PLUGIN))
        for name in NEEDED:
            if not tree.has(f"plugins/{plugin}/{name}") and not tree.has(f"plugins/{plugin}/{name[:-3]}/__init__.py"):
                yield f"plugins/{plugin}/{name} is missing"


def plugin_files_carry_its_name(tree: Tree) -> Iterator[str]:
    """Templates and static files of all plugins share one name space: each keeps to a folder of its own name."""
    for path in tree.paths:
        parts = path.split("/")
        if parts[0] == "plugins" and len(parts) > 4 and parts[2] in {"templates", "static"} and parts[3] != parts[1]:
            yield f"{path} should stand in {parts[2]}/{parts[1]}/"


def manifest_names_its_folder(tree: Tree) -> Iterator[str]:
    for plugin in tree.plugins:
        path = f"plugins/{plugin}/__init__.py"
        if tree.has(path):
            calls = [n for n in tree.source(path).walk(ast.Call) if called(n).endswith("Manifest")]
            if [_keyword(call, "name") for call in calls] != [plugin]:
                yield f"{path} needs one Manifest(name={plugin!r})"


def tables_carry_the_owner(tree: Tree) -> Iterator[str]:
    for source in tree.product():
        owner = source.plugin or source.path.split("/")[0]
        for node in source.walk(ast.Assign):
            assert isinstance(node, ast.Assign)
            name = node.value.value if isinstance(node.value, ast.Constant) else None
            if called(node.targets[0]) == "__tablename__" and not re.fullmatch(rf"{owner}_[a-z][a-z0-9_]*", str(name)):
                yield f"{source.at(node)}: table {name!r} should be named {owner}_<noun>"


def lock_file_is_whole(tree: Tree) -> Iterator[str]:
    """Set-up installs exactly the lock file: it names every requirement, with hashes, and no place to fetch from."""
    lock = tree.source("requirements.lock").text if tree.has("requirements.lock") else ""
    project = tomllib.loads(tree.source("pyproject.toml").text)["project"] if tree.has("pyproject.toml") else {}
    wanted = [*project.get("dependencies", ()), *chain(*project.get("optional-dependencies", {}).values())]
    for requirement in wanted:
        name = re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")
        if not re.search(rf"^{re.escape(name)}(\[\w+\])?==\S+ .*\\$", lock, re.M):
            yield f"requirements.lock lacks {name}: run `make lock`"
    if "://" in lock:
        yield "requirements.lock names an address"


def _stem(name: str) -> str:
    return name.removesuffix(".py").removesuffix(".md")


def _keyword(call: ast.AST, name: str) -> object:
    assert isinstance(call, ast.Call)
    return next((k.value.value for k in call.keywords if k.arg == name and isinstance(k.value, ast.Constant)), None)


RULES = [
    top_level_is_fixed,
    core_has_the_planned_rooms,
    plugins_have_the_same_rooms,
    plugin_files_carry_its_name,
    manifest_names_its_folder,
    tables_carry_the_owner,
    lock_file_is_whole,
]
