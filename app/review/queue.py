"""Keep a row in the responders' queue for each report that waits, rewritten at each change of the report.

The row's key follows from the report, so that the stream's record of a change names the keys that the row may have had
and the one that it gets. Safe to repeat, in any order and beside other runs: after writing, the report is read once
more, and if it has changed meanwhile its row is made from what is stored now.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import partial

from app.core import clock, dynamodb
from app.core.errors import Unavailable
from app.reports.entry import Condition, Entry, Status
from app.reports.index.consume import Change
from app.reports.models import Report
from app.review.queue_models import Content, Flagged, QueueRow
from app.review.surroundings import MOST_COUNTED, Nearby, Surroundings
from app.review.tally import count_flags
from app.review.urgency import (
    Key,
    count_photos,
    key_of,
    keys_of,
    may_wait,
    reasons_of,
    state_of,
    state_shard_of,
    undecided_photos,
    waits,
)
from app.review.vote_models import VoteRow
from app.warnings.covering import find_covering, find_covering_if_readable

TRIES = 4


def renew(changes: Sequence[Change]) -> None:
    """Bring changes of reports to the queue: their own rows, and what those of their neighbours say of them."""
    latest = {one.id: change.new for change in changes for one in (change.old, change.new) if one is not None}
    former = _keys(changes)
    moved = _moved(changes)
    waiting = [report for report in latest.values() if report is not None and waits(report, clock.now_ms())]
    if not former and not moved:
        return
    shown = {report_id: report.entry() if report else None for report_id, report in latest.items()}
    around = Surroundings([*moved, *(report.entry() for report in waiting)], shown)
    _write_all({report_id: latest[report_id] for report_id in former}, former, around)
    _renew_neighbours(moved, around, without=latest.keys())


def put_right(reports: Sequence[Report]) -> int:
    """Repair the queue: write missing and outdated rows of waiting reports, also after warnings begin or end.

    Returns their number. Raises if the warnings cannot be read: without them nothing is known to be wrong.
    """
    now_ms = clock.now_ms()
    waiting = {report.id: report for report in reports if waits(report, now_ms)}
    over = find_covering([report.entry().spot for report in waiting.values()]) if waiting else []
    former = {report_id: {*keys_of(report)} for report_id, report in waiting.items()}
    rows = QueueRow.find_all(key for keys in former.values() for key in keys)
    wrong = [
        report
        for report, above in zip(waiting.values(), over, strict=True)
        if not _is_right(report, rows, is_warned=bool(above.certain))
    ]
    if wrong:
        _write_all({report.id: report for report in wrong}, former, Surroundings([one.entry() for one in wrong], {}))
    return len(wrong)


def _is_right(report: Report, rows: Mapping[Key, QueueRow], *, is_warned: bool) -> bool:
    """Return whether a report has a row at its key, and none at the other one, which shows it as it is or later."""
    own = key_of(report, is_warned=is_warned)
    row = rows.get(own)
    is_shown = row is not None and row.version is not None and int(row.version) >= int(report.version)
    return is_shown and not any(key in rows for key in keys_of(report) if key != own)


def _keys(changes: Iterable[Change]) -> dict[str, set[Key]]:
    """Return the keys that the rows of the changed reports had or get, by report, of those that have a row at all."""
    keys: dict[str, set[Key]] = defaultdict(set)
    for change in changes:
        images = [image for image in (change.old, change.new) if image is not None]
        # Which photos wait also follows from a setting, which may have been another one when the row was written.
        has_photos = len({image.photos_kept for image in images}) > 1 and any(map(undecided_photos, images))
        for image in images:
            if has_photos or may_wait(image):
                keys[image.id].update(keys_of(image))
    return dict(keys)


def _moved(changes: Iterable[Change]) -> list[Entry]:
    """Return the places and times at which a report has come, or which it has left: there it is a neighbour."""
    found = list[Entry]()
    for change in changes:
        # A report is in a cell from when it is filed until its end is noted.
        there = [image.entry() if image is not None and image.cell else None for image in (change.old, change.new)]
        if _place(there[0]) != _place(there[1]):
            found += [entry for entry in there if entry is not None]
    return found


def _place(entry: Entry | None) -> tuple[float, float, int] | None:
    return None if entry is None else (float(entry.lat), float(entry.lon), int(entry.observed_at_ms))


def _write_all(reports: Mapping[str, Report | None], former: dict[str, set[Key]], around: Surroundings) -> None:
    """Write the rows of reports, and once more of those that have changed meanwhile. Raises Unavailable after some."""
    left = dict(reports)
    for _ in range(TRIES):
        warned = _warned(report for report in left.values() if report is not None)
        for some in dynamodb.some_at_once(list(left)):
            dynamodb.in_one_round(
                [
                    partial(_write, left[report_id], former[report_id], around, is_warned=report_id in warned)
                    for report_id in some
                ]
            )
        written = {report_id: int(report.version) for report_id, report in left.items() if report is not None}
        stored = {report.id: report for report in Report.find_all(written, consistent=True)} if written else {}
        left = {report_id: stored.get(report_id) for report_id, version in written.items()
                if report_id not in stored or int(stored[report_id].version) != version}  # fmt: skip
        for report_id, report in left.items():
            former[report_id].update(keys_of(report) if report is not None else ())
        if not left:
            return
    raise Unavailable("Reports change faster than their rows in the queue can be written.")


def _warned(reports: Iterable[Report]) -> set[str]:
    """Return the ids of the waiting reports over which an official warning is in force, as far as it can be read."""
    now_ms = clock.now_ms()
    waiting = [report for report in reports if waits(report, now_ms)]
    over = find_covering_if_readable([report.entry().spot for report in waiting]) if waiting else []
    return {report.id for report, above in zip(waiting, over, strict=True) if above and above.certain}


def _write(report: Report | None, keys: Iterable[Key], around: Surroundings, *, is_warned: bool) -> None:
    """Write a report's row, or none if it does not wait; remove what lies at its other keys."""
    is_waiting = report is not None and waits(report, clock.now_ms())
    own = key_of(report, is_warned=is_warned) if report is not None and is_waiting else None
    holds = [QueueRow.take_out(key) for key in keys if key != own]
    if report is None or own is None:
        return
    content = content_of(report, around.of(report.entry()), is_warned=is_warned)
    hold = next((hold for hold in holds if hold), None)
    QueueRow(*own).store(content, state_shard_of(own, state_of(report)), hold)


