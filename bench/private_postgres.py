"""Run a PostgreSQL of our own while a block lasts: its data in a temporary folder, reached by a socket in that folder.

As root it runs as `nobody`, because PostgreSQL refuses to be root.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = "bench"
CONTROL = "extension/postgis.control"
TIMEOUT_S = 120
LOOK_EVERY_S = 0.1
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "256MB",  # all that is asked for fits
    "fsync": "off",
    "autovacuum": "off",
}


def programs() -> Path | None:
    """Return the folder of PostgreSQL's programs, of the newest version here; None if there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def lacking() -> str | None:
    """Return what is missing for PostgreSQL with PostGIS; None if all is there."""
    folder = programs()
    if folder is None:
        return "PostgreSQL is not installed"
    shared = subprocess.run([folder / "pg_config", "--sharedir"], capture_output=True, text=True, check=False)
    if not (Path(shared.stdout.strip()) / CONTROL).exists():
        return "PostGIS is not installed"
    return None


@contextmanager
def running_postgres() -> Iterator[str]:
    """Yield the folder of its socket when it answers there; the user `bench` needs no password."""
    folder = programs()
    assert folder is not None
    with tempfile.TemporaryDirectory(prefix="bench-postgres-") as home:
        as_user = _as_unprivileged(home)
        data = f"{home}/data"
        make = [folder / "initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(make, check=True, capture_output=True, timeout=TIMEOUT_S, cwd=home, **as_user)
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        serve = [folder / "postgres", "-D", data, "-k", home, *settings]
        server = subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home, **as_user)
        try:
            _wait_for(server, [folder / "pg_isready", "-q", "-h", home, "-U", USER])
            yield home
        finally:
            server.send_signal(signal.SIGINT)  # ends it although a client is connected
            server.wait(TIMEOUT_S)


def _wait_for(server: subprocess.Popen[bytes], asking: list[str | Path]) -> None:
    """Wait until the server answers. Raises RuntimeError if it ends instead."""
    deadline_s = time.monotonic() + TIMEOUT_S
    while subprocess.run(asking, check=False, timeout=TIMEOUT_S).returncode:
        if server.poll() is not None or time.monotonic() > deadline_s:
            raise RuntimeError(f"PostgreSQL does not answer; its code is {server.poll()}")
        time.sleep(LOOK_EVERY_S)


def _as_unprivileged(home: str) -> dict[str, Any]:
    """Return the options that start a process as another user than root, who then owns the folder."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
