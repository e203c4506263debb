"""Figures of the last 24 hours for those who run the service: reports an hour by origin, minutes to a decision.

Each five minutes are counted once, two minutes after their end, by the minute's sweep, and stored; reading counts only
what is not stored yet, up to a bound. What could be counted neither way is said to be unknown, never to be zero.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from app.core import clock, dynamodb, telemetry
from app.core.config import settings
from app.reports.index.consume import Change
from app.review.counting import CountedItems, Decided, Filed, Origin, Span, decided_in, filed_in
from app.review.figure_models import CountedRow

Item = TypeVar("Item", Filed, Decided)
HOURS = 24
STEP_MS = 5 * clock.MINUTE_MS
# By then every write of the five minutes has ended (10 s) and stands in the indexes.
SETTLED_MS = 2 * clock.MINUTE_MS
MOST_OF_STEP = 5_000  # reports of each of two shards, and decisions of a kind, that are counted; then "at least"
STEPS_AT_ONCE = 12  # an hour in each minute, after an outage or the first deployment
MOST_READ = 100  # of each of two shards, when figures are read
MOST_DECISIONS_READ = 30
MOST_ON_ONE_MACHINE = 2_000  # where no schedule runs unless it is asked for, and reading costs nothing


class Step(NamedTuple):
    """Numbers of five minutes. `filed`, `waits`: None if it is unknown. `waits`: decisions by minutes."""

    filed: Mapping[Origin, int] | None = None
    waits: Mapping[int, int] | None = None
    is_at_least: bool = False


class Hour(NamedTuple):
    """Reports of an hour of the clock by origin; None if nothing of it is known. `is_whole`: all that were made."""

    from_ms: int
    filed: Mapping[Origin, int] | None
    is_whole: bool


class Decisions(NamedTuple):
    """First decisions of the period. `median_min`: whole minutes from the making of a report; None without any."""

    number: int
    median_min: int | None
    is_whole: bool


class Figures(NamedTuple):
    """Figures from the beginning of an hour until now. `decisions`: None if nothing of them is known."""

    since_ms: int
    hours: list[Hour]
    decisions: Decisions | None


@dataclass
class _StoredSteps:
    """Stored numbers by the beginning of their five minutes; and when a late report was noted in them."""

    steps: dict[int, Step] = field(default_factory=dict)
    late_at_ms: dict[int, int] = field(default_factory=dict)


def since(now_ms: int) -> int:
    """Return the beginning of the period: that of the hour 23 hours ago, by the clocks of this deployment's zone."""
    offset = clock.from_ms(now_ms).astimezone(ZoneInfo(settings().zone)).utcoffset()
    shift_ms = int(offset.total_seconds()) * 1000 if offset else 0
    return (now_ms + shift_ms) // clock.HOUR_MS * clock.HOUR_MS - shift_ms - (HOURS - 1) * clock.HOUR_MS


def read(now_ms: int) -> Figures:
    """Read the figures of the last 24 hours. Raises what the database raises where nothing can be said.

    At most about 220 read units: 4 for what is stored, the rest for what is not, newest first.
    """
    since_ms = since(now_ms)
    steps = dict(_stored(since_ms, now_ms).steps)
    gaps = list(_gaps(steps, since_ms, now_ms))
    _add_filed(steps, gaps)
    _add_decided(steps, gaps)
    begins = range(since_ms, now_ms + 1, STEP_MS)
    return Figures(since_ms, _hours(steps, begins), _decisions([steps.get(begin, Step()) for begin in begins]))


def _hours(steps: Mapping[int, Step], begins: range) -> list[Hour]:
    hours = list[Hour]()
    per_hour = clock.HOUR_MS // STEP_MS
    for start in range(0, len(begins), per_hour):
        own = [steps.get(begin, Step()) for begin in begins[start : start + per_hour]]
        known = [step.filed for step in own if step.filed is not None]
        filed = {origin: sum(counts.get(origin, 0) for counts in known) for origin in Origin} if known else None
        is_whole = len(known) == len(own) and not any(step.is_at_least for step in own)
        hours.append(Hour(begins[start], filed, is_whole))
    return hours


def _decisions(steps: Sequence[Step]) -> Decisions | None:
    known = [step for step in steps if step.waits is not None]
    waits = Counter[int]()
    for step in known:
        waits.update(step.waits or {})
    if not known:
        return None
    is_whole = len(known) == len(steps) and not any(step.is_at_least for step in known)
    return Decisions(waits.total(), _median(waits), is_whole)


def _median(waits: Counter[int]) -> int | None:
    """Return the median of the minutes, rounded down; None if there are none."""
    if not waits:
        return None
    ordered = sorted(waits.elements())
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) // 2