def content_of(report: Report, near: Nearby, *, is_warned: bool) -> Content:
    """Return what the row of a report shows, with what is near it."""
    entry = report.entry()._replace(title=report.title, others=None)  # responders also read what flags have hidden
    exact = report.exact_place()
    is_apart = (float(exact["lat"]), float(exact["lon"])) != (float(report.lat), float(report.lon))
    return Content(
        entry=entry,
        place=(float(exact["lat"]), float(exact["lon"])) if is_apart else None,
        state=str(state_of(report)),
        reasons=reasons_of(report, is_warned=is_warned),
        neighbours=near.summary(),
        similar=near.similar,
        flags=_flags(report),
        version=int(report.version),
        photos=count_photos(report),
    )


def _flags(report: Report) -> Flagged:
    """Return the flags since the last decision. Only a report that has any costs a query."""
    if not report.flags_waiting:
        return Flagged(0, {})
    flags = count_flags(report, VoteRow.about(report.id), clock.now_ms())
    return Flagged(flags.number, flags.reasons)


def _renew_neighbours(moved: Sequence[Entry], around: Surroundings, *, without: Iterable[str]) -> None:
    """Write the rows of waiting neighbours again whose number of neighbours may have changed."""
    changed: Counter[str] = Counter()
    near: dict[str, Entry] = {}
    for entry in moved:
        neighbours = around.of(entry).entries
        changed.update(neighbour.id for neighbour in neighbours)
        near |= {neighbour.id: neighbour for neighbour in neighbours}
    known = set(without)
    ids = [
        report_id
        for report_id, entry in near.items()
        if report_id not in known
        and _may_have_row(entry)
        and len(around.of(entry).entries) - changed[report_id] < MOST_COUNTED
    ]
    reports = Report.find_all(ids) if ids else []
    for some in dynamodb.some_at_once([report.id for report in reports if waits(report, clock.now_ms())]):
        by_id = {report.id: report for report in reports}
        dynamodb.in_one_round([partial(_renew_neighbour, by_id[report_id], around) for report_id in some])


def _may_have_row(entry: Entry) -> bool:
    """Return whether a report may wait, by its short form; of verified ones with flags or photos it cannot be seen."""
    return entry.status == Status.PENDING or entry.condition == Condition.MAY_BE_OVER


def _renew_neighbour(report: Report, around: Surroundings) -> None:
    """Rewrite the neighbours in a report's row, unless the row shows another version, which has written its own."""
    near = around.of(report.entry())
    for is_warned in (False, True):
        content = content_of(report, near, is_warned=is_warned)
        if QueueRow(*key_of(report, is_warned=is_warned)).store_shown(content):
            return
