"""What several tests of the vault share."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from core.vault import Aad, files

MANY = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
ROOT = Path(__file__).resolve().parents[3]
PHONE = "13812341234"


def place(*, mall: int = 1, table: str = "core_member", column: str = "phone_ct", uid: bytes | None = None) -> Aad:
    return Aad(mall=mall, table=table, column=column, uid=uid or bytes(range(16)))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def ring_file(home: Path) -> Path:
    return home / "keys" / "keyring.json"


def at_once(home: Path, work: str) -> list[str]:
    """Four processes do `work`, a few lines with `home` and `Vault` at hand; the words that they print."""
    program = f"import sys; from pathlib import Path; from core.vault import Vault; home = Path(sys.argv[1])\n{work}"
    command = [sys.executable, "-c", program, str(home)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(4)]
    said = [process.communicate()[0].split() for process in started]
    assert [process.returncode for process in started] == [0] * 4
    return [word for words in said for word in words]


def rewrite(home: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Put a changed key ring in the place of the one that is there."""
    ring = json.loads(ring_file(home).read_text())
    change(ring)
    files.replace(ring_file(home), json.dumps(ring).encode())
