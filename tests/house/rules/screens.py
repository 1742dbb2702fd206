"""Generated screens: nothing shown, searched or sorted that nobody wrote down; nothing inline in templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tests.house.tree import Source, Tree, called

COLUMNS = ("list_columns", "show_columns", "add_columns", "edit_columns", "search_columns", "order_columns")
GENERATED = {"ModelView", "MasterDetailView", "MultipleView", "ModelRestApi"}
APIS = {"ModelRestApi", "BaseApi", "BaseModelApi"}
SPOKEN = ("title", "placeholder", "alt", "aria-label", "label", "data-confirm")
SILENT = {"script", "style", "svg", "code", "kbd"}


def views_name_their_columns(tree: Tree) -> Iterator[str]:
    """Every concrete view (one with a `datamodel`) names its columns, use by use."""
    for source, node, classes in _concrete(tree):
        missing = [name for name in COLUMNS if _value(node, name=name, classes=classes) is None]
        if missing:
            yield f"{source.at(node)}: {node.name} lacks {', '.join(missing)}"


def views_name_their_permission(tree: Tree) -> Iterator[str]:
    """`class_permission_name = "<owner>.<noun>"`: a class can be renamed without taking rights away."""
    for source, node, _ in _concrete(tree):
        value = _attributes(node).get("class_permission_name")
        name = value.value if isinstance(value, ast.Constant) else None
        if not re.fullmatch(rf"{source.plugin or 'core'}\.[a-z_]+", str(name)):
            yield f"{source.at(node)}: {node.name} has class_permission_name {name!r}"


def apis_check_their_caller(tree: Tree) -> Iterator[str]:
    """Flask-AppBuilder exempts its APIs from CSRF, also those that take the session cookie."""
    classes = _classes(tree)
    for source, node in (pair for pairs in classes.values() for pair in pairs):
        value = _value(node, name="csrf_exempt", classes=classes)
        if _is_a(node, roots=APIS, classes=classes) and not (isinstance(value, ast.Constant) and value.value is False):
            yield f"{source.at(node)}: {node.name} needs csrf_exempt = False"


Views = dict[str, list[tuple[Source, ast.ClassDef]]]
"""All classes of ours by name; names of views are unique, others do not matter here."""


def _classes(tree: Tree) -> Views:
    found: Views = {}
    for source in tree.product():
        for node in source.walk(ast.ClassDef):
            assert isinstance(node, ast.ClassDef)
            found.setdefault(node.name, []).append((source, node))
    return found


def _line_of(node: ast.ClassDef, classes: Views) -> Iterator[ast.ClassDef]:
    """The class and all classes of ours it derives from, nearest first."""
    yield node
    for base in node.bases:
        for _, parent in classes.get(called(base).split(".")[-1], []):
            if parent is not node:
                yield from _line_of(parent, classes)


def _is_a(node: ast.ClassDef, *, roots: set[str], classes: Views) -> bool:
    return any({called(base).split(".")[-1] for base in member.bases} & roots for member in _line_of(node, classes))


def _value(node: ast.ClassDef, *, name: str, classes: Views) -> ast.expr | None:
    return next((found[name] for member in _line_of(node, classes) if name in (found := _attributes(member))), None)


def _concrete(tree: Tree) -> Iterator[tuple[Source, ast.ClassDef, Views]]:
    """Generated views with a model behind them; bases without one promise nothing yet."""
    classes = _classes(tree)
    for source, node in (pair for pairs in classes.values() for pair in pairs):
        if "datamodel" in _attributes(node) and _is_a(node, roots=GENERATED, classes=classes):
            yield source, node, classes


def _attributes(node: ast.ClassDef) -> dict[str, ast.expr]:
    plain = {called(t): item.value for item in node.body if isinstance(item, ast.Assign) for t in item.targets}
    typed = {called(i.target): i.value for i in node.body if isinstance(i, ast.AnnAssign) and i.value is not None}
    return {**plain, **typed}


# --- templates --------------------------------------------------------------------------------------------------


def templates_are_clean(tree: Tree) -> Iterator[str]:
    """The content policy runs nothing inline, and nothing from the database is trusted as HTML."""
    inline = re.compile(
        r"""\sstyle\s*=|\son[a-z]+\s*=\s*["']|javascript:|\|\s*safe\b|<script(?![^>]*(\bsrc=|application/json))""", re.I
    )
    for source in _templates(tree):
        for found in inline.finditer(re.sub(r"\{#.*?#\}", _blank, source.text, flags=re.S)):
            yield f"{source.at(_line(source, found.start()))} holds inline {found.group().strip()}"


def templates_speak_through_gettext(tree: Tree) -> Iterator[str]:
    for source in _templates(tree):
        text = re.sub(
            r"\{#.*?#\}|\{%-?\s*trans\b.*?endtrans\s*-?%\}|\{%.*?%\}|\{\{.*?\}\}", _blank, source.text, flags=re.S
        )
        reader = _Words()
        reader.feed(text)
        yield from (f"{source.at(line)} says “{said}” without gettext" for line, said in reader.found)


def _templates(tree: Tree) -> Iterator[Source]:
    for source in tree.files(".html", below=("core/", "plugins/")):
        if "/templates/" in source.path:
            yield source


def _blank(found: re.Match[str]) -> str:
    return "\n" * found.group().count("\n")


def _line(source: Source, offset: int) -> int:
    return source.text.count("\n", 0, offset) + 1


class _Words(HTMLParser):
    """Collects letters that a reader would see."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, str]] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT:
            self._silent.append(tag)
        for name, value in attrs:
            if name in SPOKEN:
                self._hear(value or "")

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._hear(data)

    def _hear(self, said: str) -> None:
        if re.search(r"[^\W\d_]{2,}", said.replace("Atrium", "")):  # a name is the same in both languages
            self.found.append((self.getpos()[0], " ".join(said.split())[:60]))


RULES = [
    views_name_their_columns,
    views_name_their_permission,
    apis_check_their_caller,
    templates_are_clean,
    templates_speak_through_gettext,
]
