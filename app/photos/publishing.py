"""Keep in the public part of the bucket exactly the photos that everyone may see, and end the files of those gone."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

from app.aws import buckets
from app.core import telemetry
from app.core.config import settings
from app.core.errors import Unavailable
from app.photos import keys
from app.photos.shown import host_of
from app.reports.index.consume import Change
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState

CACHE = "public, max-age=60"
QUEUE, PUBLISH = "photo-uploads", "publish"  # the queue of photos, and the member of its messages that name a report
_TRIES = 5


class Job(NamedTuple):
    """A report whose public copies are to be made right, and the photos that it had, whose files end with them."""

    report_id: str
    known: Sequence[Photo] = ()

    def as_message(self) -> dict[str, Any]:
        """Return the message of the queue for it."""
        return {PUBLISH: self.report_id, "known": [photo.members() for photo in self.known]}

    @classmethod
    def read(cls, message: Mapping[str, Any]) -> Self:
        """Return the job of a message. Raises KeyError and what else is no such message."""
        return cls(str(message[PUBLISH]), [Photo.read(members) for members in message["known"]])


def jobs_of(changes: Iterable[Change]) -> Iterator[Job]:
    """Yield what is to be published after changes of reports, and of reports that were merged into them.

    Costs nothing for reports without photos. Raises what the database raises.
    """
    if not settings().photos.bucket:
        return
    for change in changes:
        latest = change.new or change.old
        if latest is None or not _is_seen_otherwise(change):
            continue
        known = [photo for one in (change.old, change.new) if one and one.photos_kept for photo in one.photos]
        if known:
            yield Job(latest.id, known)
        merged = {report_id for one in (change.old, change.new) if one for report_id in one.duplicates}
        if merged and _is_judged_otherwise(change):
            yield from (Job(one.id) for one in Report.find_all(sorted(merged), consistent=True) if one.photos_kept)


def publish(report_id: str, known: Iterable[Photo] = ()) -> None:
    """Make the public copies of one report's photos equal to what everyone may see; end the files of those gone.

    `known`: photos that it had. Decides by what is stored, so it is safe to repeat, and in any order. The row is read
    again after copies were made: who hides a photo meanwhile may have looked before there was a copy. Raises
    BucketFailed, Unavailable and what the database raises.
    """
    report = Report.find(report_id, consistent=True)
    there = report.photos if report else []
    _end_others(report_id, there, known)
    for _ in range(_TRIES):
        public = public_keys(report)
        copied = [_is_public_now(report_id, photo, public) for photo in _ready(report)]
        if not any(copied):
            return
        report = Report.find(report_id, consistent=True)
        if public_keys(report) >= public:
            return
        _end_others(report_id, report.photos if report else [], there)
    raise Unavailable("The report is being changed by many at this moment.", retry_after_s=2)


def public_keys(report: Report | None) -> set[str]:
    """Return the keys of the copies that there are to be of a report's photos, on its page or where it was merged into.

    Both those that everyone sees and, apart, those that everyone sees while photos are held back: changing that setting
    changes for readers at once which of the two they are served, and no copy has to come or go.
    """
    host = host_of(report, consistent=True) if report else None
    if report is None or host is None:
        return set()
    return {
        keys.public_key(photo.name, size, is_held=is_held)
        for is_held in (False, True)
        for photo in report.public_photos(host, is_held=is_held)
        for size in keys.SIZES
    }


def _ready(report: Report | None) -> list[Photo]:
    return [photo for photo in report.photos if photo.state == PhotoState.READY] if report else []


def _is_public_now(report_id: str, photo: Photo, public: Container[str]) -> bool:
    """Make the copies of a photo those that there are to be; return whether any was made."""
    copied = False
    for key, size in _copies(photo.name):
        if key not in public:
            buckets.delete(settings().photos.bucket, key)
            continue
        kept = keys.kept_key(report_id, photo.name, size)
        if not buckets.copy(settings().photos.bucket, kept, key, cache_control=CACHE):
            telemetry.logger().error("photo without pixels", extra={"report": report_id})
        copied = True
    return copied


def _copies(name: str) -> Iterator[tuple[str, str]]:
    """Yield the keys of all copies that a photo may have for everyone, each with its size."""
    for is_held in (False, True):
        for size in keys.SIZES:
            yield keys.public_key(name, size, is_held=is_held), size


def _end_others(report_id: str, there: Iterable[Photo], known: Iterable[Photo]) -> None:
    """Delete the files of photos that a report had, and has no more: first the public ones."""
    bucket, names = settings().photos.bucket, {photo.name for photo in there}
    for photo in {photo.name: photo for photo in known if photo.name not in names}.values():
        withdraw(photo.name)
        for size in keys.SIZES:
            buckets.delete(bucket, keys.kept_key(report_id, photo.name, size))


def withdraw(name: str) -> None:
    """Delete the public copies of a photo; no error if there are none. Raises BucketFailed."""
    for key, _ in _copies(name):
        buckets.delete(settings().photos.bucket, key)


def _is_seen_otherwise(change: Change) -> bool:
    """Return whether a write may have changed which photos there are, or who sees them."""
    photos = [one.photos_kept if one else None for one in change[:2]]
    return photos[0] != photos[1] or _is_judged_otherwise(change)


def _is_judged_otherwise(change: Change) -> bool:
    old, new = (_judged(one) if one else None for one in change[:2])
    return old != new


def _judged(report: Report) -> tuple[Any, ...]:
    return report.status, bool(report.is_disputed), report.decided_at_ms, report.merged_into
