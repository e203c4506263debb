"""Hold back what a process prints while it starts, and pass on what it prints later."""

import contextlib
import os
import threading
from typing import IO

STDOUT = 1


class Relay:
    """A pipe for a process's output. Give `log` to the process, then call `opened`."""

    def __init__(self) -> None:
        reading, writing = os.pipe()
        self.log: IO[bytes] = os.fdopen(writing, "wb")
        self._output: IO[bytes] = os.fdopen(reading, "rb")
        self._held: list[bytes] | None = []
        self._lock = threading.Lock()

    def opened(self) -> None:
        """Begin to read, once the process has its own copy of `log`."""
        self.log.close()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def release(self, *, with_held: bool) -> None:
        """Pass on all further lines; also those held back so far, or drop these."""
        with self._lock:
            held, self._held = self._held or [], None
            for line in held if with_held else ():
                _print(line)

    def _read(self) -> None:
        with self._output:
            for line in self._output:
                with self._lock:
                    if self._held is None:
                        _print(line)
                    else:
                        self._held.append(line)


def _print(line: bytes) -> None:
    """Print unbuffered, because the interpreter may end meanwhile, and unless no reader is left."""
    with contextlib.suppress(OSError):
        os.write(STDOUT, line)
