"""Store reports from a file in parallel and in bounded memory, and wait for a database that is slow or fails.

Some rows are put in one transaction, which costs the client a quarter of as many puts. If that is not taken, for
whatever reason, each is put by itself. A put that failed is tried again with growing pauses. It may have reached the
database all the same: each row has a stamp of its own, and a row that is there with it was created by this run.
"""

import random
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from typing import NamedTuple

from app.core import clock
from app.core.transient import is_transient
from app.core.unicode_text import shown
from app.geo import coordinates
from app.reports.imported import ImportedReport, store_imported, store_together
from app.reports.importer.load import LoadedRow
from app.reports.importer.row import RefusedRow, Row
from app.reports.models import Report

AT_ONCE = 4
TOGETHER = 25  # rows in one transaction, if all of them are new
_WINDOW = AT_ONCE * TOGETHER * 2  # rows read ahead of the first one that is not stored
_MOST_SHAPES = 20  # of refused rows among them: each may be as large as a country
_REMEMBERED = 1024  # rows whose ids are known: an equal id is not stored beside the first, whichever comes first
FROM_EARLIER = "its report was stored from an earlier row of the file, which counts"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 5.0
PATIENCE_S = 120.0  # without any answer
_OF_ONE_ROW = 10  # times as long for one row, while others are stored
LOOK_EVERY_S = 0.25
_LAST_WAIT_S = 2.0  # for the rows on their way when a run ends early


class Outcome(Enum):
    """Result of storing one report."""

    CREATED = "created"
    PRESENT = "already there"
    ELSEWHERE = "already there, at another place"
    REPEATED = "repeated in the file"


class Stored(NamedTuple):
    """One row and its outcome; without one it has no report."""

    loaded: LoadedRow
    outcome: Outcome | None = None
    how: str = FROM_EARLIER  # of a repeated row: what it repeats


class _First(NamedTuple):
    """A row of those stored last, by which a row with the same id is known as its repetition."""

    where: str
    content: int

    def how(self, row: Row) -> str:
        says = "says the same as" if hash(row.content) == self.content else "has the same id as"
        return f"it {says} {self.where}, which counts"


class GaveUp(Exception):
    """The database did not take a row within the patience of the run. The message says what it answered."""


class _Stopping(Exception):
    """The run ends before this row is stored."""


class Patience:
    """Patience of a run with the database, and the moment of the last answer. Shared by all threads."""

    def __init__(self, seconds: float = PATIENCE_S) -> None:
        self.seconds = seconds
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        self._answered_s = clock.running_s()
        self._reason = ""

    def answered(self) -> None:
        """Note that a row was stored."""
        with self._lock:
            self._answered_s, self._reason = clock.running_s(), ""

    def waiting(self) -> tuple[float, str]:
        """Return the seconds since the last answer and why the database is waited for; "" if it is not."""
        with self._lock:
            return clock.running_s() - self._answered_s, self._reason

    def pause(self, attempt: int, since_s: float, error: Exception) -> None:
        """Wait after a failed attempt; raises GaveUp when the patience is over, _Stopping when the run ends."""
        reason = shown(f"{type(error).__name__} {error}", 300)
        with self._lock:
            self._reason = self._reason or reason
            silent_s = clock.running_s() - max(self._answered_s, since_s)
        if silent_s >= self.seconds or clock.running_s() - since_s >= self.seconds * _OF_ONE_ROW:
            raise GaveUp(reason) from error
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(attempt, 10))
        if self.stopping.wait(random.uniform(longest / 2, longest)):
            raise _Stopping


