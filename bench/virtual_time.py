"""Virtual time: threads that run one at a time, each as far as its next call of the database, in the order of a clock.

The same tasks give the same order on every machine, however busy, and a minute passes in as long as the work takes.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any

Task = Callable[[], None]


class _Turn:
    """The right to run, of which there is one: who waits for it sleeps until it is handed over."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._gate.acquire()
        self.hand_over, self.wait = self._gate.release, self._gate.acquire


class VirtualTime:
    """The clock, and the tasks and acts that wait for a moment of it."""

    def __init__(self, now_ms: float) -> None:
        self.now = now_ms
        self._waiting: list[tuple[float, int, _Turn | Task]] = []
        self._numbers = count()
        self._of_thread = threading.local()
        self._idle: list[tuple[_Turn, list[Task]]] = []
        self._errors: list[BaseException] = []
        self._left, self._over = 0, threading.Event()

    def now_ms(self) -> int:
        """Return the present moment, for the product's clock."""
        return int(self.now)

    def running_s(self) -> float:
        """Return the present moment in seconds, for the product's deadlines."""
        return self.now / 1000

    def spend(self, milliseconds: float) -> None:
        """Let time pass for this task, and meanwhile the other tasks run. Outside of a task, only move the clock."""
        turn = getattr(self._of_thread, "turn", None)
        if turn is None:
            self.now += milliseconds
            return
        self._note(self.now + milliseconds, turn)
        if self._pass_on(turn):
            turn.wait()

    def at(self, moment: float, act: Task) -> None:
        """Let something happen at a moment, at once and by whichever task comes there: it lets no time pass."""
        self._note(moment, act)

    def start(self, task: Task) -> None:
        """Let another task run from now on, beside this one. What it raises ends `run`."""
        if self._idle:
            turn, given = self._idle.pop()
            given.append(task)
        else:
            turn, given = _Turn(), [task]
            threading.Thread(target=self._work, args=(turn, given), daemon=True).start()
        self._note(self.now, turn)

    def run(self, tasks: Sequence[Task]) -> None:
        """Run tasks side by side from now on, to the end of all; other tasks stand still then.

        Raises the first failure, at once.
        """
        self._errors.clear()
        self._over.clear()
        self._left = len(tasks)
        for task in tasks:
            self.start(partial(self._count_down, task))
        self._pass_on(None)
        self._over.wait()
        if self._errors:
            raise self._errors[0]

    def _count_down(self, task: Task) -> None:
        task()
        self._left -= 1

    def _work(self, turn: _Turn, given: list[Task]) -> None:
        """Do one task after the other, in a thread: a new one for each would cost more than most tasks."""
        self._of_thread.turn = turn
        while True:
            turn.wait()
            try:
                given.pop()()
            except BaseException as error:  # noqa: BLE001 - raised again by `run`, in the thread that called it
                self._errors.append(error)
            self._idle.append((turn, given))
            if self._errors or not self._left:
                self._over.set()
            else:
                self._pass_on(None)

    def _note(self, moment: float, what: Any) -> None:
        heappush(self._waiting, (moment, next(self._numbers), what))

    def _pass_on(self, own: _Turn | None) -> bool:
        """Come to the next task that runs, and let it; False if that is the one that asks."""
        while self._waiting:
            moment, _, what = heappop(self._waiting)
            self.now = max(self.now, moment)
            if isinstance(what, _Turn):
                if what is own:
                    return False
                what.hand_over()
                return True
            what()
        return True
