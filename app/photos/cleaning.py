"""Clean what has come through a ticket, and tell the row of its report. Safe to repeat, and to stop anywhere."""

from collections.abc import Callable

from app.aws import buckets
from app.core import clock, telemetry
from app.core.config import settings
from app.photos import changing, keys, separate_process
from app.photos.file_kinds import MOST_BYTES
from app.photos.keys import Upload
from app.photos.present import of_id, present
from app.photos.reasons import Refused
from app.photos.separate_process import PhotoFiles
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState

JPEG = "image/jpeg"
PRIVATE = "private, no-store"
WITHIN_S = separate_process.WITHIN_S


def clean_upload(upload: Upload, *, within_s: float = WITHIN_S) -> None:
    """Make an upload's photo ready, or refused, and delete the upload.

    One that is not awaited changes nothing: it is late, used twice, of a photo that was removed, or of none. Raises
    BucketFailed, NotMade, Unavailable and what the database raises; then a later attempt does it.
    """
    key = keys.upload_key(*upload)
    if not is_awaited(Report.find(upload.report_id, consistent=True), upload.photo_id):
        buckets.delete(settings().photos.bucket, key)
        return
    content = buckets.get(settings().photos.bucket, key, most_bytes=MOST_BYTES + 1)
    if content is None:
        return  # an event that came twice; a later upload has an event of its own
    try:
        made = separate_process.clean(content, within_s=within_s)
    except Refused as error:
        telemetry.logger().info("photo refused", extra={"report": upload.report_id, "reason": error.code})
        _note_refused(upload, error.code)
    else:
        name = Photo(upload.photo_id, PhotoState.READY, 0).name
        put_kept(upload.report_id, name, made)
        if not _note_ready(upload, made):
            delete_kept(upload.report_id, name)
    buckets.delete(settings().photos.bucket, key)


def is_awaited(report: Report | None, photo_id: str) -> bool:
    """Return whether a report has such a photo, and its upload is awaited."""
    photo = of_id(report, photo_id)
    return photo is not None and photo.state == PhotoState.AWAITING


def put_kept(report_id: str, name: str, made: PhotoFiles) -> None:
    """Store clean pixels for those who may see more than others. Raises BucketFailed."""
    for size in keys.SIZES:
        key = keys.kept_key(report_id, name, size)
        buckets.put(settings().photos.bucket, key, made.files[size], media_type=JPEG, cache_control=PRIVATE)


def delete_kept(report_id: str, name: str) -> None:
    """Delete clean pixels; no error if there are none. Raises BucketFailed."""
    for size in keys.SIZES:
        buckets.delete(settings().photos.bucket, keys.kept_key(report_id, name, size))


def _note_ready(upload: Upload, made: PhotoFiles) -> bool:
    """Note that a photo is ready; False if it was removed meanwhile, so that its pixels belong to nothing."""

    def ready(photo: Photo) -> Photo:
        return photo._replace(state=str(PhotoState.READY), at_ms=clock.now_ms(), width=made.width, height=made.height)

    report = changing.change(upload.report_id, _once(upload.photo_id, ready), is_shown=False)
    photo = of_id(report, upload.photo_id)
    return photo is not None and photo.state == PhotoState.READY


def _note_refused(upload: Upload, code: str) -> None:
    def refused(photo: Photo) -> Photo:
        return photo._replace(state=str(PhotoState.REFUSED), at_ms=clock.now_ms(), reason=code)

    changing.change(upload.report_id, _once(upload.photo_id, refused), is_shown=False)


def _once(photo_id: str, alter: Callable[[Photo], Photo]) -> Callable[[Report], list[Photo] | None]:
    """Return what alters a photo while its upload is awaited, and drops those awaited for too long."""

    def altered(report: Report) -> list[Photo] | None:
        if not is_awaited(report, photo_id):
            return None
        return [alter(photo) if photo.id == photo_id else photo for photo in present(report.photos)]

    return altered
