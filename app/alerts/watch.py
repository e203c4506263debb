"""Find each minute what no change of a row tells: warnings over by their own time, and sources that are silent."""

from collections.abc import Callable

from app.alerts import events, silence
from app.alerts.jobs import Job
from app.alerts.watch_models import Watched
from app.core import clock
from app.core.severity import Severity
from app.warnings import search, source_status
from app.warnings.marks import EXPIRED, FLOOD, Mark
from app.warnings.models import OfficialWarning, SourceStates
from app.warnings.search import WarningQuery
from app.warnings.sources.registry import asked_sources

# A moment is looked at once more: what processes keep of warnings is that old at most, and more.
AGAIN_MS = 2 * clock.MINUTE_MS
_AT_ONCE = 100
_States = dict[str, source_status.SourceState]


def look(search_soon: Callable[[Job], None], goes_on: Callable[[], bool]) -> int:
    """Note the ends and silences since the last run and hand their searches over; return how many warnings ended.

    `goes_on` returns whether there is time for more; the next run does the rest. Safe to repeat.
    """
    row, now_ms = Watched.find(), clock.now_ms()
    states = SourceStates.read(consistent=True).by_name()
    ended = _over_since(int(row.until_ms or now_ms) - AGAIN_MS, states)
    for warning in ended:
        if not goes_on():
            return 0
        if job := events.note_ended(warning):
            search_soon(job)
    row.note(now_ms, _note_silences(row.silences, states, search_soon))
    return len(ended)


def _over_since(since_ms: int, states: _States) -> list[OfficialWarning]:
    """Return the warnings whose own time has passed since a moment, as they are stored now.

    One that was prolonged meanwhile is not among them.
    """
    ids = [mark.id for mark in _ended_marks(states) if since_ms < (mark.own_end_at_ms or 0)]
    rows = OfficialWarning.find_all(ids, consistent=True).values()
    return [row for row in rows if row.mark().why_over(clock.now_ms()) == EXPIRED]


def _ended_marks(states: _States) -> list[Mark]:
    """Return the marks of the floods that ended by their own time within the last day."""
    names, now_ms = tuple(source_status.known_sources(states)), clock.now_ms()
    before, marks = search.NEWEST_OF_ALL, list[Mark]()
    while before:
        query = WarningQuery(
            names,
            Severity.UNKNOWN.at_least(),
            in_force=False,
            limit=_AT_ONCE,
            before_key=before,
            needs_outlines=False,
        )
        page = search.find_page(query, states)
        marks += [hit.warning.mark() for hit in page.hits]
        before = page.next_key or ""
    return [mark for mark in marks if mark.hazard == FLOOD and mark.why_over(now_ms) == EXPIRED]


def _note_silences(known: dict[str, int], states: _States, search_soon: Callable[[Job], None]) -> dict[str, int]:
    """Note each source that has become silent while warnings of it are in force; return those that are silent now."""
    silences = {}
    for name in asked_sources():
        heard_ms = silence.silent_since_ms(name, states.get(name, {}))
        if heard_ms is None:
            continue
        silences[name] = heard_ms
        if known.get(name) != heard_ms:
            for job in events.note_unheard(name, heard_ms, clock.now_ms()):
                search_soon(job)
    return silences
