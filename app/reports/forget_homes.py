"""Forget the exact places of homes, a page at a time, after `Placed.is_home_over`. Safe to repeat or leave out.

The sweep reads the days once, oldest first, each as soon as all its reports are old enough; a bookmark keeps its
position. A place that it has not reached yet is still stored, but shown to no one.
"""

from collections.abc import Callable, Iterator
from functools import partial

from app.core import clock, dynamodb
from app.core.retention import EXACT_PLACE_OF_HOME
from app.reports.calendar_models import Calendar
from app.reports.entry import NEWER_THAN_ALL
from app.reports.index.keys import day_shards
from app.reports.models import Bookmark, Report
from app.reports.observation import AHEAD_MS

BOOKMARK = "bookmark:homes"
PAGE = 100


def forget_some() -> bool:
    """Process one page; False if none is left for today."""
    bookmark = Bookmark.find_readable(BOOKMARK) or Bookmark(BOOKMARK, shard="", before="")
    shard, before = (
        (bookmark.shard, bookmark.before) if bookmark.before else (_next_shard(bookmark.shard), NEWER_THAN_ALL)
    )
    if not shard:
        return False
    page = Report.newest_in_shard(shard, before=before, limit=PAGE)
    _forget([entry.id for entry in page.entries if entry.visibility != "public" or entry.connection])
    bookmark.shard, bookmark.before = shard, page.last_key
    bookmark.save()
    return True


def _next_shard(after: str) -> str:
    """Return the partition after a finished one; empty after the last one whose homes are all due."""
    now_ms = clock.now_ms()
    last = clock.day_of(now_ms - EXACT_PLACE_OF_HOME.ms - AHEAD_MS - clock.DAY_MS)
    return min((shard for shard in _shards(first=after[:10], last=last) if shard > after), default="")


def _shards(*, first: str, last: str) -> Iterator[str]:
    for day in Calendar.days_known(first=first, last=last):
        yield from day_shards(day)


def _forget(ids: list[str]) -> None:
    """Forget the homes of these reports. A report that changes meanwhile forgets in that write (`Report.index`)."""
    now_ms = clock.now_ms()
    reports = Report.find_all(ids, consistent=True) if ids else []
    due = [row for row in reports if row.connection or row.is_home_over(now_ms) and row.knows_home()]
    actions: list[Callable[[], bool]] = [partial(_forget_one, row) for row in due]
    if actions:
        dynamodb.in_one_round(actions)


def _forget_one(row: Report) -> bool:
    if row.is_home_over(clock.now_ms()):
        row.forget_home()
    return row.store_forgotten()
