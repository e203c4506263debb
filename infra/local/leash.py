"""Run a command that must not outlive its starter: `python -m infra.local.leash [--patience SECONDS] COMMAND...`.

The starter keeps the other end of our standard input. When it closes, on purpose or because the starter was killed, the
command and everything that it started are ended. This is needed because `serverless wsgi serve` leaves its Python
processes behind when it is ended. The command is asked to end once, as a second request may mean "at once". After the
seconds it is forced; the usual ones are for a database that writes its data, other processes need none.
"""

import os
import select
import signal
import subprocess
import sys
import time

PATIENCE_S = 5.0
LOOK_EVERY_S = 0.05
_ONLY_LOOK = 0  # the number that sends no signal


def main() -> int:
    command, patience_s = sys.argv[1:], PATIENCE_S
    if command[0] == "--patience":
        patience_s, command = float(command[1]), command[2:]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    ends = _told_of_its_end(child)
    while child.poll() is None and not _starter_is_gone(ends):
        pass
    _end_group(child, patience_s)
    return child.wait()


def _told_of_its_end(child: "subprocess.Popen[bytes]") -> list[int]:
    """Return what is readable once the command has ended; nothing where the system has no such thing (macOS)."""
    try:
        return [os.pidfd_open(child.pid)]
    except (AttributeError, OSError):
        return []


def _starter_is_gone(ends: list[int]) -> bool:
    """Wait for an end of either; where that of the command is not told, look for it often."""
    readable, _, _ = select.select([sys.stdin, *ends], [], [], None if ends else LOOK_EVERY_S)
    return sys.stdin in readable and not os.read(sys.stdin.fileno(), 1)


def _end_group(child: "subprocess.Popen[bytes]", patience_s: float) -> None:
    """End the process group: ask once, then force. It may hold more than the command, also after its end."""
    deadline = time.monotonic() + patience_s
    _signal_group(child, signal.SIGTERM)
    while _signal_group(child, _ONLY_LOOK) and time.monotonic() < deadline:
        # An ended leader that was not waited for would count as alive. What it leaves behind is asked, too.
        if child.poll() is not None:
            _signal_group(child, signal.SIGTERM)
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
