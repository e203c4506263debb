"""Give a process twenty times as long before it gives up, so that what it does is the same on a busy machine.

Python imports this at its start where PYTHONPATH names the folder; patient_child.py does for functions. Deadlines of
ours are counted by `time.monotonic`, and what waits for a service by its socket's time-out.
"""

import socket
import time

PATIENCE = 20
_monotonic, _settimeout = time.monotonic, socket.socket.settimeout


def _slow_monotonic() -> float:
    return _monotonic() / PATIENCE


def _long_timeout(self: socket.socket, value: float | None) -> None:
    _settimeout(self, value and value * PATIENCE)


time.monotonic = _slow_monotonic
socket.socket.settimeout = _long_timeout  # type: ignore[method-assign]
