"""Merge reports of the same flood: the target lists what was merged into it, and nothing else is touched.

Votes stay where they were cast, so a merge loses no voice, and undoing it only takes ids out of the list.
"""

from app.core import clock
from app.core.errors import Conflict, Invalid, Mistake
from app.geo.coordinates import distance_km
from app.reports.entry import PUBLIC, Status
from app.reports.models import Report
from app.reports.replace import try_replace, try_touch
from app.review.decided_rows import Change
from app.review.settle import settle

MOST_MERGED = 20
WITHIN_KM = 2.0
WITHIN_MS = 24 * clock.HOUR_MS
LONGEST_CHAIN = 3


def target_of(report: Report, into: str) -> Report:
    """Return the report that another is to be merged into, read consistently; of a merged one its own target.

    Raises Invalid if there is no such report, or none that this one may be merged into.
    """
    target = Report.find(into, consistent=True)
    for _ in range(LONGEST_CHAIN):
        if target is None or target.status != Status.MERGED or not target.merged_into:
            break
        target = Report.find(target.merged_into, consistent=True)
    if target is None or target.status not in PUBLIC or not target.is_active(clock.now_ms()):
        raise _refused("gone", "It names no active report.")
    if target.id == report.id:
        raise _refused("self", "A report cannot be merged into itself.")
    to_lat, to_lon = float(target.lat), float(target.lon)
    if distance_km(lat=float(report.lat), lon=float(report.lon), to_lat=to_lat, to_lon=to_lon) > WITHIN_KM:
        raise _refused("far", "The two reports are more than 2 km apart.")
    if abs(int(report.observed_at_ms) - int(target.observed_at_ms)) > WITHIN_MS:
        raise _refused("time", "The two reports are more than 24 hours apart.")
    return target


def merge(report: Report, target: Report) -> Change:
    """Merge a report into a target, with all that was merged into it. Raises Conflict if these are too many."""
    seen_version = int(target.version)
    joined = list(dict.fromkeys([*target.duplicates, report.id, *report.duplicates]))
    if len(joined) > MOST_MERGED:
        raise Conflict(f"At most {MOST_MERGED} reports can be merged into one.")
    target.duplicates, report.merged_into = joined, target.id
    return Change(target, seen_version, is_touch=True)


def part(report: Report) -> list[Change]:
    """Take a report, and what had been merged into it before, out of its target, and out of the target's own."""
    own, changes, into = {report.id, *report.duplicates}, list[Change](), report.merged_into
    while into and len(changes) < LONGEST_CHAIN and (target := Report.find(into, consistent=True)):
        changes.append(Change(target, int(target.version), is_touch=True))
        target.duplicates = [report_id for report_id in target.duplicates if report_id not in own]
        into = target.merged_into
    return changes


def release_all(report: Report) -> None:
    """Give the reports that were merged into this one back to the public, each to be judged again. Safe to repeat.

    What was said about them meanwhile, through this one, is counted again.
    """
    for one in Report.find_all(report.duplicates, consistent=True):
        if one.status == Status.MERGED and one.merged_into == report.id:
            one.status, one.merged_into, one.verdict = Status.PENDING, None, None
            if try_replace(one):  # if another writer was first, the record of that write comes here too
                settle(one.id)
    target = Report.find(report.id, consistent=True)
    if target is not None and target.duplicates == report.duplicates:
        target.duplicates = []
        try_touch(target, is_shown=True)


def is_apart(report: Report, old: Report | None) -> bool:
    """Return whether a report with others merged into it has gone, or has moved away from them."""
    if not report.duplicates:
        return False
    if report.status not in (*PUBLIC, Status.MERGED):
        return True
    to_lat, to_lon = float(report.lat), float(report.lon)
    return old is not None and (
        distance_km(lat=float(old.lat), lon=float(old.lon), to_lat=to_lat, to_lon=to_lon) > WITHIN_KM
    )


def _refused(code: str, sentence: str) -> Invalid:
    return Invalid([Mistake("/into", code, sentence)])
