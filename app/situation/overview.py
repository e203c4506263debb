"""Read the reports and warnings around a place, or anywhere, for the API and for the pages."""

from typing import Any, NamedTuple

from app.core import clock, dynamodb
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.reports.entry import Entry
from app.reports.index.search import Question, find_over_pages
from app.situation import sources as source_list
from app.warnings import search, source_status
from app.warnings.models import SourceStates
from app.warnings.search import NEWEST_OF_ALL, Found, Met

NEWEST = 50
MOST_PAGES = 8
MOST_WARNINGS = 100
EVERY = Severity.UNKNOWN.at_least()


class Seen(NamedTuple):
    """Newest active reports (newest first), the warnings in force, and the age of each source's last answer."""

    entries: list[Entry]
    has_more: bool  # of reports
    met: list[Met]
    has_more_warnings: bool
    sources: list[dict[str, Any]]
    as_of_ms: int
    undrawn: int  # warnings in force without any outline here, as counted in each source's last answer


def look_around(circle: Circle) -> Seen:
    """Read the newest 50 reports within a circle, and every warning that covers or touches it, nearest first."""
    (entries, has_more), (told, met) = dynamodb.at_once(
        lambda: _newest(circle, EVERY), lambda: dynamodb.at_once(_states, lambda: search.near(circle))
    )
    return _seen(entries, met, told, has_more=has_more, circle=circle)


def warnings_around(circle: Circle, severities: frozenset[str] = EVERY) -> list[Met]:
    """Find every warning in force that covers or touches a circle, nearest first."""
    return [found for found in search.near(circle) if found.warning.severity in severities]


def look_everywhere() -> Seen:
    """Read the newest 50 reports and the newest 100 warnings of the whole world."""
    (entries, has_more), (told, found) = dynamodb.at_once(lambda: _newest(None, EVERY), _newest_warnings)
    seen = _seen(entries, list(found.met), told, has_more=has_more)
    return seen._replace(has_more_warnings=found.following is not None)


def _newest_warnings() -> tuple[dict[str, source_status.State], Found]:
    told = _states()
    return told, warnings_anywhere(told)


def _states() -> dict[str, source_status.State]:
    return SourceStates.read().by_name()


def narrowed(seen: Seen, circle: Circle | None, severities: frozenset[str]) -> Seen:
    """Reduce an answer to some severities. A part that was not read completely is read again."""
    kept = [entry for entry in seen.entries if entry.severity in severities]
    entries, has_more = _newest(circle, severities) if seen.has_more else (kept, False)
    if seen.has_more_warnings:
        found = warnings_anywhere(_states(), severities)
        met, has_more_warnings = list(found.met), found.following is not None
    else:
        met, has_more_warnings = [one for one in seen.met if one.warning.severity in severities], False
    return seen._replace(entries=entries, has_more=has_more, met=met, has_more_warnings=has_more_warnings)


def warnings_anywhere(
    told: dict[str, source_status.State], severities: frozenset[str] = EVERY, *, before: str = NEWEST_OF_ALL
) -> Found:
    """Find the newest 100 warnings in force before a sort key, of all configured or known sources (`told`)."""
    names = tuple(source_status.known(told))
    question = search.Question(names, severities, in_force=True, limit=MOST_WARNINGS, before=before)
    return search.find(question, told)


def _seen(
    entries: list[Entry],
    met: list[Met],
    told: dict[str, source_status.State],
    *,
    has_more: bool,
    circle: Circle | None = None,
) -> Seen:
    sources = source_list.describe(source_status.known(told), told, circle)
    return Seen(entries, has_more, met, False, sources, clock.now_ms(), source_status.undrawn(told))


def _newest(circle: Circle | None, severities: frozenset[str]) -> tuple[list[Entry], bool]:
    """Find the newest active reports, and whether there are more."""
    found = find_over_pages(Question(circle, severities, NEWEST), pages=MOST_PAGES)
    return found.entries, found.following is not None
