"""Merge reports of the same flood: the target lists what was merged into it, and nothing else is touched.

Votes stay where they were cast, so a merge loses no voice, and undoing it only takes ids out of the list.
"""

from collections.abc import Sequence

from app.core import clock
from app.core.errors import Conflict, Invalid, Mistake, Unavailable
from app.geo.coordinates import distance_km
from app.reports.entry import PUBLIC, Status
from app.reports.models import Report
from app.reports.replace import try_replace, try_touch
from app.review.decided_rows import Change, restore_reporter
from app.review.rating import rate_decided
from app.review.settle import settle

MOST_MERGED = 20
WITHIN_KM = 2.0
WITHIN_MS = 24 * clock.HOUR_MS
LONGEST_CHAIN = 3
_TRIES = 5


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
    if _is_far(report, target):
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
    report.keep_shown()
    target.duplicates, report.merged_into = joined, target.id
    return Change(target, seen_version, is_touch=True)


def part(report: Report) -> list[Change]:
    """Remove a report, and all that had been merged into it before, from its target and the targets above."""
    own, changes, into = {report.id, *report.duplicates}, list[Change](), report.merged_into
    while into and len(changes) < LONGEST_CHAIN and (target := Report.find(into, consistent=True)):
        changes.append(Change(target, int(target.version), is_touch=True))
        target.duplicates = [report_id for report_id in target.duplicates if report_id not in own]
        into = target.merged_into
    return changes


def may_be_apart(report: Report, old: Report | None) -> bool:
    """Return whether what was merged into a report may lie apart from it now: it has gone, or its place has changed."""
    if not report.duplicates:
        return False
    is_moved = old is not None and (old.lat, old.lon) != (report.lat, report.lon)
    return is_moved or _has_gone(report)


def release_apart(report_id: str) -> None:
    """Make reports public again that were merged into a deleted report, or into one that is too far away now.

    Each is judged again, and votes are counted as they then lie. Decides by what is stored, so it is safe to repeat.
    Raises Unavailable if other writers were faster each time.
    """
    for _ in range(_TRIES):
        target = Report.find(report_id, consistent=True)
        if target is None:
            return
        merged = Report.find_all(target.duplicates, consistent=True)
        apart = [one for one in merged if _is_part_of(one, target) and _is_apart(one, target)]
        if all(_is_released(one) for one in apart) and _is_kept_to(target, merged):
            for one in (target, *apart):
                settle(one.id)
            return
    raise Unavailable("Merged reports are being changed by others at this moment.", retry_after_s=2)


def _is_part_of(report: Report, target: Report) -> bool:
    """Return whether a report still is merged into a target: its reporter may have withdrawn it meanwhile."""
    return report.status == Status.MERGED and bool(report.merged_into == target.id)


def _is_apart(report: Report, target: Report) -> bool:
    return _has_gone(target) or _is_far(report, target)


def _has_gone(target: Report) -> bool:
    return target.status not in (*PUBLIC, Status.MERGED)


def _is_far(report: Report, target: Report) -> bool:
    to_lat, to_lon = float(target.lat), float(target.lon)
    return distance_km(lat=float(report.lat), lon=float(report.lon), to_lat=to_lat, to_lon=to_lon) > WITHIN_KM


def _is_released(report: Report) -> bool:
    report.status, report.merged_into, report.verdict = Status.PENDING, None, None
    restore_reporter(report)
    rate_decided(report)
    return try_replace(report)


def _is_kept_to(target: Report, merged: Sequence[Report]) -> bool:
    """Keep in a target's list the reports that still lead to it, directly or not; none if the target is gone.

    False if another writer was first.
    """
    leads_to = {} if _has_gone(target) else {one.id: one.merged_into for one in merged}
    kept = list[str]()
    for report_id in target.duplicates:
        into = report_id
        for _ in range(LONGEST_CHAIN):
            into = leads_to.get(into) or ""
            if into == target.id:
                kept.append(report_id)
                break
    if kept == target.duplicates:
        return True
    target.duplicates = kept
    return try_touch(target, is_shown=True)


def _refused(code: str, sentence: str) -> Invalid:
    return Invalid([Mistake("/into", code, sentence)])
