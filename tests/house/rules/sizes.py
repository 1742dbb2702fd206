"""How much a reader has to hold in mind at once."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator

from tests.house.tree import Source, Tree, called

FILE, FILE_AT_MOST = 250, 300
LONG_FILES = {
    "core/seal/verifier.py": "one file on purpose: an auditor reads and runs it alone",
}
"""Files between 250 and 300 lines, with the reason. A room that grows past its size becomes a folder."""

FUNCTION, MEDIAN = 40, 10
PARAMETERS, POSITIONAL = 5, 2

CALLED_BY_OTHERS = {"hookspec", "hookimpl", "listens_for", "compiles", "override", "fixture", "parametrize", "given"}
"""Decorators that mark a signature somebody else decided: pluggy, SQLAlchemy, a library's base class, pytest."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def files_are_short(tree: Tree) -> Iterator[str]:
    for source in tree.files(".py"):
        lines = source.text.count("\n")
        story = source.path.startswith("tests/")  # many short stories of one subject may stand together
        if lines > FILE_AT_MOST or (lines > FILE and not story and source.path not in LONG_FILES):
            yield f"{source.path} has {lines} lines"


def functions_are_short(tree: Tree) -> Iterator[str]:
    for source in tree.files(".py"):
        for function in _functions(source):
            if length(function) > FUNCTION and "/migrations/" not in source.path:  # a migration is a list, not logic
                yield f"{source.at(function)}: {function.name} has {length(function)} lines"


def most_functions_are_very_short(tree: Tree) -> Iterator[str]:
    lengths = [length(function) for source in tree.product() for function in _functions(source)]
    if lengths and statistics.median(lengths) > MEDIAN:
        yield f"the median function has {statistics.median(lengths)} lines"


def parameters_are_few_and_named(tree: Tree) -> Iterator[str]:
    for source in tree.product():  # a test helper that everybody knows may be short instead
        for function in _functions(source):
            named = {called(decorator).split(".")[-1] for decorator in function.decorator_list}
            if not named & CALLED_BY_OTHERS and not function.name.startswith(("test_", "__", "pytest_")):
                yield from _too_many(source, function)


def _too_many(source: Source, function: Function) -> Iterator[str]:
    positional = [a for a in (*function.args.posonlyargs, *function.args.args) if a.arg not in {"self", "cls"}]
    everything = len(positional) + len(function.args.kwonlyargs)
    if everything > PARAMETERS:
        yield f"{source.at(function)}: {function.name} takes {everything} parameters"
    if len(positional) > POSITIONAL:
        yield f"{source.at(function)}: {function.name} takes {len(positional)} by position; past two by keyword only"


def length(function: Function) -> int:
    """Lines from `def` to the end, without the docstring: saying what it does must not cost anything."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines


def _functions(source: Source) -> Iterator[Function]:
    for node in source.walk(ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, Function)
        yield node


RULES = [files_are_short, functions_are_short, most_functions_are_very_short, parameters_are_few_and_named]
