"""Read the reports and warnings around a place, or anywhere, for the API and for the pages."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from app.core import clock, dynamodb, missing
from app.core.errors import Unavailable
from app.core.missing import GRAVE_REPORTS, NEWEST_REPORTS, REPORTS, WARNINGS
from app.core.severity import EVERY
from app.geo.box_circle import Circle
from app.reports.entry import Entry
from app.reports.index.around import find_around
from app.reports.index.estimate import Estimate
from app.reports.index.search import ReportQuery, find_active_over_pages
from app.situation import inside_reading, source_facts
from app.warnings import last_good, search, source_status
from app.warnings.search import NEWEST_OF_ALL, WarningHit, WarningPage

SourceStatesByName = dict[str, source_status.SourceState]
NEWEST = 50
MOST_PAGES = 8
MOST_WARNINGS = 100


class Reports(NamedTuple):
    """Active reports; whether there are more; and if a place was asked for as `Around`, its other members."""

    entries: list[Entry]
    has_more: bool
    complete_to_km: float | None = None
    numbers: Estimate | None = None
    has_every_grave: bool = True
    next_key: str | None = None  # where the list of the newest goes on


class Overview(NamedTuple):
    """Active reports, newest first or as `Around`; the warnings in force; the age of each source's last answer.

    Reports of one connection and cell count once against the 50 (app/reports/connections.py).
    """

    entries: list[Entry]
    has_more: bool  # of reports
    hits: list[WarningHit]
    has_more_warnings: bool
    sources: list[dict[str, Any]]
    as_of_ms: int
    without_outline: int  # warnings in force without any outline here, as counted in each source's last answer
    missing: tuple[str, ...] = ()  # parts that could not be read: REPORTS, GRAVE_REPORTS or WARNINGS
    complete_to_km: float | None = None
    numbers: Estimate | None = None
    next_key: str | None = None  # where the list of the newest reports goes on


def read_around(circle: Circle) -> Overview:
    """Read the newest 50 reports within a circle, and every warning that covers or touches it, nearest first."""
    return _read(circle, lambda: _newest(circle, EVERY), partial(_warnings_near, circle))


def read_nearby(circle: Circle) -> Overview:
    """Like `read_around`, with the grave and the nearest reports instead of the newest, and the number of all.

    The numbers of reports inside these warnings are read in between.
    """
    warnings = partial(_warnings_near, circle, meanwhile=inside_reading.read_ahead)
    return _read(circle, lambda: Reports(*find_around(circle)), warnings)


def _warnings_near(
    circle: Circle, *, meanwhile: Callable[[set[str]], object] | None = None
) -> tuple[SourceStatesByName, WarningPage]:
    source_states, hits = dynamodb.at_once(_states, lambda: last_good.find_near(circle, meanwhile=meanwhile))
    return source_states, WarningPage(hits, None)


def warnings_around(circle: Circle, severities: frozenset[str] = EVERY) -> list[WarningHit]:
    """Find every warning in force that covers or touches a circle, nearest first."""
    return [hit for hit in last_good.find_near(circle) if hit.warning.severity in severities]


def read_everywhere() -> Overview:
    """Read the newest 50 reports and the newest 100 warnings of the whole world."""
    return _read(None, lambda: _newest(None, EVERY), _newest_warnings)


def _read(
    circle: Circle | None,
    reports: Callable[[], Reports],
    warnings: Callable[[], tuple[SourceStatesByName, WarningPage]],
) -> Overview:
    """Read both parts side by side. A part that cannot be read is missing, and counts as not read completely.

    Raises Unavailable if both cannot be read.
    """
    reports_part, warnings_part = dynamodb.at_once(
        lambda: missing.read_or(REPORTS, reports, None), lambda: missing.read_or(WARNINGS, warnings, None)
    )
    if reports_part is None and warnings_part is None:
        raise Unavailable("Neither reports nor warnings can be read now. Try again.", retry_after_s=2)
    found = reports_part or Reports([], True)
    source_states, page = warnings_part or ({}, WarningPage([], NEWEST_OF_ALL))
    overview = _overview(found.entries, list(page.hits), source_states, has_more=found.has_more, circle=circle)
    # Nothing at all of an old answer claims no absence either.
    is_old = missing.parts()
    lacks_reports = reports_part is None or (NEWEST_REPORTS in is_old and not found.entries)
    lacks_warnings = warnings_part is None or (WARNINGS in is_old and not page.hits)
    lacks = {REPORTS: lacks_reports, GRAVE_REPORTS: not found.has_every_grave, WARNINGS: lacks_warnings}
    return overview._replace(
        has_more_warnings=page.next_key is not None,
        missing=tuple(name for name, is_lacking in lacks.items() if is_lacking),
        complete_to_km=found.complete_to_km,
        numbers=found.numbers,
        next_key=found.next_key,
    )


def _newest_warnings() -> tuple[dict[str, source_status.SourceState], WarningPage]:
    source_states = _states()
    return source_states, warnings_anywhere(source_states)


def _states() -> dict[str, source_status.SourceState]:
    return last_good.source_states()


def narrowed(overview: Overview, circle: Circle | None, severities: frozenset[str], *, since_ms: int = 0) -> Overview:
    """Reduce an answer to some severities, and to reports seen since a moment; warnings in force are of now.

    A part that was not read completely is read again, if possible.
    """
    matching_entries = [
        entry for entry in overview.entries if entry.severity in severities and entry.observed_at_ms >= since_ms
    ]
    found = Reports(matching_entries, overview.has_more, next_key=overview.next_key)
    if overview.has_more and REPORTS not in overview.missing:
        found = missing.read_or(REPORTS, lambda: _newest(circle, severities, since_ms), found)
    hits = [hit for hit in overview.hits if hit.warning.severity in severities]
    page = WarningPage(hits, NEWEST_OF_ALL if overview.has_more_warnings else None)
    if overview.has_more_warnings and WARNINGS not in overview.missing:
        page = missing.read_or(WARNINGS, lambda: warnings_anywhere(_states(), severities), page)
    return overview._replace(
        entries=found.entries,
        has_more=found.has_more,
        next_key=found.next_key,
        hits=list(page.hits),
        has_more_warnings=page.next_key is not None,
    )


def warnings_anywhere(
    source_states: dict[str, source_status.SourceState],
    severities: frozenset[str] = EVERY,
    *,
    before: str = NEWEST_OF_ALL,
    needs_outlines: bool = False,
) -> WarningPage:
    """Find the newest 100 warnings in force before a sort key, of all configured or known sources."""
    names = tuple(source_status.known_sources(source_states))
    question = search.WarningQuery(names, severities, in_force=True, limit=MOST_WARNINGS, before_key=before)
    return last_good.find_page(question._replace(needs_outlines=needs_outlines), source_states)


def _overview(
    entries: list[Entry],
    hits: list[WarningHit],
    source_states: dict[str, source_status.SourceState],
    *,
    has_more: bool,
    circle: Circle | None = None,
) -> Overview:
    sources = source_facts.describe(source_status.known_sources(source_states), source_states, circle)
    return Overview(
        entries, has_more, hits, False, sources, clock.now_ms(), source_status.count_without_outline(source_states)
    )


def _newest(circle: Circle | None, severities: frozenset[str], since_ms: int = 0) -> Reports:
    """Find the newest active reports."""
    query = ReportQuery(circle, severities, NEWEST, folds=True, since_ms=since_ms)
    page = find_active_over_pages(query, pages=MOST_PAGES)
    return Reports(page.entries, page.next_key is not None, next_key=page.next_key)
