"""What the sources may not say: SQL past the scope, catch-alls, prints, a second clock, words that do not belong."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.house.tree import Source, Tree, called, inside

DIRECT_SQL = {
    "core/db.py": "makes sessions and engines",
    "core/engines.py": "makes connections durable and, where asked, unable to write",
    "core/ids.py": "draws ids before the write",
    "core/reading.py": "the read-only trip that plugins' bulk reads run on",
    "core/ledger/": "the only writer of money and points; locks and conditional writes",
    "core/checkout/": "the receipt path: no ORM, an explicit store_id in every statement",
    "core/seal/": "takes committed entries in commit order, across stores",
    "core/events/": "claims rows of the outbox, across stores",
    "core/events.py": "claims rows of the outbox, across stores",
    "core/jobs/": "claims runs, across stores",
    "core/directory.py": "reads which stores and tills exist, once per process",
    "core/enablement.py": "reads the switches of all stores at once",
    "core/sessions.py": "own short connection, before anybody is signed in",
    "core/rollups.py": "sums sealed entries, across stores",
    "core/safety.py": "asks the database how durable it is",
}
"""Where statements may pass the store scope of the ORM, each with its reason. A report goes through the runner."""
DIRECT_SQL_ROOMS = {
    "models": "describes tables, runs no statement",
    "migrations": "changes the schema",
    "facts": "bulk reads for receipts, on a connection that cannot write, by the ids the core gives",
}
"""The same for a room, in the core and in every plugin."""

CATCH_ALL = {
    "core/host/": "a broken plugin must not break the mall",
    "core/isolation.py": "one row of work must not stop the next",
}
PRINTS = re.compile(r"app\.py|core/cli[/.]|plugins/\w+/cli[/.]|core/seal/verifier\.py")
CLOCK = ("core/clock.py",)
NOW = {"now", "utcnow", "today", "time", "time_ns"}

# Written in pieces, so that this file does not name them itself.
FORBIDDEN = {
    "machine path": "|".join(rf"(?<![\w.:}}/])/{name}/" for name in ("work", "root", "home", "tmp", "opt")),
    "registry host": "|".join(["pypi" + r"\.org", "python" + "hosted", "npm" + "js", r"deb\.deb" + "ian"]),
    "unfinished mark": "|".join(rf"\b{a}{b}\b" for a, b in (("TO", "DO"), ("FIX", "ME"), ("X", "XX"))),
}
BINARY = (".png", ".ico", ".mo", ".jpg", ".gif", ".woff", ".woff2", ".otf", ".ttf", ".pdf", ".xlsx", ".parquet", ".gz")


def sql_stays_in_listed_files(tree: Tree) -> Iterator[str]:
    for source in tree.product():
        if inside(source.path, DIRECT_SQL) or source.room in DIRECT_SQL_ROOMS:
            continue
        for node in source.walk(ast.Call, ast.Attribute):
            name = _past_the_scope(source, node)
            if name:
                yield f"{source.at(node)} uses {name}"


def _past_the_scope(source: Source, node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and node.attr in {"__table__", "exec_driver_sql"}:
        return node.attr
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "connection":
        return ".connection("
    texts = {"text", "sqlalchemy.text", "sa.text"}
    if isinstance(node, ast.Call) and called(node) in texts and any(i.root == "sqlalchemy" for i in source.imports):
        return "text("
    return ""


def nothing_is_replaced(tree: Tree) -> Iterator[str]:
    """A replacing insert deletes first, past the triggers that keep the books append-only."""
    pattern = re.compile(
        r"insert\s+or\s+replace|replace\s+into|prefix_with\([^)]*or\s+replace|on_conflict\s*=\s*.replace", re.I
    )
    for source in tree.product():
        for number, line in enumerate(source.text.splitlines(), 1):
            if pattern.search(line):
                yield f"{source.at(number)} replaces rows"


def nothing_is_swallowed(tree: Tree) -> Iterator[str]:
    broad = {"", "Exception", "BaseException"}
    for source in tree.product():
        for node in source.walk(ast.ExceptHandler, ast.Call) if not inside(source.path, CATCH_ALL) else ():
            if isinstance(node, ast.ExceptHandler) and {_name(kind) for kind in _caught(node)} & broad:
                yield f"{source.at(node)} catches everything"
            if (
                isinstance(node, ast.Call)
                and called(node).endswith("suppress")
                and {_name(a) for a in node.args} & broad
            ):
                yield f"{source.at(node)} suppresses everything"


def _caught(handler: ast.ExceptHandler) -> list[ast.expr | None]:
    return list(handler.type.elts) if isinstance(handler.type, ast.Tuple) else [handler.type]


def _name(node: ast.expr | None) -> str:
    return called(node).split(".")[-1] if node is not None else ""


def only_commands_print(tree: Tree) -> Iterator[str]:
    for source in tree.product():
        for node in source.walk(ast.Call) if not PRINTS.match(source.path) else ():
            if called(node) in {"print", "pprint", "breakpoint"}:
                yield f"{source.at(node)} prints"


def one_clock(tree: Tree) -> Iterator[str]:
    """Time comes from core.clock, so that a test can hold it; counting seconds (`monotonic`) is not telling time."""
    for source in tree.product():
        for node in source.walk(ast.Call) if source.path not in CLOCK else ():
            *owner, name = called(node).split(".")
            if name in NOW and owner and owner[-1] in {"datetime", "date", "time"}:
                yield f"{source.at(node)} asks {called(node)}"


def words_that_do_not_belong(tree: Tree) -> Iterator[str]:
    for path in tree.paths:
        if path.endswith(BINARY) or path == "LICENSE":
            continue
        text = tree.source(path).text
        for what, pattern in FORBIDDEN.items():
            for found in re.finditer(pattern, text):
                yield f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {what} {found.group()}"


def public_things_are_documented(tree: Tree) -> Iterator[str]:
    for source in tree.product():
        if "/migrations/" in source.path or (source.path.endswith("__init__.py") and not source.text.strip()):
            continue
        if not ast.get_docstring(source.syntax):
            yield f"{source.path} has no docstring"
        for node in source.syntax.body:
            if not isinstance(node, ast.FunctionDef | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node) and not _said_elsewhere(node):
                yield f"{source.at(node)}: {node.name} has no docstring"


def _said_elsewhere(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """A hook's implementation, said in the specification; a command, whose decorator holds its (translated) help."""
    return any(called(decorator).split(".")[-1] in {"hookimpl", "command"} for decorator in node.decorator_list)


RULES = [
    sql_stays_in_listed_files,
    nothing_is_replaced,
    nothing_is_swallowed,
    only_commands_print,
    one_clock,
    words_that_do_not_belong,
    public_things_are_documented,
]
