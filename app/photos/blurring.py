"""Make new pixels of a photo with places blurred, and end the former ones. Safe to repeat, and to stop anywhere."""

from app.aws import buckets
from app.core import clock, telemetry
from app.core.config import settings
from app.core.errors import Unavailable
from app.photos import changing, keys, reasons, separate_process
from app.photos.cleaning import WITHIN_S, delete_kept, put_kept
from app.photos.keys import Order
from app.photos.present import of_id, present
from app.photos.reasons import Refused
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState


def follow_order(order: Order, *, within_s: float = WITHIN_S) -> None:
    """Blur the places that a report's row names for a photo, and delete the order.

    The row says what is to be done; an order for a photo of which nothing is to be blurred changes nothing. Raises
    BucketFailed, NotMade, Unavailable and what the database raises; then a later attempt does it.
    """
    photo = of_id(Report.find(order.report_id, consistent=True), order.photo_id)
    if photo is not None and photo.state == PhotoState.READY and photo.blur is not None:
        _blur(order.report_id, photo, within_s)
    buckets.delete(settings().photos.bucket, keys.order_key(order.report_id, f"{order.photo_id}-{order.number}"))


def _blur(report_id: str, photo: Photo, within_s: float) -> None:
    """Store the pixels of the next number, then have the row name them, then delete the former."""
    assert photo.blur is not None
    content = buckets.get(settings().photos.bucket, keys.kept_key(report_id, photo.name, "large"))
    try:
        if content is None:
            raise Refused(reasons.LOST)
        made = separate_process.blur(content, photo.blur, within_s=within_s)
    except Refused as error:
        telemetry.logger().error("photo cannot be blurred", extra={"report": report_id, "reason": error.code})
        now_ms, refused = clock.now_ms(), str(PhotoState.REFUSED)
        _replace(report_id, photo, photo._replace(state=refused, reason=error.code, at_ms=now_ms, blur=None))
        return
    after = photo._replace(number=photo.number + 1, width=made.width, height=made.height, blur=None)
    put_kept(report_id, after.name, made)
    if _replace(report_id, photo, after):
        delete_kept(report_id, photo.name)
    else:
        delete_kept(report_id, after.name)


def _replace(report_id: str, photo: Photo, after: Photo) -> bool:
    """Put a photo in the place of what it was; False if it was removed. What was said about it meanwhile stays.

    Raises Unavailable if other places are to be blurred now, so that they are the next attempt's.
    """

    def altered(report: Report) -> list[Photo] | None:
        now = of_id(report, photo.id)
        if now is None or now.number != photo.number:
            return None
        if now.blur != photo.blur:
            raise Unavailable("Other places are to be blurred now.")
        told = after._replace(decision=now.decision, alt=now.alt, others=now.others)
        return [told if one.id == photo.id else one for one in present(report.photos)]

    now = of_id(changing.change(report_id, altered, is_shown=True), photo.id)
    return now is not None and now.number == after.number
