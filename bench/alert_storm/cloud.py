"""Functions of Lambda and queues of SQS in virtual time, with their faults.

A message that was taken is hidden until its time of visibility is over, comes again unless it was deleted, and after
some receipts is a dead letter. Its place is by the time when it was sent, as SQS attempts it.
"""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from heapq import heappop, heappush
from itertools import count
from typing import Any, NamedTuple

from bench.slow_stand_in import Killed
from bench.virtual_time import VirtualTime

AT_ONCE_MS = 50.0  # between the two times when a message is handed out twice
FIRST_ENTRY_MS = 2.0  # what a function does before its first call of a service
Event = dict[str, Any]
Handler = Callable[[Event, Any], Any]


class Function(NamedTuple):
    """A function of Lambda."""

    name: str
    handler: Handler
    timeout_s: float
    memory_mb: int


class Message:
    """A message of a queue."""

    __slots__ = ("body", "is_deleted", "number", "receipts", "sent_ms")

    def __init__(self, body: str, number: int, sent_ms: float) -> None:
        self.body, self.number, self.sent_ms = body, number, sent_ms
        self.receipts, self.is_deleted = 0, False


class Invocation:
    """One call of a function, and what Lambda tells it of its time. `dies_at`: the service call at which it ends."""

    def __init__(self, time: VirtualTime, function: Function, dies_at: int | None) -> None:
        self.time, self.function, self.dies_at = time, function, dies_at
        self.began_ms, self.calls, self.is_dead = time.now, 0, False
        self.container = ""  # process in which it runs
        self.at_once = 1  # calls that it makes side by side at present

    def get_remaining_time_in_millis(self) -> float:
        """Return the milliseconds until Lambda ends it."""
        return self.began_ms + self.function.timeout_s * 1000 - self.time.now


class Cloud:
    """All functions that run at present, and what they have cost. `dice`: of the faults."""

    def __init__(self, time: VirtualTime, dice: random.Random) -> None:
        self.time, self.dice = time, dice
        self.doomed: Counter[str] = Counter()  # functions of which the next invocation is killed,
        self.aims: dict[str, Callable[[Event], bool]] = {}  # or the next one with such an event, at its first call
        self.counts: Counter[str] = Counter()
        self.invocations: Counter[str] = Counter()
        self.errors: Counter[str] = Counter()
        self.killed: Counter[str] = Counter()
        self.gb_seconds = 0.0
        self._calls: Counter[str] = Counter()
        self._warm: defaultdict[str, list[str]] = defaultdict(list)
        self._containers = count()
        self._inside = threading.local()

    def caller(self) -> str:
        """Return the function that runs in this task; "" if none does."""
        one: Invocation | None = getattr(self._inside, "invocation", None)
        return one.function.name if one else ""

    def container(self) -> str:
        """Return the process in which the function of this task runs: what it keeps, others do not see."""
        one: Invocation | None = getattr(self._inside, "invocation", None)
        return one.container if one else ""

    @contextmanager
    def side_by_side(self, calls: int) -> Iterator[None]:
        """Let the calls of the block take their share of the time of one."""
        one: Invocation | None = getattr(self._inside, "invocation", None)
        before = one.at_once if one else 1
        if one:
            one.at_once = max(1, calls)
        yield
        if one:
            one.at_once = before

    def call(self, milliseconds: float) -> None:
        """Let an invocation wait for a call of a service, alone or beside others."""
        one: Invocation | None = getattr(self._inside, "invocation", None)
        self.pause(milliseconds / one.at_once if one else milliseconds)

    def pause(self, milliseconds: float) -> None:
        """Let an invocation wait for a service, unless it has been killed, or its time is over meanwhile."""
        one: Invocation | None = getattr(self._inside, "invocation", None)
        if one is None:
            self.time.spend(milliseconds)
            return
        one.calls += 1
        if one.is_dead or one.calls == one.dies_at:
            one.is_dead = True
            raise Killed
        self.time.spend(milliseconds)
        if one.get_remaining_time_in_millis() <= 0:
            self.counts["timed out"] += not one.is_dead
            one.is_dead = True
            raise Killed

    def invoke(self, function: Function, event: Event) -> Any:
        """Call a function in this task; None if it was killed, or failed."""
        name = function.name
        is_doomed = self.doomed[name] > 0 and (name not in self.aims or self.aims[name](event))
        self.doomed[name] -= is_doomed
        usual = 0 if name in self.aims else round(self._calls[name] / max(1, self.invocations[name]))
        one = Invocation(self.time, function, self.dice.randint(1, usual + 1) if is_doomed else None)
        one.container = self._warm[name].pop() if self._warm[name] else f"{name} {next(self._containers)}"
        self._inside.invocation = one
        try:
            self.time.spend(FIRST_ENTRY_MS)
            answer = function.handler(event, one)
            if is_doomed:  # at its very end: Lambda does not hear that it has done its work
                raise Killed
        except Killed:
            answer = None
            self.counts["killed"] += is_doomed
            self.killed[name] += is_doomed
        except Exception as error:  # noqa: BLE001 - Lambda takes any, and so does this
            answer = None
            self.errors[f"{name}: {type(error).__name__}: {error}"[:200]] += 1
        finally:
            self._inside.invocation = None
        if not one.is_dead and not is_doomed:
            self._warm[name].append(one.container)
        self.invocations[name] += 1
        self._calls[name] += one.calls
        self.gb_seconds += (self.time.now - one.began_ms) / 1000 * function.memory_mb / 1024
        return answer


