"""The contract with plugins: every hook documented, tested, and used by a plugin that ships."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.tree import Tree, called

SPECS, REFERENCE = "core/hookspecs.py", "core/README.md"
WITHOUT_A_PLUGIN: dict[str, str] = {
    "event_recorded": "the half of the outbox that is not receipts; tests/samples use it",
    "receipt_committed": "the half of the outbox that is receipts; tests/samples use it",
    "receipt_offers": "a step of every receipt; promotions will use it, tests/samples do",
    "store_enabled": "the switch's two sides; tests/samples use them",
    "store_disabled": "the switch's two sides; tests/samples use them",
}
"""Hooks that no shipped plugin implements yet, with the reason. A new hook enters only together with its user."""


def hooks_are_documented(tree: Tree) -> Iterator[str]:
    """The reference names each hook with its exact signature, as `name(argument: Type) -> Type`."""
    written = " ".join(tree.source(REFERENCE).text.split()) if tree.has(REFERENCE) else ""
    for hook in _hooks(tree):
        if signature(hook) not in written:
            yield f"{REFERENCE} does not document `{signature(hook)}`"


def hooks_say_what_they_are(tree: Tree) -> Iterator[str]:
    for hook in _hooks(tree):
        if not ast.get_docstring(hook):
            yield f"{SPECS}:{hook.lineno}: {hook.name} has no docstring"
        if hook.returns is None or any(argument.annotation is None for argument in hook.args.args):
            yield f"{SPECS}:{hook.lineno}: {hook.name} is not typed"


def hooks_are_tested(tree: Tree) -> Iterator[str]:
    tests = {
        name
        for source in tree.files(".py", below=("tests/",))
        for name in re.findall(r"def (test_hook_\w+)", source.text)
    }
    for hook in _hooks(tree):
        if not any(name == f"test_hook_{hook.name}" or name.startswith(f"test_hook_{hook.name}_") for name in tests):
            yield f"no test is named test_hook_{hook.name}"


def hooks_are_used(tree: Tree) -> Iterator[str]:
    used: set[str] = set()
    for source in tree.files(".py", below=("plugins/",)):
        for node in source.walk(ast.FunctionDef):
            assert isinstance(node, ast.FunctionDef)
            if any(called(decorator).endswith("hookimpl") for decorator in node.decorator_list):
                used.add(node.name)
    for hook in _hooks(tree) if tree.plugins else []:
        if hook.name not in used and hook.name not in WITHOUT_A_PLUGIN:
            yield f"no plugin uses {hook.name}"


def doorbells_are_short(tree: Tree) -> Iterator[str]:
    """A hook implementation translates, calls one service or rule, and returns."""
    from tests.house.rules.sizes import length

    for source in tree.files(".py", below=("plugins/",)):
        for node in source.walk(ast.FunctionDef) if source.room == "hooks" else ():
            assert isinstance(node, ast.FunctionDef)
            if length(node) > 10:
                yield f"{source.at(node)}: {node.name} has {length(node)} lines"


def signature(hook: ast.FunctionDef) -> str:
    """`name(argument: Type) -> Type`, as the reference must have it."""
    returns = f" -> {ast.unparse(hook.returns)}" if hook.returns else ""
    return f"{hook.name}({ast.unparse(hook.args)}){returns}"


def _hooks(tree: Tree) -> list[ast.FunctionDef]:
    if not tree.has(SPECS):
        return []
    functions = [node for node in tree.source(SPECS).syntax.body if isinstance(node, ast.FunctionDef)]
    return [node for node in functions if any(called(d).endswith("hookspec") for d in node.decorator_list)]


RULES = [hooks_are_documented, hooks_say_what_they_are, hooks_are_tested, hooks_are_used, doorbells_are_short]