@dataclass
class _Waiting:
    """A row between its reading and the telling of its outcome."""

    stored: Stored
    report: ImportedReport | None = None
    stamp_ms: int = 0
    future: "Future[list[Outcome | Exception]] | None" = None
    place: int = 0  # in the group that is stored together
    has_shape: bool = False

    def outcome(self, within_s: float) -> Outcome | None:
        """Return its outcome; raises what prevented it, or NotYet."""
        if self.report is None:
            return self.stored.outcome
        if self.future is None:
            raise _Stopping
        outcome = self.future.result(timeout=within_s)[self.place]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Storing:
    """A run of stores. Iterating gives each row of the file with its outcome, in the file's order."""

    def __init__(self, patience: Patience | None = None, *, on_wait: Callable[[], None] = lambda: None) -> None:
        self.patience = patience or Patience()
        self.began_ms = clock.now_ms()
        self._on_wait = on_wait
        self._stamp_ms = self.began_ms
        self._last: OrderedDict[str, _First] = OrderedDict()
        self._waiting: deque[_Waiting] = deque()
        self._group: list[_Waiting] = []  # rows that wait for others to be put with
        self._shapes = 0

    def run(self, rows: Iterable[LoadedRow]) -> Iterator[Stored]:
        """Store rows; raises GaveUp, or what the database always refuses, after all rows before it were yielded."""
        with self._pool() as pool:
            for loaded in rows:
                self._add(pool, loaded)
                while len(self._waiting) >= _WINDOW or self._shapes > _MOST_SHAPES:
                    yield self._next(pool)
            while self._waiting:
                yield self._next(pool)

    def rest(self) -> Iterator[Stored]:
        """Yield what was stored of the rows on their way when the run was interrupted, as far as no row is missing."""
        self.patience.stopping.set()
        while self._waiting:
            try:
                outcome = self._waiting[0].outcome(_LAST_WAIT_S)
            except Exception:  # noqa: BLE001 - the reason is the interruption, or is raised already
                return
            yield self._waiting.popleft().stored._replace(outcome=outcome)

    def beyond(self) -> Counter[Outcome]:
        """Return what was stored behind the first row that was not: the next run finds it there."""
        wait([row.future for row in self._waiting if row.future and not row.future.cancelled()], timeout=_LAST_WAIT_S)
        outcomes: Counter[Outcome] = Counter()
        for row in self._waiting:
            if row.future and row.future.done() and not row.future.cancelled() and not row.future.exception():
                outcome = row.future.result()[row.place]
                outcomes.update([outcome] if isinstance(outcome, Outcome) else [])
        return outcomes

    @contextmanager
    def _pool(self) -> Iterator[ThreadPoolExecutor]:
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="import")
        try:
            yield pool
        except BaseException:
            self.patience.stopping.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        pool.shutdown()

    def _next(self, pool: ThreadPoolExecutor) -> Stored:
        first = self._waiting[0]
        if first.report and not first.future:
            self._submit(pool)
        while True:
            try:
                outcome = first.outcome(LOOK_EVERY_S)
            except NotYet:
                self._on_wait()
                continue
            self._waiting.popleft()
            self._shapes -= first.has_shape
            return first.stored._replace(outcome=outcome)

    def _add(self, pool: ThreadPoolExecutor, loaded: LoadedRow) -> None:
        """Let a row be stored, unless it has no report or repeats one of the last rows, which is stored before it."""
        report, row = loaded.report, loaded.row
        if report is None or isinstance(row, RefusedRow):
            waiting = _Waiting(Stored(loaded), has_shape=isinstance(row, RefusedRow) and row.geometry is not None)
            self._shapes += waiting.has_shape
        elif first := self._last.get(report.id):
            waiting = _Waiting(Stored(loaded, Outcome.REPEATED, first.how(row)))
        else:
            self._last[report.id] = _First(row.where, hash(row.content))
            if len(self._last) > _REMEMBERED:
                self._last.popitem(last=False)
            light = loaded._replace(row=replace(row, content=""))
            self._stamp_ms = max(self._stamp_ms + 1, clock.now_ms())
            waiting = _Waiting(Stored(light), report, self._stamp_ms)
            self._group.append(waiting)
        self._waiting.append(waiting)
        if len(self._group) >= TOGETHER:
            self._submit(pool)

    def _submit(self, pool: ThreadPoolExecutor) -> None:
        group, self._group = self._group, []
        future = pool.submit(self._store, [(row.report, row.stamp_ms) for row in group if row.report])
        for place, row in enumerate(group):
            row.future, row.place = future, place

    def _store(self, rows: Sequence[tuple[ImportedReport, int]]) -> list[Outcome | Exception]:
        """Store a group: together, or in turn up to the first that cannot be stored."""
        if self.patience.stopping.is_set():
            return [_Stopping()] * len(rows)
        if len(rows) > 1 and self._store_together(rows):
            return [Outcome.CREATED] * len(rows)
        outcomes: list[Outcome | Exception] = []
        for report, stamp_ms in rows:
            try:
                outcomes.append(self._store_one(report, stamp_ms))
            except Exception as error:  # noqa: BLE001 - raised when the run comes to this row
                return outcomes + [error] * (len(rows) - len(outcomes))
        return outcomes

    def _store_together(self, rows: Sequence[tuple[ImportedReport, int]]) -> bool:
        """Store rows in one transaction; False if it is not known that it was taken."""
        try:
            store_together(self._until_stopping(rows))
        except Exception:  # noqa: BLE001 - each row is put by itself, which tells what is wrong
            return False
        self.patience.answered()
        return True

    def _until_stopping(self, rows: Iterable[tuple[ImportedReport, int]]) -> Iterator[tuple[ImportedReport, int]]:
        """Yield rows; raises _Stopping when the run ends, as the calendar may need some calls for each."""
        for row in rows:
            if self.patience.stopping.is_set():
                raise _Stopping
            yield row

    def _store_one(self, report: ImportedReport, stamp_ms: int) -> Outcome:
        attempt, since_s = 0, clock.running_s()
        while True:
            if self.patience.stopping.is_set():
                raise _Stopping
            try:
                outcome = self._outcome(report, stamp_ms)
            except Exception as error:
                if not is_transient(error):
                    raise
                self.patience.pause(attempt, since_s, error)
                attempt += 1
                continue
            self.patience.answered()
            return outcome

    def _outcome(self, report: ImportedReport, stamp_ms: int) -> Outcome:
        if store_imported(report, stamp_ms):
            return Outcome.CREATED
        stored = Report.find(report.id, consistent=True)
        if stored is None:
            return Outcome.PRESENT
        if stored.version == 1 and stored.updated_at_ms == stamp_ms:  # by an attempt whose answer was lost
            return Outcome.CREATED
        if stored.version == 1 and self.began_ms < stored.updated_at_ms < stamp_ms:
            return Outcome.REPEATED
        exact = [coordinates.rounded(value, places=coordinates.PLACES_EXACT) for value in (report.lat, report.lon)]
        return Outcome.PRESENT if [stored.lat, stored.lon] == exact else Outcome.ELSEWHERE
