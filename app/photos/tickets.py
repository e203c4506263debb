"""Tickets for uploads: a form, bound to one key, type and size, that puts one file into the bucket."""

import hashlib
import hmac
from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.accounts import auth, network_limits
from app.accounts.auth import Caller
from app.accounts.persons import Person, person_of
from app.core import clock
from app.core.config import settings
from app.core.errors import Conflict, NotFound, Unauthenticated
from app.core.signing_keys import keys as signing_keys
from app.photos import changing, keys
from app.photos.present import MOST, MOST_BYTES, MOST_REFUSED, present
from app.photos.standing import PhotoRights, rights_of
from app.reports.entry import PUBLIC
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState
from app.review import audit
from app.review.audit import AuditRow, By

HOUR_S = 3600
NOT_THERE = "There is no such report, or it is not yours."
NO_PHOTOS = "No photos are taken here."
_LETTERS = 20


class HasCome(Conflict):
    """The photo of a key has come already: nothing of it is to be sent again."""

    def __init__(self, photo_id: str) -> None:
        super().__init__(f"The photo of this Idempotency-Key has come already: {photo_id}.")
        self.photo_id = photo_id


class UploadRequest(NamedTuple):
    """A photo to be sent: `media_type` is one of `present.TYPES`; `key` is what the sender made once for it, or ""."""

    media_type: str
    alt: str | None = None
    key: str = ""


class Ticket(NamedTuple):
    """A form for one upload: `fields` in their order, then the file in the field `file`, sent as a POST to `url`."""

    photo: Photo
    url: str
    fields: Mapping[str, str]
    expires_at_ms: int


def begin(
    report_id: str,
    caller: Caller,
    upload: UploadRequest,
    *,
    redirect: Callable[[str], str] | None = None,
    person: Person | None = None,
    by: By | None = None,
) -> Ticket:
    """Add an awaited photo to a report; return the form for its upload, valid for five minutes.

    The form takes 1 to MOST_BYTES bytes. `redirect`: returns the address to which the browser goes after the upload of
    the photo with this id. `person`: the sender of the request, which pages know by a cookie. `by`: a responder, whose
    photo of another's report is on record. Asked for again under its key, an awaited photo gets a new form, and no
    second one is added. Raises HasCome once that photo has come; NotFound
    for a report that is not the caller's to add to, or where no photos are taken; Conflict for one that is not public
    any more, or has four photos; TooMany beyond the limits of a person or network.
    """
    person = person or person_of(caller)
    if not settings().photos.bucket:
        raise NotFound(NO_PHOTOS)
    if person is None:
        raise Unauthenticated(auth.NOBODY)
    report = Report.find(report_id, consistent=True)
    photo = Photo(keys.new_photo_id(), PhotoState.AWAITING, clock.now_ms(), alt=upload.alt or None)
    photo = photo._replace(key_hash=key_hash(report_id, upload.key) if upload.key else None)
    rights = _checked(report, caller, person, photo)
    photo = photo._replace(is_by_staff=not rights.is_reporter)
    _take(person)
    rows_of = (lambda now: _rows(now, photo, by)) if photo.is_by_staff and by else None
    stored = changing.change(report_id, lambda now: _with(now, photo, caller, person), is_shown=False, rows_of=rows_of)
    if stored is None:
        raise NotFound(NOT_THERE)
    photo = _of_key(stored, photo) or photo
    return _ticket(report_id, photo, media_type=upload.media_type, redirect=redirect(photo.id) if redirect else "")


def _rows(report: Report, photo: Photo, by: By) -> list[AuditRow]:
    """Return the row of a photo that a responder adds to another's report; none where only its form is a new one."""
    if _of_key(report, photo):
        return []
    # Codes have no capitals, so the photo's id is written without them.
    return [audit.row(report.id, "photo.added", by=by, after={"photo": photo.id.lower()})]


def key_hash(report_id: str, key: str) -> str:
    """Return what is stored of a key that a sender made for one photo."""
    text = f"photo:{report_id}:{key}"
    return hmac.new(signing_keys().id_key.encode(), text.encode(), hashlib.sha256).hexdigest()[:_LETTERS]


def _of_key(report: Report, photo: Photo) -> Photo | None:
    """Return the photo of a report that was added under the key of this one; None without one."""
    if photo.key_hash is None:
        return None
    return next((one for one in present(report.photos) if one.key_hash == photo.key_hash), None)


def _checked(report: Report | None, caller: Caller, person: Person, photo: Photo) -> PhotoRights:
    """Return the caller's rights, if the report can take this photo. Raises problems if not."""
    rights = rights_of(report, caller, person) if report else PhotoRights(is_reporter=False, is_staff=False)
    if report is None or not rights.sees_all:
        raise NotFound(NOT_THERE)
    if report.status not in PUBLIC:
        raise Conflict(f"The report is {report.status}: no photo can be added.")
    known = _of_key(report, photo)
    if known and known.state != PhotoState.AWAITING:
        raise HasCome(known.id)
    if not known and sum(one.state != PhotoState.REFUSED for one in present(report.photos)) >= MOST:
        raise Conflict(f"The report has {MOST} photos already. Remove one first.")
    return rights


def _take(person: Person) -> None:
    """Count an upload that begins. Raises TooMany beyond the limit of its person or, without an account, network."""
    chosen = settings().photos
    limits = {"own": chosen.per_hour, "network": chosen.network_per_hour}
    network_limits.take_act("photo", person, **limits, window_s=HOUR_S)


def _with(report: Report, photo: Photo, caller: Caller, person: Person) -> list[Photo]:
    """Return the photos of a report with one more; of the refused ones the last stay, so that the row stays small.

    One that is there under the same key is awaited again, in its place.
    """
    _checked(report, caller, person, photo)
    there = present(report.photos)
    if known := _of_key(report, photo):
        again = known._replace(at_ms=photo.at_ms, alt=photo.alt or known.alt)
        return [again if one.id == known.id else one for one in there]
    refused = [one for one in there if one.state == PhotoState.REFUSED]
    forgotten = {one.id for one in refused[:-MOST_REFUSED]}
    return [*(one for one in there if one.id not in forgotten), photo]


def _ticket(report_id: str, photo: Photo, *, media_type: str, redirect: str) -> Ticket:
    from app.aws import buckets  # imported here because few requests need S3

    key = keys.upload_key(report_id, photo.id)
    form = buckets.upload_form(
        settings().photos.bucket, key, media_type=media_type, most_bytes=MOST_BYTES, redirect=redirect
    )
    return Ticket(photo, form["url"], form["fields"], photo.at_ms + buckets.UPLOAD_S * 1000)
