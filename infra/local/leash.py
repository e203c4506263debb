"""Run a command that must not outlive its starter: `python -m infra.local.leash COMMAND...`.

The starter keeps the other end of our standard input. When it closes, on purpose or because the starter was killed, the
command and everything that it started are ended. This is needed because `serverless wsgi serve` leaves its Python
processes behind when it is ended.
"""

import os
import select
import signal
import subprocess
import sys
import time

# Time for a database to write its data; other processes need none.
PATIENCE_S = 5
LOOK_EVERY_S = 0.05


def main() -> int:
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    while child.poll() is None and not _starter_is_gone():
        pass
    _end_group(child)
    return child.wait()


def _starter_is_gone() -> bool:
    readable, _, _ = select.select([sys.stdin], [], [], LOOK_EVERY_S)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1)


def _end_group(child: "subprocess.Popen[bytes]") -> None:
    """End the process group: ask first, then force. It may hold more than the command, also after its end."""
    deadline = time.monotonic() + PATIENCE_S
    while _signal_group(child, signal.SIGTERM) and time.monotonic() < deadline:
        child.poll()  # an ended leader that was not waited for would count as alive
        time.sleep(LOOK_EVERY_S)
    _signal_group(child, signal.SIGKILL)


def _signal_group(child: "subprocess.Popen[bytes]", number: int) -> bool:
    """Send a signal; return whether any process received it."""
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
