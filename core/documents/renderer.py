"""Starting the rendering program: a task in, a file out, within limits of time, memory and processor."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.errors import AtriumError, Refused
from core.house import house
from core.i18n import _

log = logging.getLogger(__name__)
PROGRAM = Path(__file__).resolve().parent / "__main__.py"
SECONDS = 11.0
"""How long a web process waits: less than what makes its master think that it hangs."""
_KEPT_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH", "SYSTEMROOT")
_SENTENCES = {
    "no_font": _("No Chinese font, so no PDF. Run: pip install pylopdf-fonts-zh-cn"),
    "no_pango": _("Pango is missing, so no PDF. Run: python app.py doctor"),
    "document_too_large": _("This document is too large. Choose a shorter period, or Excel."),
}


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file; `missing` are characters that no font has (`U+20BB7`), printed as 〓."""

    body: bytes
    missing: tuple[str, ...] = ()


def render(kind: str, task: Mapping[str, Any], *, seconds: float = SECONDS) -> Rendered:
    """Do one task ('pdf', 'sheets', 'chart') in the program; see there for what a task is.

    `Refused`: no_font, no_pango, or document_too_large (it took more than `seconds`, or than its limits allow).
    """
    text = json.dumps({"folder": str(folder()), **task}, ensure_ascii=False).encode()
    command = [sys.executable, "-P", "-s", str(PROGRAM), kind]
    try:
        ran = subprocess.run(  # noqa: S603 - our own program
            command, input=text, capture_output=True, env=environment(), cwd=folder(), timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(_SENTENCES["document_too_large"], code="document_too_large") from None
    head, _line, body = ran.stdout.partition(b"\n")
    if ran.stderr:
        log.warning("rendering %s: %s", kind, ran.stderr.decode(errors="replace")[-2000:])
    if not head or ran.returncode < 0:  # ended by a limit
        code = "document_too_large" if ran.returncode < 0 else "not_rendered"
        raise _refusal(code)
    told = json.loads(head)
    if not told["ok"]:
        raise _refusal(told["code"])
    if told.get("missing"):
        log.warning("no font has %s", ", ".join(told["missing"]))
    return Rendered(body, tuple(told.get("missing", ())))


def _refusal(code: str) -> AtriumError:
    return Refused(_SENTENCES[code], code=code) if code in _SENTENCES else AtriumError(code=code)


def environment() -> dict[str, str]:
    """Nothing of ours: no key, no database. Hashing is fixed, so that the same input gives the same bytes."""
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}


@contextmanager
def alone(seconds: float = 2.0) -> Iterator[None]:
    """Render one document at a time in all web processes of this machine, so that the others go on serving tills.

    `Refused` (documents_busy) when another is still being made after `seconds`.
    """
    deadline = time.monotonic() + seconds
    file = os.open(folder() / "busy.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _taken(file):
            if time.monotonic() > deadline:
                raise Refused(_("Another document is being made. Try again in a moment."), code="documents_busy")
            time.sleep(0.05)
        yield
    finally:
        os.close(file)


def _taken(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def folder() -> Path:
    """Where the program keeps what it knows of fonts: in the house's home, or in a folder of this process."""
    try:
        found = house().config.home / "documents"
    except RuntimeError:
        found = _own_folder()
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


@cache
def _own_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="atrium-documents-"))
