"""Virtual time: threads that run one at a time, each as far as its next call of the database, in the order of a clock.

The same tasks give the same order on every machine, however busy, and a minute passes in as long as the work takes.
"""

import threading
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from itertools import count


class VirtualTime:
    """The clock, and the tasks that wait for a moment of it."""

    def __init__(self, now_ms: float) -> None:
        self.now = now_ms
        self._waiting: list[tuple[float, int, threading.Semaphore]] = []
        self._turns = count()
        self._task = threading.local()

    def now_ms(self) -> int:
        """Return the present moment, for the product's clock."""
        return int(self.now)

    def spend(self, milliseconds: float) -> None:
        """Let time pass for this task, and meanwhile the other tasks run. Outside of `run`, only move the clock."""
        if not getattr(self._task, "is_one", False):
            self.now += milliseconds
            return
        turn = threading.Semaphore(0)
        heappush(self._waiting, (self.now + milliseconds, next(self._turns), turn))
        self._wake_next()
        turn.acquire()

    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run tasks side by side from now on, to the end of all. Raises the first failure after that."""
        errors: list[BaseException] = []

        def enter(task: Callable[[], None], turn: threading.Semaphore) -> None:
            self._task.is_one = True
            turn.acquire()
            try:
                task()
            except BaseException as error:  # noqa: BLE001 - raised again by `run`, in the thread that called it
                errors.append(error)
            finally:
                if self._waiting:
                    self._wake_next()

        threads = []
        for task in tasks:
            turn = threading.Semaphore(0)
            heappush(self._waiting, (self.now, next(self._turns), turn))
            threads.append(threading.Thread(target=enter, args=(task, turn), daemon=True))
        for thread in threads:
            thread.start()
        self._wake_next()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]

    def _wake_next(self) -> None:
        moment, _, turn = heappop(self._waiting)
        self.now = max(self.now, moment)
        turn.release()