def _gaps(steps: Mapping[int, Step], since_ms: int, now_ms: int) -> Iterator[Span]:
    """Yield the spans that are not stored, newest first."""
    unknown = [begin for begin in range(since_ms, now_ms + 1, STEP_MS) if begin not in steps]
    starts = [begin for before, begin in pairwise([-1, *unknown]) if begin - before != STEP_MS]
    ends = [begin + STEP_MS for begin, after in pairwise([*unknown, -1]) if after - begin != STEP_MS]
    yield from reversed([Span(begin, min(end, now_ms + 1)) for begin, end in zip(starts, ends, strict=True)])


def _add_filed(steps: dict[int, Step], gaps: Sequence[Span]) -> None:
    for begin, items in _counted(filed_in, gaps, MOST_ON_ONE_MACHINE if settings().is_local else MOST_READ):
        steps[begin] = steps.get(begin, Step())._replace(filed=Counter(item.origin for item in items))


def _add_decided(steps: dict[int, Step], gaps: Sequence[Span]) -> None:
    for begin, items in _counted(decided_in, gaps, MOST_DECISIONS_READ):
        steps[begin] = steps.get(begin, Step())._replace(waits=Counter(item.waited_min for item in items))


def _counted(
    find: Callable[..., CountedItems[Item]], gaps: Sequence[Span], most: int
) -> Iterator[tuple[int, list[Item]]]:
    """Yield the items of each five minutes of some spans, until the bound is reached or the database fails."""
    for span in gaps:
        if most <= 0:
            return
        try:
            found = find(span, limit=most)
        except dynamodb.FAILURES as error:
            telemetry.logger().error("figures not counted", extra={"error": type(error).__name__})
            return
        for begin in _whole_steps(span, found.whole_from_ms):
            yield begin, [item for item in found.items if begin <= item.at_ms < begin + STEP_MS]
        most -= len(found.items)


def _whole_steps(span: Span, whole_from_ms: int) -> Iterator[int]:
    return (begin for begin in range(span.from_ms, span.to_ms, STEP_MS) if begin >= whole_from_ms)


def _stored(from_ms: int, to_ms: int) -> _StoredSteps:
    known = _StoredSteps()
    for row in CountedRow.between(from_ms, to_ms):
        if row.late_at_ms is not None:
            known.late_at_ms[row.begin_ms] = int(row.late_at_ms)
        if row.counts and (step := _unpack(row.counts)):
            known.steps[row.begin_ms] = step
    return known


def _pack(filed: Sequence[Filed], decided: Sequence[Decided], *, is_at_least: bool) -> str:
    waits = Counter(str(item.waited_min) for item in decided)
    counts = {"filed": Counter(item.origin for item in filed), "waits": waits, "is_at_least": is_at_least}
    return json.dumps(counts, separators=(",", ":"), sort_keys=True)


def _unpack(text: str) -> Step | None:
    """Return stored numbers; None if this release cannot read them: they are counted again."""
    try:
        counts = json.loads(text)
        filed = {Origin(origin): int(number) for origin, number in counts["filed"].items()}
        waits = {int(minutes): int(number) for minutes, number in counts["waits"].items()}
        return Step(filed, waits, bool(counts["is_at_least"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def count_settled(goes_on: Callable[[], bool]) -> int:
    """Count and store five minutes of the last day that are over and not stored yet, newest first; return how many.

    At most an hour's; the next minute goes on. Safe to repeat, and beside another run: it stores the same. `goes_on`
    returns whether there is time for more. Raises what the database raises.
    """
    now_ms = clock.now_ms()
    last = (now_ms - SETTLED_MS) // STEP_MS * STEP_MS - STEP_MS
    known = _stored(since(now_ms), last)
    missing = [begin for begin in range(last, since(now_ms) - 1, -STEP_MS) if begin not in known.steps]
    stored = 0
    for begin in missing[:STEPS_AT_ONCE]:
        late_at_ms = known.late_at_ms.get(begin)
        if late_at_ms is not None and late_at_ms > now_ms - SETTLED_MS:
            continue
        if not goes_on():
            break
        span = Span(begin, begin + STEP_MS)
        filed, decided = filed_in(span, limit=MOST_OF_STEP), decided_in(span, limit=MOST_OF_STEP)
        is_at_least = max(filed.whole_from_ms, decided.whole_from_ms) > begin
        counts = _pack(filed.items, decided.items, is_at_least=is_at_least)
        stored += CountedRow.store(begin, counts, seen_late_ms=late_at_ms)
    return stored


def note_late(changes: Iterable[Change]) -> None:
    """Mark the five-minute periods to which an import has added reports, so that they are counted again.

    A report from a file counts at the time of its observation. Safe to repeat.
    """
    now_ms = clock.now_ms()
    new = (change.new for change in changes if change.old is None and change.new is not None and change.new.source)
    late = (report.created_at_ms for report in new if since(now_ms) <= report.created_at_ms <= now_ms)
    for some in dynamodb.some_at_once(sorted({at_ms // STEP_MS * STEP_MS for at_ms in late})):
        dynamodb.in_one_round([partial(CountedRow.have_counted_again, begin) for begin in some])
