"""Photos of a report that are still there, and their bounds: an upload that was awaited for an hour never comes."""

from collections.abc import Sequence

from app.core import clock
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState

AWAITED_MS = clock.HOUR_MS
MOST = 4  # photos of a report that are awaited or ready
MOST_REFUSED = 4  # refused ones that stay, so that their reasons can be read
TYPES = ("image/jpeg", "image/png", "image/webp", "image/heic")
MOST_BYTES = 8 * 1024 * 1024
LONGEST_ALT = 300  # characters
MOST_BOXES = 20  # places of one photo that are blurred at once


def is_there(photo: Photo, now_ms: int) -> bool:
    """Return whether a photo counts: its upload has come, or is awaited for less than an hour."""
    return photo.state != PhotoState.AWAITING or now_ms - photo.at_ms < AWAITED_MS


def present(photos: Sequence[Photo]) -> list[Photo]:
    """Return the photos that are there or still awaited, in order; the others go with the next change."""
    now_ms = clock.now_ms()
    return [photo for photo in photos if is_there(photo, now_ms)]


def of_id(report: Report | None, photo_id: str) -> Photo | None:
    """Return the photo of a report with an id; None if it is not there, or was awaited for too long."""
    return next((photo for photo in present(report.photos) if photo.id == photo_id), None) if report else None
