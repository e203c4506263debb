"""Describe one official area: its warnings, the reports inside its outline and their number a day."""

from typing import TYPE_CHECKING, NamedTuple

from app.core import clock, dynamodb
from app.core.severity import EVERY
from app.geo.box_circle import Circle
from app.reports.connections import first_folded
from app.reports.entry import PUBLIC, Entry
from app.reports.index import history
from app.reports.index.history import PeriodQuery
from app.reports.index.merge import Budget
from app.reports.index.search import ReportQuery, find_active
from app.warnings import last_good
from app.warnings.area_models import Area
from app.warnings.search import WarningHit, WarningQuery

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon

# Search radius around the area's centre. The issuer may have placed the centre beside the outline.
AROUND_KM = 5.0
MOST_WARNINGS = 50
NEWEST = 20
MOST_OF_A_WEEK = 500
DAYS = 7
WEEK_UNITS = 100.0


class DayCount(NamedTuple):
    """Number of reports of one UTC day; a lower bound where not all could be counted."""

    day: str
    at: int
    number: int


class AreaReports(NamedTuple):
    """Newest active reports of an area and its last days, oldest first; no days if there were too many to count."""

    newest: list[Entry]
    has_more: bool
    days: list[DayCount]


NO_REPORTS = AreaReports([], False, [])


def warnings_of(area: Area) -> tuple[list[WarningHit], list[WarningHit]]:
    """Find the warnings that name this area: those in force, and those that ended within the last day."""
    around = None if area.lat is None else Circle(float(area.lat), float(area.lon), AROUND_KM)
    query = WarningQuery((area.source,), EVERY, search_area=around, limit=MOST_WARNINGS)
    now_ms = clock.now_ms()
    # No distances: every warning listed is for this very area.
    found_hits = last_good.find_page(query, {}).hits
    hits = [WarningHit(hit.warning, None) for hit in found_hits if area.id in hit.warning.codes]
    hits_in_force = [hit for hit in hits if hit.warning.mark().is_in_force(now_ms)]
    return hits_in_force, [hit for hit in hits if hit not in hits_in_force]


def reports_of(outline: "MultiPolygon | None") -> AreaReports:
    """Find the reports whose public place is inside an outline; an empty answer without an outline."""
    if outline is None:
        return NO_REPORTS
    from app.geo.polygon import contains  # imported here because few requests have an outline

    def is_inside(entry: Entry) -> bool:
        return not entry.is_coarse and contains(outline, lat=entry.lat, lon=entry.lon)

    query = ReportQuery(outline.box, EVERY, MOST_WARNINGS * 2, folds=True)
    page, days = dynamodb.at_once(lambda: find_active(query), lambda: _days(outline))
    inside = [entry for entry in page.entries if is_inside(entry)]
    newest, _ = first_folded(inside, NEWEST)
    return AreaReports(newest, len(inside) > len(newest) or page.next_key is not None, days)


def _days(outline: "MultiPolygon") -> list[DayCount]:
    from app.geo.polygon import contains  # as above

    now_ms = clock.now_ms()
    since = clock.midnight_before(now_ms) - (DAYS - 1) * clock.DAY_MS
    period = PeriodQuery(outline.box, EVERY, PUBLIC, since_ms=since, until_ms=None, limit=MOST_OF_A_WEEK)
    page = history.find_period(period, Budget(units=WEEK_UNITS, rounds=DAYS * 4))
    if page.next_key is not None:  # half a week would look like the beginning of a flood
        return []
    counts = dict.fromkeys(reversed(clock.days_between(since, now_ms)), 0)
    for entry in page.entries:
        if not entry.is_coarse and contains(outline, lat=entry.lat, lon=entry.lon):
            day = clock.day_of(entry.created_at_ms)
            counts[day] = counts.get(day, 0) + 1
    return [DayCount(day, clock.midnight_of(day), number) for day, number in counts.items()]
