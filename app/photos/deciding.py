"""Decide about photos: show, hide, blur, describe, remove. What staff decide is one transaction with its audit row.

Of two responders one wins; the other gets Conflict, and the first decision stays.
"""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from app.accounts import throttle
from app.accounts.auth import Caller
from app.accounts.persons import Person
from app.core import retries, telemetry
from app.core.config import settings
from app.core.errors import Conflict, Forbidden, NotFound, Unavailable
from app.photos import keys
from app.photos.present import of_id, present
from app.photos.shown import mark_of
from app.photos.standing import PhotoRights, rights_of
from app.reports.entry import PUBLIC
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoDecision, PhotoState
from app.reports.replace import try_touch
from app.review import audit, holds
from app.review.audit import AuditRow, By
from app.review.decided_rows import Change, is_stored

TRIES = 6
HOUR_S = 3600
BUSY = "The report is being changed by many at this moment. Try again."
NO_PHOTO = "There is no such photo, or it is not yours."
DECIDED = "Another responder has decided about this photo meanwhile. Look at it again, then decide."
Box = Sequence[float]  # x, y, width, height, as parts of the whole


class Judging(NamedTuple):
    """Change of a photo by staff or its reporter. None leaves a part as it is; `alt` "" removes the description.

    `seen`: the mark (`ShownPhoto.mark`) of what the decision was made upon.
    """

    decision: str | None = None
    blur: Sequence[Box] | None = None
    alt: str | None = None
    seen: str | None = None


class PhotoOfReport(NamedTuple):
    """A photo, the report that has it (perhaps one merged into the report asked for), and the caller's rights."""

    report: Report
    photo: Photo
    rights: PhotoRights


def find(report_id: str, photo_id: str, *, caller: Caller, person: Person | None) -> PhotoOfReport:
    """Return a photo of a report, or of one merged into it, that the caller may change in some way.

    Raises NotFound for others, Forbidden for a responder outside whose areas a public report lies.
    """
    report = Report.find(report_id, consistent=True)
    if report is None:
        raise NotFound(NO_PHOTO)
    owner = _owner(report, photo_id)
    rights = rights_of(owner, caller, person)
    photo = of_id(owner, photo_id)
    if photo is None or not rights.sees_all:
        _refuse(owner, caller, person)
    return PhotoOfReport(owner, photo, rights)


def _owner(report: Report, photo_id: str) -> Report:
    """Return the report that has the photo: one that was merged into this one, or this one."""
    if any(photo.id == photo_id for photo in report.photos) or not report.duplicates:
        return report
    merged = Report.find_all(report.duplicates, consistent=True)
    return next((one for one in merged if any(photo.id == photo_id for photo in one.photos)), report)


def _refuse(report: Report, caller: Caller, person: Person | None) -> NoReturn:
    """Raise Forbidden for a responder outside whose areas a public report lies, else NotFound."""
    is_outside = report.status in PUBLIC and caller.is_responder
    if is_outside and not rights_of(report, caller, person).sees_all:
        raise Forbidden("This report lies outside the areas of your account.")
    raise NotFound(NO_PHOTO)


def decide(
    report_id: str, photo_id: str, judging: Judging, *, caller: Caller, by: By, person: Person | None = None
) -> Report:
    """Store a decision about a photo, or its description; return the report that has it, with the change.

    Only responders of its area show, hide and blur; its reporter may describe it too. Safe to repeat. A photo with
    `blur` is hidden until its new pixels are there. Raises what `find` raises, Forbidden, Unavailable and Conflict:
    another decided first or holds the report, or the photo is not ready. What a reporter says counts as an edit of the
    report: TooMany beyond the limit.
    """
    seen = judging.seen
    for attempt in range(TRIES):
        target = find(report_id, photo_id, caller=caller, person=person)
        _check(target, judging, by)
        judged = _judged(target.photo, judging)
        if judged == target.photo:
            return _ordered(target, judging)
        seen = seen or mark_of(target.photo)
        if seen != mark_of(target.photo):
            raise Conflict(DECIDED)
        if attempt == 0 and not target.rights.is_staff:
            who, limit = caller.account_id or target.report.id, settings().account_edits_per_hour
            throttle.take_if_readable("edit", who, limit=limit, window_s=HOUR_S)
        if _is_put(target, judged, _rows(target, judged, by)):
            return _ordered(target._replace(photo=judged), judging)
        retries.pause(attempt, first_s=0.02)
    raise Unavailable(BUSY, retry_after_s=2)


def describe(
    report_id: str, photo_id: str, alt: str, *, caller: Caller, by: By, person: Person | None = None
) -> Report:
    """Store what can be seen in a photo, in words; "" takes that away. As `decide` otherwise."""
    return decide(report_id, photo_id, Judging(alt=alt), caller=caller, by=by, person=person)