class Queue:
    """A queue of SQS, with its dead letters.

    `again`: share of the messages that are handed out twice at the same time, and of the deletions that do not hold.
    """

    def __init__(self, cloud: Cloud, noun: str, *, visibility_s: float, most_receipts: int, again: float = 0.0) -> None:
        self.cloud, self.noun = cloud, noun
        self.visibility_ms, self.most_receipts, self.again = visibility_s * 1000, most_receipts, again
        self.dead: list[Message] = []
        self.largest = self.requests = self.pending = 0
        self.is_naive = False  # deletes what it hands out, so that nothing comes again
        self.on_message: Callable[[], None] = lambda: None
        self._waiting: list[tuple[float, int, Message]] = []
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._waiting)

    def send(self, body: str, *, delay_s: float = 0) -> None:
        """Take a message, which is visible after a delay."""
        message = Message(body, next(self._numbers), self.cloud.time.now)
        self.requests += 1
        self.pending += 1
        if delay_s:
            self.cloud.time.at(self.cloud.time.now + delay_s * 1000, partial(self._show, [message]))
        else:
            self._show([message])

    def take(self, most: int) -> list[Message]:
        """Hand some messages out, the earliest first, and hide them."""
        taken: list[Message] = []
        while self._waiting and len(taken) < most:
            message = heappop(self._waiting)[2]
            if message.is_deleted:
                continue
            message.receipts += 1
            if message.receipts > self.most_receipts:
                self.dead.append(message)
                message.is_deleted = True
                self.pending -= 1
            else:
                taken.append(message)
            if self.cloud.dice.random() < self.again:
                self.cloud.time.at(self.cloud.time.now + AT_ONCE_MS, partial(self._show, [message]))
        if self.is_naive:
            self.delete(taken)
        if taken:
            self.requests += 1
            self.cloud.time.at(self.cloud.time.now + self.visibility_ms, partial(self._show, taken))
        return taken

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages that were handled."""
        self.requests += bool(messages)
        for message in messages:
            if not message.is_deleted and self.cloud.dice.random() >= self.again:
                message.is_deleted = True
                self.pending -= 1

    def _show(self, messages: Sequence[Message]) -> None:
        for message in messages:
            if not message.is_deleted:
                heappush(self._waiting, (message.sent_ms, message.number, message))
        self.largest = max(self.largest, len(self._waiting))
        if self._waiting:
            self.on_message()
