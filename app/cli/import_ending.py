"""End an import when a person or the system asks for it, at a moment when all counts agree."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Ending:
    """Whether the end was asked for, by Ctrl-C or SIGTERM. Once rows are stored, only `check` ends the run."""

    def __init__(self) -> None:
        self.is_gentle = self._is_asked = False

    def check(self) -> None:
        """Raise KeyboardInterrupt if the end was asked for."""
        if self._is_asked:
            raise KeyboardInterrupt

    def be_gentle(self) -> None:
        """Let all requests from now on wait for `check`, however often they come, so that the work done is reported."""
        self.is_gentle = True

    def _ask(self, *_: object) -> None:
        self._is_asked = True
        if not self.is_gentle:
            raise KeyboardInterrupt

    @contextmanager
    def on_signals(self) -> Iterator["Ending"]:
        """Listen to the signals while the block lasts, if this is the thread that gets them."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        before = {number: signal.signal(number, self._ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
