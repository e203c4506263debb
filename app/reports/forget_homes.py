"""Forget where homes are, a page at a time: the sweep behind `Placed.is_home_over`. Safe to repeat and to leave out.

It goes through the days once, oldest first, each as soon as all that was made on it is old enough; a bookmark says how
far it has come. Until it comes by nobody is shown the place any more, only it is still there.
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
    """One page; False when there is none left to be read today."""
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
    """The partition after one that is done; empty when it was the last one whose homes are all over."""
    now_ms = clock.now_ms()
    last = clock.day_of(now_ms - EXACT_PLACE_OF_HOME.ms - AHEAD_MS - clock.DAY_MS)
    return min((lane for lane in _lanes(first=after[:10], last=last) if lane > after), default="")


def _lanes(*, first: str, last: str) -> Iterator[str]:
    for day in Calendar.days_known(first=first, last=last):
        yield from lanes_of(day)


def _forget(ids: list[str]) -> None:
    """What changes meanwhile forgets by that change (`Report.index`)."""
    now_ms = clock.now_ms()
    found = Report.find_all(ids, consistent=True) if ids else []
    left = [row for row in found if row.is_home_over(now_ms) and row.knows_home()]
    acts: list[Callable[[], bool]] = [partial(_forget_one, row) for row in left]
    if acts:
        dynamodb.in_one_round(acts)


def _forget_one(row: Report) -> bool:
    row.forget_home()
    return row.store_forgotten()
