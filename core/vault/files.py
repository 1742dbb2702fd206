"""Key files on disk: private by mode, replaced whole, changed by one process at a time."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.errors import UnsafeSetting
from core.i18n import _


def read_private(path: Path) -> bytes:
    """The content of a key file; refused when it is missing or someone else on the machine could read it."""
    check_private(path)
    return path.read_bytes()


def check_private(path: Path) -> None:
    """Refuse a file or folder that is missing or that group or others may read, write or enter."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise UnsafeSetting(
            _("%(path)s is missing. Restore the folder of keys from its backup.", path=str(path))
        ) from None
    if mode & 0o077:
        raise UnsafeSetting(_("Others can read %(path)s. Run: chmod go= %(path)s", path=str(path)))


def make_folder(folder: Path, files: Mapping[str, tuple[bytes, int]]) -> bool:
    """Make `folder` (0700) with all `files` (name → content, mode) in one step.

    False when the folder stood there already, perhaps because another process was faster; it is left as it is.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder.with_name(f"{folder.name}.{secrets.token_hex(8)}")
    draft.mkdir(mode=0o700)
    try:
        for name, (content, mode) in files.items():
            _write(draft / name, content, mode=mode)
        _sync_folder(draft)
        os.rename(draft, folder)
    except OSError:
        if not folder.exists():
            raise
        return False
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _sync_folder(folder.parent)
    return True


def replace(path: Path, content: bytes) -> None:
    """Put `content` in the place of a file (0600), whole or not at all, also when power fails."""
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    _write(draft, content, mode=0o600)
    os.replace(draft, path)
    _sync_folder(path.parent)


def stamp(path: Path | str) -> tuple[int, ...]:
    """Changes whenever `replace` has put another file there: inode, size and time of change."""
    status = os.stat(path)
    return status.st_ino, status.st_size, status.st_mtime_ns


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other processes from changing the folder's files while inside."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
