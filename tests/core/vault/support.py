"""What several tests of the vault share."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from core.vault import Aad, files

MANY = settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PHONE = "13812341234"


def place(*, mall: int = 1, table: str = "core_member", column: str = "phone_ct", uid: bytes | None = None) -> Aad:
    return Aad(mall=mall, table=table, column=column, uid=uid or bytes(range(16)))


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def ring_file(home: Path) -> Path:
    return home / "keys" / "keyring.json"


def at_once(home: Path, work: Callable[[Path], Any]) -> list[Any]:
    """What four processes make of `work(home)`, twelve times between them."""
    with multiprocessing.get_context("fork").Pool(4) as pool:
        return pool.map(work, [home] * 12, chunksize=1)


def rewrite(home: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Put a changed key ring in the place of the one that is there."""
    ring = json.loads(ring_file(home).read_text())
    change(ring)
    files.replace(ring_file(home), json.dumps(ring).encode())
