"""Photos of the demo: drawn here, and sent the way that a resident's photo goes, so that they are cleaned as well."""

from typing import NamedTuple

from app.aws import buckets
from app.cli.demo_pictures import DemoPicture, draw
from app.core import clock
from app.core.config import settings
from app.photos import changing, keys
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoDecision, PhotoState

MEDIA_TYPE = "image/png"


class DemoPhoto(NamedTuple):
    """One photo: the street and its flood area, what it shows, and whether a responder has shown it to everyone."""

    street: str
    picture: DemoPicture
    alt: str
    is_shown: bool


PHOTOS = (
    DemoPhoto(
        "112FWFAVN60C/Pulteney Road",
        DemoPicture(7, 0.35),
        "Drawn for the demonstration: a terrace at dusk, its ground floors in water, a road sign in the middle of it",
        is_shown=True,
    ),
    DemoPhoto(
        "112FWFAVN60A/Broad Quay",
        DemoPicture(23, 0.12),
        "Drawn for the demonstration: a terrace at dusk, shallow water at its doors",
        is_shown=False,
    ),
)


def add(report_id: str, photo: DemoPhoto) -> None:
    """Add a photo to a report that has none; repeat an upload that is still awaited. Nothing where none are taken."""
    bucket = settings().photos.bucket
    if not bucket:
        return
    decision = PhotoDecision.SHOWN if photo.is_shown else None
    new = Photo(keys.new_photo_id(), PhotoState.AWAITING, clock.now_ms(), alt=photo.alt, decision=decision)

    def first(report: Report) -> list[Photo] | None:
        return None if report.photos else [new]

    report = changing.change(report_id, first, is_shown=False)
    for awaited in report.photos if report else ():
        if awaited.state == PhotoState.AWAITING:
            content = draw(photo.picture)
            key = keys.upload_key(report_id, awaited.id)
            buckets.put(bucket, key, content, media_type=MEDIA_TYPE, cache_control="no-store")
