"""The program that renders: one task as JSON on standard input, a line of JSON and the file on standard output.

    python …/core/documents/__main__.py pdf|sheets|chart < task

The answer's first line is `{"ok": true, …}`, followed by the file's bytes, or `{"ok": false, "code": …, "why": …}`.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).resolve().parent
NAME = "atrium_documents"
"""What this package is called here: loaded by its path, since `core.documents` would load all of `core` first."""

MB = 1 << 20
LIMITS = {
    "pdf": ((resource.RLIMIT_AS, 1200 * MB), (resource.RLIMIT_CPU, 60)),
    "sheets": ((resource.RLIMIT_AS, 1200 * MB), (resource.RLIMIT_CPU, 60)),
    # V8 reserves 64 GB of addresses and uses 0.1: what counts is what it may write to.
    "chart": ((resource.RLIMIT_DATA, 1500 * MB), (resource.RLIMIT_CPU, 20)),
}
"""What each task may take of memory (bytes) and processor (seconds); nothing is left behind when it takes more."""
FILES = (resource.RLIMIT_FSIZE, 64 * MB)


def main(kind: str) -> None:
    """Do one task."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints is no part of the answer
    task = json.load(sys.stdin.buffer)
    for which, most in (*LIMITS[kind], FILES, (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(which, (most, most))
    try:
        head, body = _done(kind, task)
    except MemoryError:
        head, body = {"ok": False, "code": "document_too_large", "why": ""}, b""
    with answer:
        answer.write(json.dumps(head).encode() + b"\n" + body)


def _done(kind: str, task: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    if kind == "pdf":
        fonts = _room("fonts")
        which = {name: task.get(f"{name}_fonts", True) for name in ("system", "package")}
        fonts.prepare(Path(task["folder"]), **which)
        faults = fonts.faults()
        if faults:  # WeasyPrint ends the whole process when there is no font at all
            return {"ok": False, "code": faults, "why": ""}, b""
        page, missing = fonts.printable(task["page"])
        if missing:
            page["notes"] = [*page.get("notes", ()), page.get("missing", "\n").replace("\n", ", ".join(missing))]
        return {"ok": True, "missing": missing}, _room("pdf").render(page, task.get("assets", {}))
    if kind == "sheets":
        sys.modules["numpy"] = None  # type: ignore[assignment]  # openpyxl would load it, 0.1 s, for nothing
        return {"ok": True}, _room("sheets").render(task)
    return {"ok": True}, _room("vega").render(task["spec"], task["theme"]).encode()


def _room(name: str) -> Any:
    if NAME not in sys.modules:
        package = sys.modules[NAME] = ModuleType(NAME)
        package.__path__ = [str(HERE)]
    return importlib.import_module(f"{NAME}.{name}")


if __name__ == "__main__":
    main(sys.argv[1])
