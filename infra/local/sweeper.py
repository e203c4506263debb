"""End everything that a command has started: `python -m infra.local.sweeper COMMAND...`, or `sweep_after_us()`.

A killed process cannot end its workers, databases and browsers, and not all of them notice. So a process in a session
of its own waits for the end of the command, however it comes, and then ends every process with the command's mark in
its environment. If `make` has started the command, the end of that `make` is passed on as an interrupt.

Only Linux shows the environment of another process; elsewhere nothing is swept.
"""

import os
import secrets
import signal
import sys
import time
from pathlib import Path

from infra.local.processes import ROOT, MakeAbove

MARK = "STARTED_BY"
PROCESSES = Path("/proc")
LOOK_EVERY_S = 0.1
# Time for an interrupted test run to report its progress, and for a database to write its data.
END_WELL_WITHIN_S = 20
PATIENCE_S = 5


def main() -> None:
    sweep_after_us()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - the command is our own, and no shell is wanted


def sweep_after_us() -> None:
    """End everything that this process starts from now on when it ends."""
    own = f"{os.getpid()}:"
    if os.environ.get(MARK, "").startswith(own):
        return
    os.environ[MARK] = mark = own + secrets.token_hex(8)
    make = MakeAbove(os.getpid())
    above = (make.number, make.caught) if make.is_there else ("", "")
    watching = f"from infra.local import sweeper; sweeper.watch({mark!r}, *{above!r})"
    os.posix_spawn(
        sys.executable,
        [sys.executable, "-S", "-c", watching],
        {"PYTHONPATH": str(ROOT)},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, number, os.devnull, flags, 0)
            for number, flags in enumerate((os.O_RDONLY, os.O_WRONLY, os.O_WRONLY))
        ],
    )


def watch(mark: str, make_number: str, make_caught: str) -> None:
    """Wait for the end of our parent, or of its `make`; then sweep."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # these signals are for the process that we wait for
    os.setsid()
    starter = int(mark.partition(":")[0])
    make, killed_at = MakeAbove.seen(starter, make_number, make_caught), 0.0
    while os.getppid() == starter:
        time.sleep(LOOK_EVERY_S)
        if not killed_at and make.is_ending():
            _send(starter, signal.SIGINT)
            killed_at = time.monotonic() + END_WELL_WITHIN_S
        if killed_at and time.monotonic() > killed_at:
            _send(starter, signal.SIGKILL)
    sweep(mark)


def sweep(mark: str) -> None:
    """End marked processes: ask first, then force, until none is left."""
    asked, forced_at = set[int](), time.monotonic() + PATIENCE_S
    while left := marked(mark):
        is_over = time.monotonic() > forced_at
        for process in left if is_over else left - asked:
            _send(process, signal.SIGKILL if is_over else signal.SIGTERM)
        asked |= left
        time.sleep(LOOK_EVERY_S / 2)


def marked(mark: str) -> set[int]:
    """Return the processes that were started with this mark."""
    sought = f"{MARK}={mark}".encode()
    numbers = {int(entry.name) for entry in PROCESSES.glob("[0-9]*")}
    return {number for number in numbers if sought in _environment(number)}


def _environment(process: int) -> list[bytes]:
    try:
        return (PROCESSES / str(process) / "environ").read_bytes().split(b"\0")
    except OSError:
        return []  # it has ended, or is another user's


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
