"""Read the reports and warnings around a place, or anywhere, for the API and for the pages."""

from typing import Any, NamedTuple

from app.core import clock, dynamodb
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.reports.entry import Entry
from app.reports.index.search import ReportQuery, find_active_over_pages
from app.situation import sources as source_list
from app.warnings import search, source_status
from app.warnings.models import SourceStates
from app.warnings.search import NEWEST_OF_ALL, WarningHit, WarningPage

NEWEST = 50
MOST_PAGES = 8
MOST_WARNINGS = 100
EVERY = Severity.UNKNOWN.at_least()


class Overview(NamedTuple):
    """Newest active reports (newest first), the warnings in force, and the age of each source's last answer."""

    entries: list[Entry]
    has_more: bool  # of reports
    hits: list[WarningHit]
    has_more_warnings: bool
    sources: list[dict[str, Any]]
    as_of_ms: int
    without_outline: int  # warnings in force without any outline here, as counted in each source's last answer


def read_around(circle: Circle) -> Overview:
    """Read the newest 50 reports within a circle, and every warning that covers or touches it, nearest first."""
    (entries, has_more), (told, met) = dynamodb.at_once(
        lambda: _newest(circle, EVERY), lambda: dynamodb.at_once(_states, lambda: search.find_near(circle))
    )
    return _overview(entries, met, told, has_more=has_more, circle=circle)


def warnings_around(circle: Circle, severities: frozenset[str] = EVERY) -> list[WarningHit]:
    """Find every warning in force that covers or touches a circle, nearest first."""
    return [found for found in search.find_near(circle) if found.warning.severity in severities]


def read_everywhere() -> Overview:
    """Read the newest 50 reports and the newest 100 warnings of the whole world."""
    (entries, has_more), (told, found) = dynamodb.at_once(lambda: _newest(None, EVERY), _newest_warnings)
    seen = _overview(entries, list(found.hits), told, has_more=has_more)
    return seen._replace(has_more_warnings=found.next_key is not None)


def _newest_warnings() -> tuple[dict[str, source_status.SourceState], WarningPage]:
    told = _states()
    return told, warnings_anywhere(told)


def _states() -> dict[str, source_status.SourceState]:
    return SourceStates.read().by_name()


def narrowed(seen: Overview, circle: Circle | None, severities: frozenset[str]) -> Overview:
    """Reduce an answer to some severities. A part that was not read completely is read again."""
    kept = [entry for entry in seen.entries if entry.severity in severities]
    entries, has_more = _newest(circle, severities) if seen.has_more else (kept, False)
    if seen.has_more_warnings:
        found = warnings_anywhere(_states(), severities)
        met, has_more_warnings = list(found.hits), found.next_key is not None
    else:
        met, has_more_warnings = [one for one in seen.hits if one.warning.severity in severities], False
    return seen._replace(entries=entries, has_more=has_more, hits=met, has_more_warnings=has_more_warnings)


def warnings_anywhere(
    told: dict[str, source_status.SourceState], severities: frozenset[str] = EVERY, *, before: str = NEWEST_OF_ALL
) -> WarningPage:
    """Find the newest 100 warnings in force before a sort key, of all configured or known sources (`told`)."""
    names = tuple(source_status.known_sources(told))
    question = search.WarningQuery(names, severities, in_force=True, limit=MOST_WARNINGS, before_key=before)
    return search.find_page(question, told)


def _overview(
    entries: list[Entry],
    met: list[WarningHit],
    told: dict[str, source_status.SourceState],
    *,
    has_more: bool,
    circle: Circle | None = None,
) -> Overview:
    sources = source_list.describe(source_status.known_sources(told), told, circle)
    return Overview(entries, has_more, met, False, sources, clock.now_ms(), source_status.count_without_outline(told))


def _newest(circle: Circle | None, severities: frozenset[str]) -> tuple[list[Entry], bool]:
    """Find the newest active reports, and whether there are more."""
    found = find_active_over_pages(ReportQuery(circle, severities, NEWEST), pages=MOST_PAGES)
    return found.entries, found.next_key is not None
