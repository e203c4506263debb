"""Repair the bucket of photos each hour: finish interrupted work, and delete files that belong to no photo."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from app.aws import buckets
from app.core import clock, telemetry
from app.core.config import settings
from app.core.errors import Unavailable
from app.photos import keys, publishing
from app.photos.blurring import follow_order
from app.photos.cleaning import clean_upload
from app.photos.keys import Order
from app.photos.present import present
from app.photos.separate_process import NotMade
from app.reports.models import Report
from app.reports.photo_column import PhotoState
from app.reports.replace import try_touch

PAGE = 300  # clean files that one hour compares with their rows; the next hour takes the next ones
WITHIN_S = 10.0


def sweep(goes_on: Callable[[], bool]) -> dict[str, int]:
    """Bring what waits to its end, and delete files that belong to no photo; return how many of each kind.

    `goes_on` returns whether there is time for more. Raises BucketFailed, and what the database raises; the next hour
    does the rest.
    """
    bucket = settings().photos.bucket
    if not bucket:
        return {}
    public, kept = (sorted(buckets.keys(bucket, prefix=prefix)) for prefix in (keys.PUBLIC, keys.KEPT))
    return {
        "waiting": _finish(bucket, goes_on),
        "public": _end_public(bucket, public, kept, goes_on),
        "kept": _compare(bucket, _page_of(kept), set(public), goes_on),
    }


def _finish(bucket: str, goes_on: Callable[[], bool]) -> int:
    """Do again what an event should have done; return how many there were."""
    found = 0
    for key in sorted(buckets.keys(bucket, prefix=keys.UPLOADS) | buckets.keys(bucket, prefix=keys.ORDERS)):
        if not goes_on():
            break
        found += 1
        with _alone():
            finish(bucket, key, within_s=WITHIN_S)
    return found


@contextmanager
def _alone() -> Iterator[None]:
    """Run one photo's work; log a failure, so that no other photo is held up and the next hour tries again."""
    try:
        yield
    except (NotMade, Unavailable) as error:
        telemetry.logger().error("photo not cleaned", extra={"error": type(error).__name__})


def finish(bucket: str, key: str, *, within_s: float) -> None:
    """Do what an object of `uploads/` or `orders/` waits for; delete one whose key says nothing."""
    if upload := keys.read_upload(key):
        clean_upload(upload, within_s=within_s)
    elif order := keys.read_order(key):
        follow_order(order, within_s=within_s)
    else:
        buckets.delete(bucket, key)


def _end_public(bucket: str, public: Sequence[str], kept: Sequence[str], goes_on: Callable[[], bool]) -> int:
    """Delete public copies of what is kept no more; return how many."""
    names = {key.split("/")[2] for key in kept if key.count("/") == 3}
    lost = [key for key in public if _name_in(key) not in names]
    for number, key in enumerate(lost):
        if not goes_on():
            return number
        buckets.delete(bucket, key)
    return len(lost)


def _page_of(kept: Sequence[str]) -> Sequence[str]:
    """Return the files that this hour compares: all of them in turn."""
    pages = max(1, -(-len(kept) // PAGE))
    first = clock.now_ms() // clock.HOUR_MS % pages * PAGE
    return kept[first : first + PAGE]


def _compare(bucket: str, kept: Sequence[str], public: set[str], goes_on: Callable[[], bool]) -> int:
    """Delete kept files without their photo, and make the public copies of the others right; return how many wrong."""
    wrong, by_report = 0, dict[str, list[str]]()
    for key in kept:
        by_report.setdefault(key.split("/")[1], []).append(key)
    for report_id, own in by_report.items():
        if not goes_on():
            break
        report = Report.find(report_id, consistent=True)
        lost = [key for key in own if not _belongs(key, report)]
        for key in lost:
            publishing.withdraw(key.split("/")[2])
            buckets.delete(bucket, key)
        if report is not None and not _is_right(report, [key for key in own if key not in lost], public):
            publishing.publish(report_id)
            wrong += 1
        wrong += len(lost)
        _forget_late(report)
        _blur_what_waits(report)
    return wrong


def _belongs(key: str, report: Report | None) -> bool:
    """Return whether a kept file is, or is about to be, that of a photo of its report."""
    photo_id, _, number = key.split("/")[2].rpartition("-")
    photo = next((one for one in report.photos if one.id == photo_id), None) if report else None
    if photo is None or not number.isdigit():
        return False
    return int(number) == photo.number or (photo.blur is not None and int(number) == photo.number + 1)


def _is_right(report: Report, own: Sequence[str], public: set[str]) -> bool:
    """Return whether the public copies of a report's kept files are as they should be."""
    names = {key.split("/")[2] for key in own}
    wanted = {key for key in publishing.public_keys(report) if _name_in(key) in names}
    return wanted == {key for key in public if _name_in(key) in names}


def _name_in(public_key: str) -> str:
    """Return the name of the photo whose copy for everyone has this key."""
    return public_key.split("/")[-2] if "/" in public_key.removeprefix(keys.PUBLIC) else ""


def _forget_late(report: Report | None) -> None:
    """Drop photos whose upload was awaited for too long, unless another change of the row did it."""
    if report is not None and len(there := present(report.photos)) < len(report.photos):
        report.photos = there
        try_touch(report, is_shown=False)


def _blur_what_waits(report: Report | None) -> None:
    """Blur photos whose order was not stored."""
    if report is None:
        return
    for photo in report.photos:
        if photo.state == PhotoState.READY and photo.blur is not None:
            with _alone():
                follow_order(Order(report.id, photo.id, photo.number), within_s=WITHIN_S)