def remove(report_id: str, photo_id: str, *, caller: Caller, by: By, person: Person | None = None) -> None:
    """Remove a photo from its report, whose reporter or responder the caller is; its files follow. Safe to repeat.

    Raises NotFound and Forbidden for a report of others, Conflict while another responder holds it, and Unavailable.
    """
    for attempt in range(TRIES):
        report = Report.find(report_id, consistent=True)
        if report is None:
            raise NotFound(NO_PHOTO)
        owner = _owner(report, photo_id)
        rights = rights_of(owner, caller, person)
        if not rights.sees_all:
            _refuse(owner, caller, person)
        photo = next((one for one in owner.photos if one.id == photo_id), None)
        if photo is None:
            return
        target = PhotoOfReport(owner, photo, rights)
        rows = list[AuditRow]()
        if not rights.is_reporter:
            holds.check_free(owner.id, by.actor)
            rows = [_row(target, "removed", by, before={"decision": photo.decision})]
        if _is_put(target, None, rows):
            return
        retries.pause(attempt, first_s=0.02)
    raise Unavailable(BUSY, retry_after_s=2)


def _check(target: PhotoOfReport, judging: Judging, by: By) -> None:
    """Raise Forbidden or Conflict if this caller may not make this change, or not now."""
    is_judged = judging.decision is not None or judging.blur
    if is_judged and not target.rights.is_staff:
        raise Forbidden("Responders of its area decide about a photo. Its reporter may describe and remove it.")
    if target.rights.is_staff and not target.rights.is_reporter:
        holds.check_free(target.report.id, by.actor)
    if is_judged and target.photo.state != PhotoState.READY:
        raise Conflict("The photo was refused." if target.photo.state == PhotoState.REFUSED else "It has not come yet.")


def _judged(photo: Photo, judging: Judging) -> Photo:
    """Return the photo with the change."""
    if judging.decision is not None:
        photo = photo._replace(decision=str(PhotoDecision(judging.decision)))
    if judging.blur:
        photo = photo._replace(blur=[[round(float(part), 4) for part in box] for box in judging.blur])
    return photo if judging.alt is None else photo._replace(alt=judging.alt or None)


def _rows(target: PhotoOfReport, judged: Photo, by: By) -> list[AuditRow]:
    """Return the audit rows of what staff have changed; what a reporter says about an own photo is no act of staff."""
    before, rows = target.photo, list[AuditRow]()
    if judged.decision != before.decision:
        codes = {"before": {"decision": before.decision}, "after": {"decision": judged.decision}}
        rows.append(_row(target, str(judged.decision), by, **codes))
    if judged.blur != before.blur and judged.blur:
        rows.append(_row(target, "blurred", by, after={"places": len(judged.blur)}))
    if judged.alt != before.alt and not target.rights.is_reporter:
        rows.append(_row(target, "described", by))
    return rows


def _row(
    target: PhotoOfReport,
    act: str,
    by: By,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> AuditRow:
    """Return the row of an act. Codes have no capitals, so the photo's id is written without them."""
    photo = {"photo": target.photo.id.lower()}
    return audit.row(target.report.id, f"photo.{act}", by=by, before=before, after=photo | (after or {}))


def _is_put(target: PhotoOfReport, judged: Photo | None, rows: Sequence[AuditRow]) -> bool:
    """Store a photo as judged, or without it, with the rows; False if another writer was first.

    Lists of changes carry it if everyone sees the photo before or after.
    """
    report, seen_version = target.report, int(target.report.version)
    was_shown = report.photo
    there = [judged if one.id == target.photo.id else one for one in present(report.photos)]
    report.photos = [one for one in there if one is not None]
    if rows:
        report.ratings = report.rated_at_ms = None  # after a decision the confidence may follow at once
        return is_stored([Change(report, seen_version, is_touch=True)], rows)
    return try_touch(report, is_shown=bool(was_shown or report.photo))


def _ordered(target: PhotoOfReport, judging: Judging) -> Report:
    """Order the blurred copy of a photo if places of it are to be blurred. A repeated request orders it again."""
    if not judging.blur:
        return target.report
    from app.aws import buckets  # imported here because few requests need S3

    order = json.dumps({"blur": target.photo.blur}).encode()
    key = keys.order_key(target.report.id, target.photo.name)
    try:
        buckets.put(settings().photos.bucket, key, order, media_type="application/json", cache_control="no-store")
    except buckets.BucketFailed as error:
        telemetry.logger().error("order to blur not stored", extra={"report": target.report.id, "error": str(error)})
        raise Unavailable("The photo is hidden, but not blurred yet. Send it again.", retry_after_s=5) from error
    return target.report
