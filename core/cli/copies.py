"""How a backup is made and put back: SQLite by its own backup, PostgreSQL by its own tools, both with a checksum."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from core.config import Config
from core.db import Database
from core.errors import Refused, Tampered
from core.i18n import _

MANIFEST, SQLITE, POSTGRESQL = "backup.json", "atrium.sqlite", "atrium.pgdump"


@dataclass(frozen=True)
class Copy:
    """A backup: its one file with length and SHA-256, and when it was taken (ISO 8601)."""

    file: Path
    size: int
    digest: str
    taken_at: str


def new_folder(folder: Path) -> None:
    """Make a folder that only we can read; `Refused` when there is one with something in it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise Refused(_("%(folder)s is not empty.", folder=str(folder)), code="folder_not_empty")
    folder.chmod(0o700)


def save_database(database: Database, folder: Path, *, at: datetime) -> Copy:
    """Copy the database of one moment into `folder` and write the checksum beside it."""
    url = make_url(database.url)
    file = folder / (SQLITE if database.is_sqlite else POSTGRESQL)
    os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    if database.is_sqlite:
        _copy_sqlite(Path(str(url.database)), file)
    else:
        _run_tool("pg_dump", url, "--format=custom", f"--file={file}")
    made = Copy(file, file.stat().st_size, _digest(file), at.isoformat())
    manifest = {"file": file.name, "bytes": made.size, "sha256": made.digest, "taken_at": made.taken_at}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
    return made


def read_manifest(folder: Path) -> Copy:
    """The backup in `folder`; `Tampered` when its file is not as it was written."""
    path = folder / MANIFEST
    if not path.is_file():
        raise Refused(_("%(folder)s holds no backup.", folder=str(folder)), code="no_backup")
    stated = json.loads(path.read_text("utf-8"))
    file = folder / Path(stated["file"]).name
    if not file.is_file() or _digest(file) != stated["sha256"]:
        raise Tampered(_("The backup is damaged: %(file)s is not as it was written.", file=str(file)))
    return Copy(file, stated["bytes"], stated["sha256"], stated["taken_at"])


def restore_database(made: Copy, config: Config, *, replace: bool) -> None:
    """Put the copy in the place of the configured database, of the same kind."""
    target = config.sqlite_path
    if (target is not None) != (made.file.name == SQLITE):
        raise Refused(_("This backup is of the other kind of database."), code="other_database")
    if target is None:
        clean = ("--clean", "--if-exists") if replace else ()
        options = ("--no-owner", "--exit-on-error", "--single-transaction", *clean)
        _run_tool("pg_restore", make_url(config.database_url), *options, str(made.file))
        return
    if target.stat().st_size and not replace:
        raise Refused(_("There is a database already. To give it up, add --replace."), code="database_exists")
    for suffix in ("-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    draft = target.with_name(target.name + ".restored")
    draft.unlink(missing_ok=True)
    os.close(os.open(draft, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    shutil.copyfile(made.file, draft)
    os.replace(draft, target)


def save_keys(home: Path, folder: Path) -> None:
    """Copy the folder of keys."""
    new_folder(folder)
    _copy_keys(home / "keys", folder)


def restore_keys(folder: Path, home: Path) -> None:
    """Put keys where there are none; keys that are there are never replaced."""
    target = home / "keys"
    if target.exists():
        raise Refused(_("There are keys already. Move %(folder)s away first.", folder=str(target)), code="keys_exist")
    target.mkdir(mode=0o700)
    _copy_keys(folder, target)


def _copy_keys(source: Path, target: Path) -> None:
    for file in sorted(source.iterdir()):
        shutil.copy2(file, target / file.name)
        (target / file.name).chmod(file.stat().st_mode & 0o700)


def _copy_sqlite(source: Path, target: Path) -> None:
    with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(target)) as copy:
        live.backup(copy, pages=1024)


def _run_tool(tool: str, url: URL, *options: str) -> None:
    """Run a tool of PostgreSQL; the password goes by the environment, where other users cannot read it."""
    program = shutil.which(tool)
    if program is None:
        sentence = _("%(tool)s is not installed. On Debian: sudo apt-get install postgresql-client", tool=tool)
        raise Refused(sentence, code="tool_missing")
    place = {"PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username}
    place |= {"PGPASSWORD": url.password, "PGDATABASE": url.database}
    environment = os.environ | {name: str(value) for name, value in place.items() if value is not None}
    database = (f"--dbname={url.database}",)
    done = subprocess.run([program, *database, *options], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        reason = done.stderr.strip().splitlines()[-1:] or [str(done.returncode)]
        raise Refused(_("%(tool)s failed: %(why)s", tool=tool, why=reason[0]), code="tool_failed")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
