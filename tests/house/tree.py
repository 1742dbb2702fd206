"""The source tree as the house rules see it: files, syntax, imports. Any folder will do, so rules can be tested."""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE = {".git", ".venv", ".hypothesis", ".schemathesis", "instance", "build", "dist", "htmlcov", "__pycache__"}
"""Folders that tools and programs make; nothing in them is ours."""


@dataclass(frozen=True)
class Import:
    """One imported name: `module` in full (relative ones resolved), `name` after `from … import`, else empty."""

    module: str
    name: str
    line: int

    @property
    def root(self) -> str:
        return self.module.split(".")[0]

    @property
    def full(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True)
class Source:
    """A file of the tree; `path` is relative and written with slashes."""

    path: str
    text: str

    @cached_property
    def syntax(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        parts = self.path.removesuffix(".py").removesuffix("/__init__").split("/")
        return ".".join(parts)

    @property
    def package(self) -> list[str]:
        parts = self.module.split(".")
        return parts if self.path.endswith("__init__.py") else parts[:-1]

    @property
    def plugin(self) -> str:
        """The plugin the file belongs to, or empty."""
        parts = self.path.split("/")
        return parts[1] if parts[0] == "plugins" and len(parts) > 2 else ""

    @property
    def room(self) -> str:
        """The room inside the plugin or the core: `views` for `plugins/x/views.py` and `plugins/x/views/list.py`."""
        parts = self.path.split("/")[2 if self.plugin else 1 :]
        return parts[0].removesuffix(".py") if parts else ""

    def walk(self, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
        for node in ast.walk(self.syntax):
            if not kinds or isinstance(node, kinds):
                yield node

    @cached_property
    def imports(self) -> list[Import]:
        found: list[Import] = []
        for node in ast.walk(self.syntax):
            if isinstance(node, ast.Import):
                found += [Import(alias.name, "", node.lineno) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                found += [Import(self._resolve(node), alias.name, node.lineno) for alias in node.names]
        return found

    def _resolve(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        base = self.package[: len(self.package) - node.level + 1]
        return ".".join([*base, *([node.module] if node.module else [])])

    def at(self, node: ast.AST | int) -> str:
        """`path:line`, to begin a finding with."""
        return f"{self.path}:{node if isinstance(node, int) else getattr(node, 'lineno', 1)}"


@dataclass
class Tree:
    """All files below `root` that people wrote."""

    root: Path
    _read: dict[str, Source] = field(default_factory=dict, repr=False)

    @cached_property
    def paths(self) -> list[str]:
        found: list[str] = []
        for folder, folders, files in os.walk(self.root):
            folders[:] = sorted(
                name for name in folders if name not in MADE and not name.endswith(("_cache", ".egg-info"))
            )
            found += [(Path(folder) / name).relative_to(self.root).as_posix() for name in sorted(files)]
        return [path for path in found if not path.endswith((".pyc", ".swp")) and not path.startswith(".coverage")]

    def source(self, path: str) -> Source:
        if path not in self._read:
            self._read[path] = Source(path, (self.root / path).read_text(encoding="utf-8"))
        return self._read[path]

    def has(self, path: str) -> bool:
        return (self.root / path).exists()

    def files(self, suffix: str, *, below: tuple[str, ...] = ("",)) -> Iterator[Source]:
        """Files with this suffix below any of these paths (a folder ends with a slash)."""
        for path in self.paths:
            if path.endswith(suffix) and path.startswith(below):
                yield self.source(path)

    def product(self) -> Iterator[Source]:
        """The Python that ships: app, core, plugins."""
        yield from self.files(".py", below=("app.py", "core/", "plugins/"))

    @property
    def plugins(self) -> list[str]:
        return sorted(
            {path.split("/")[1] for path in self.paths if path.startswith("plugins/") and path.count("/") > 1}
        )


Rule = Callable[[Tree], Iterator[str]]


def inside(path: str, places: object) -> bool:
    """Whether `path` is one of `places` (any collection of strings) or below one that ends with a slash."""
    return any(path == place or (place.endswith("/") and path.startswith(place)) for place in places)  # type: ignore[attr-defined]


def called(node: ast.AST) -> str:
    """The dotted name of what a call or decorator names: `event.listens_for(…)` → `event.listens_for`."""
    if isinstance(node, ast.Call):
        return called(node.func)
    if isinstance(node, ast.Attribute):
        return f"{called(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""
