"""Photos of a report as a reader may see them, for the API and for pages."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from app.photos import reasons
from app.photos.keys import SIZES
from app.photos.present import present
from app.reports.entry import Status
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState

LONGEST_CHAIN = 3  # of reports that were merged one into another (app/review/merging.py)


class ShownPhoto(NamedTuple):
    """A photo for one reader. `report_id`: the report that it belongs to, perhaps one that was merged into the shown.

    `mark` changes with each decision about it: sent back with a decision, it says what that was made upon.
    """

    id: str
    report_id: str
    name: str
    state: str
    reason: str | None  # why it was refused, as a sentence of the source language
    width: int | None
    height: int | None
    alt: str | None
    decision: str | None
    is_public: bool
    is_blurring: bool  # places of it are to be blurred, and are not yet
    mark: str
    urls: Mapping[str, str]  # paths by size; empty before it is ready


def shown_photos(
    report: Report,
    merged: Sequence[Report] = (),
    *,
    sees_all: bool,
    is_staff: bool = False,
    host: Report | None = None,
) -> list[ShownPhoto]:
    """Return the photos of a report, and of those merged into it, in the order of their tickets.

    `sees_all`: for its reporter and for responders, also those that not everyone may see. `is_staff`: for a responder,
    who sees all of the merged ones too; their reporters are others. `host`: the report that shows them, if this one
    was merged into it.
    """
    host = host or report
    shown = _of(report, host, sees_all=sees_all)
    for one in sorted(merged, key=lambda one: str(one.sort)):
        shown += _of(one, host, sees_all=is_staff)
    return shown


def photos_of_reporter(report: Report) -> list[ShownPhoto]:
    """Return all photos of a report for its reporter. Those of a merged one may be seen on its target."""
    return _of(report, host_of(report) or report, sees_all=True)


def host_of(report: Report, *, consistent: bool = False) -> Report | None:
    """Return the report that shows the photos of this one: itself, unless it was merged. None if that has gone.

    Costs nothing for one that was not merged, else one read for each report that it leads on to.
    """
    host: Report | None = report
    for _ in range(LONGEST_CHAIN):
        if host is None or host.status != Status.MERGED or not host.merged_into:
            break
        host = Report.find(host.merged_into, consistent=consistent)
    return host


def merged_with_photos(report: Report) -> list[Report]:
    """Return the reports that were merged into one and have photos. One batch, none for a report without merged."""
    return [one for one in Report.find_all(report.duplicates) if one.photos_kept] if report.duplicates else []


def mark_of(photo: Photo) -> str:
    """Return a value that differs after each decision about a photo and each change of its pixels."""
    return f"{photo.number}-{photo.decision or 'waiting'}{'-blurring' if photo.blur is not None else ''}"


def public_path(name: str, size: str) -> str:
    """Return the path at which everyone may see a photo."""
    return f"/photos/{name}/{size}.jpg"


def private_path(name: str, size: str, *, report_id: str) -> str:
    """Return the path at which those who may see more than others see a photo."""
    return f"/v1/reports/{report_id}/photos/{name}/{size}.jpg"


def _of(report: Report, host: Report, *, sees_all: bool) -> list[ShownPhoto]:
    public = {photo.id for photo in report.public_photos(host)}
    photos = present(report.photos) if sees_all else report.public_photos(host)
    return [_shown(photo, str(report.id), is_public=photo.id in public) for photo in photos]


def _shown(photo: Photo, report_id: str, *, is_public: bool) -> ShownPhoto:
    path = public_path if is_public else partial(private_path, report_id=report_id)
    is_refused, is_ready = photo.state == PhotoState.REFUSED, photo.state == PhotoState.READY
    return ShownPhoto(
        id=photo.id,
        report_id=report_id,
        name=photo.name,
        state=photo.state,
        reason=reasons.sentence(photo.reason) if is_refused else None,
        width=photo.width,
        height=photo.height,
        alt=photo.alt,
        decision=photo.decision,
        is_public=is_public,
        is_blurring=photo.blur is not None,
        mark=mark_of(photo),
        urls={size: path(photo.name, size) for size in SIZES} if is_ready else {},
    )
