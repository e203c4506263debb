"""What is known of one official area: its warnings, the reports inside its outline, how many there were each day."""

from typing import TYPE_CHECKING, NamedTuple

from app.core import clock
from app.geo.box_circle import Circle
from app.reports.entry import PUBLIC, Entry
from app.reports.index import history
from app.reports.index.history import Period
from app.reports.index.search import Question as ReportQuestion
from app.reports.index.search import find_active
from app.situation.overview import EVERY
from app.warnings import search
from app.warnings.area_models import Area
from app.warnings.search import Met, Question

if TYPE_CHECKING:
    from app.geo.polygon import Shape

# Around the area's centre, which its issuer may have put beside its outline.
AROUND_KM = 5.0
MOST_WARNINGS = 50
NEWEST = 20
MOST_OF_A_WEEK = 500
DAYS = 7


class Day(NamedTuple):
    """How many reports of a day; at least so many where not all could be counted."""

    day: str
    at: int
    number: int


class Reports(NamedTuple):
    """The newest active reports of an area, and the last days, the oldest first; none where that was too much."""

    newest: list[Entry]
    has_more: bool
    days: list[Day]


def warnings_of(area: Area) -> tuple[list[Met], list[Met]]:
    """The warnings that name this area: those in force, and those that ended within the last day."""
    around = None if area.lat is None else Circle(float(area.lat), float(area.lon), AROUND_KM)
    question = Question((area.source,), EVERY, shape=around, limit=MOST_WARNINGS)
    now_ms = clock.now_ms()
    # Without their distances: all of them are here.
    met = [Met(found.warning, None) for found in search.find(question).met if area.id in found.warning.codes]
    held = [found for found in met if found.warning.mark().is_in_force(now_ms)]
    return held, [found for found in met if found not in held]


def reports_of(outline: "Shape | None") -> Reports:
    """The reports whose public place is inside an outline; none without one."""
    if outline is None:
        return Reports([], False, [])
    from app.geo.polygon import contains  # here, as outlines are looked at where there is one

    def is_inside(entry: Entry) -> bool:
        return not entry.is_coarse and contains(outline, lat=entry.lat, lon=entry.lon)

    found = find_active(ReportQuestion(outline.box, EVERY, MOST_WARNINGS * 2))
    inside = [entry for entry in found.entries if is_inside(entry)]
    has_more = len(inside) > NEWEST or found.following is not None
    return Reports(inside[:NEWEST], has_more, _days(outline))


def _days(outline: "Shape") -> list[Day]:
    from app.geo.polygon import contains  # as above

    now_ms = clock.now_ms()
    since = clock.day_start(now_ms) - (DAYS - 1) * clock.DAY_MS
    period = Period(outline.box, EVERY, PUBLIC, since=since, until=None, limit=MOST_OF_A_WEEK)
    found = history.find_period(period)
    if found.following is not None:  # half a week would look like a flood that has only begun
        return []
    counts = dict.fromkeys(reversed(clock.days_between(since, now_ms)), 0)
    for entry in found.entries:
        if not entry.is_coarse and contains(outline, lat=entry.lat, lon=entry.lon):
            day = clock.day_of(entry.created)
            counts[day] = counts.get(day, 0) + 1
    return [Day(day, clock.start_of_day(day), number) for day, number in counts.items()]
