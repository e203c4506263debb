"""Forget the exact places of homes, a page at a time, after `Placed.is_home_over`. Safe to repeat or leave out.

The sweep reads the days once, oldest first, each as soon as all its reports are old enough; a bookmark keeps its
position. A place that it has not reached yet is still stored, but shown to no one.
"""

from collections.abc import Callable, Iterator
from functools import partial

from app.core import clock, dynamodb
from app.core.retention import EXACT_PLACE_OF_HOME
from app.reports.entry import NEWER_THAN_ALL
from app.reports.index.keys import lanes_of
from app.reports.models import Bookmark, Calendar, Report
from app.reports.observation import AHEAD_MS

BOOKMARK = "bookmark:homes"
PAGE = 100


def forget_some() -> bool:
    """Process one page; False if none is left for today."""
    mark = Bookmark.find_readable(BOOKMARK) or Bookmark(BOOKMARK, lane="", before="")
    lane, before = (mark.lane, mark.before) if mark.before else (_next_lane(mark.lane), NEWER_THAN_ALL)
    if not lane:
        return False
    page = Report.newest_in_lane(lane, before=before, limit=PAGE)
    _forget([entry.id for entry in page.entries if entry.place != "public"])
    mark.lane, mark.before = lane, page.last
    mark.save()
    return True


def _next_lane(after: str) -> str:
    """Return the partition after a finished one; empty after the last one whose homes are all due."""
    now_ms = clock.now_ms()
    last = clock.day_of(now_ms - EXACT_PLACE_OF_HOME.ms - AHEAD_MS - clock.DAY_MS)
    return min((lane for lane in _lanes(first=after[:10], last=last) if lane > after), default="")


def _lanes(*, first: str, last: str) -> Iterator[str]:
    for day in Calendar.days_known(first=first, last=last):
        yield from lanes_of(day)


def _forget(ids: list[str]) -> None:
    """Forget the homes of these reports. A report that changes meanwhile forgets in that write (`Report.index`)."""
    now_ms = clock.now_ms()
    found = Report.find_all(ids, consistent=True) if ids else []
    left = [row for row in found if row.is_home_over(now_ms) and row.knows_home()]
    acts: list[Callable[[], bool]] = [partial(_forget_one, row) for row in left]
    if acts:
        dynamodb.in_one_round(acts)


def _forget_one(row: Report) -> bool:
    row.forget_home()
    return row.store_forgotten()
