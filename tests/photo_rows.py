"""Reports with photos whose pixels are clean, as the function that cleans leaves them in the row."""

from typing import Any

from app.core import clock
from app.photos import changing, keys
from app.reports.models import Report
from app.reports.photo_column import Photo


def add_photo(report_id: str, **values: Any) -> Photo:
    """A further photo of a report, ready now unless it is said otherwise."""
    wanted = {"state": "ready", "at_ms": clock.now_ms(), "width": 640, "height": 480} | values
    photo = Photo(keys.new_photo_id(), **wanted)
    assert changing.change(report_id, lambda report: [*report.photos, photo])
    return photo


def alter_photo(report_id: str, photo_id: str, **members: Any) -> Photo:
    """Store other members of a photo, as a decision or the functions of photos do; return it."""
    report = changing.change(
        report_id,
        lambda now: [one._replace(**members) if one.id == photo_id else one for one in now.photos],
    )
    assert report is not None
    return next(photo for photo in report.photos if photo.id == photo_id)


def photos_of(report_id: str) -> list[Photo]:
    """The photos in the row of a report."""
    report = Report.find(report_id, consistent=True)
    assert report is not None
    return report.photos
