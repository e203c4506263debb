"""Run a command while no other runs under the same lock: `python3 -m infra.local.alone LOCK COMMAND...`.

Two concurrent `make serve` would both install into one `.venv`. Processes started by the command hold the lock too, so
it is free only when no one installs any more. Runs on the system's Python, before there is a `.venv`.
"""

import fcntl
import os
import signal
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - whichever Python the system has is tried here
    sys.exit("Python 3.11 or newer is needed; name one with PY=")

from infra.local.sweeper import sweep_after_us


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    path, *command = sys.argv[1:]
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print("Another make installs here. Waiting for it ...", file=sys.stderr, flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)
    sweep_after_us()
    os.set_inheritable(lock, True)
    os.execvp(command[0], command)  # noqa: S606 - the command is our own, and no shell is wanted


if __name__ == "__main__":
    main()
