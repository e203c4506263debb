"""Forms about photos of a sent report: add one, describe it, remove it.

A script asks for a ticket in JSON and sends the file itself. Without one, the answer is a page with a form that sends
the file to the bucket, which leads back to the page of the report.
"""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from flask import Response, request

from app.accounts import auth, persons
from app.api import exact_places
from app.core.errors import Conflict, NotFound, Problem, TooMany, Unauthenticated
from app.core.translations import N_
from app.http import idempotency_keys, problems
from app.http.answers import json_answer
from app.http.headers import PRIVATE
from app.pages.frame import wording
from app.pages.frame.language import gettext as _
from app.pages.frame.rendering import page, whole
from app.pages.report import form, form_page, photos, sent_page
from app.photos import deciding, tickets
from app.photos.present import MOST, MOST_BYTES, TYPES, of_id, present
from app.photos.standing import rights_of
from app.photos.tickets import Ticket, UploadRequest
from app.reports import edit
from app.reports.models import Report
from app.reports.photo_column import PhotoState

OTHER_KIND = N_("A photo is a JPEG, PNG, WebP or HEIC file.")
TOO_LARGE = N_("The file is larger than 8 MB. Choose a smaller one.")
FULL = N_("The report has four photos, which is the most. Remove one first.")
FULL_FOR_NOW = N_("The report has four photos already. One that never came gives up its place within an hour.")
OVER = N_("The report is no longer open, so no photo can be added to it.")
GONE = N_("There is no such report any more, so no photo can be added to it.")
TOO_MANY = N_("No more photos are taken from here for now.")


def begin(report_id: str) -> Response:
    """Give a ticket for one more photo: for the script in JSON, else as a page with the form that sends the file."""
    try:
        report = edit.find_own_report(report_id, auth.caller())
        return _begin(report)
    except (NotFound, Conflict, TooMany) as problem:
        if not form_page.wants_json() and isinstance(problem, NotFound):
            raise
        return _refuse(report_id, problem)


def _begin(report: Report) -> Response:
    media_type, is_json = request.form.get("media_type", ""), form_page.wants_json()
    size = _size(request.form.get("size_bytes", "")) if is_json else MOST_BYTES
    if media_type not in TYPES:
        return _tell(report, _(OTHER_KIND), 422)
    if not 1 <= size <= MOST_BYTES:
        return _tell(report, _(TOO_LARGE), 413)
    instead = request.form.get("instead", "")
    if is_json and instead and _has_come(report, instead):
        return json_answer({"is_there": True}, cache=PRIVATE)
    try:
        ticket = _ticket(report, media_type, None if is_json else partial(_back, report.id))
    except tickets.HasCome as come:
        return _told_come(report, come.photo_id)
    if is_json:
        body = {"photo": ticket.photo.id, "url": ticket.url, "fields": dict(ticket.fields)}
        return json_answer(body, cache=PRIVATE)
    return _upload_page(report, ticket)


def _size(typed: str) -> int:
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 12 else 0


def _told_come(report: Report, photo_id: str) -> Response:
    """Answer a form whose photo has come already: there is nothing to send again."""
    if form_page.wants_json():
        return json_answer({"is_there": True}, cache=PRIVATE)
    return form_page.go_on(photos.path_of("show_sent", report.id, said="added", photo=photo_id) + "#photos")


def _back(report_id: str, photo_id: str) -> str:
    """Return the address after an upload: the page says then what is stored of this photo."""
    return whole(photos.path_of("show_sent", report_id, said="added", photo=photo_id))


def _ticket(report: Report, media_type: str, back: Callable[[str], str] | None) -> Ticket:
    alt = request.form.get("alt", "").strip()
    is_sound = not form.mistake_of_alt(alt)  # else the photo comes without words, which can be added on its page
    caller = auth.caller()
    return tickets.begin(
        report.id,
        caller,
        UploadRequest(media_type, alt if alt and is_sound else None, _key()),
        redirect=back,
        person=persons.person_of(caller, is_page=True),
    )


def _key() -> str:
    """Return what the sender made once for this photo; "" if it sent nothing of the kind."""
    key = request.form.get("key", "")
    return "" if idempotency_keys.fault(key) else key


def _has_come(report: Report, photo_id: str) -> bool:
    """Return whether the photo of an earlier ticket has come; else forget that ticket, for one file is one photo.

    A photo that is awaited under the key of this try stays: it gets a new form.
    """
    photo = of_id(report, photo_id)
    if photo is None or photo.state != PhotoState.AWAITING:
        return photo is not None
    if (key := _key()) and photo.key_hash == tickets.key_hash(report.id, key):
        return False
    _remove(report.id, photo_id)
    return False


def _remove(report_id: str, photo_id: str) -> None:
    caller = auth.caller()
    deciding.remove(
        report_id, photo_id, caller=caller, by=exact_places.by(), person=persons.person_of(caller, is_page=True)
    )


def _upload_page(report: Report, ticket: Ticket) -> Response:
    response = page(
        "photo_upload.html",
        cache=PRIVATE,
        takes_photos=True,
        url=ticket.url,
        fields=ticket.fields,
        media_type=ticket.fields["Content-Type"],
        ends=ticket.expires_at_ms,
        back=photos.path_of("show_sent", report.id),
        who_sees=photos.who_sees(),
        cancel=photos.path_of("change_photo", report.id, photo_id=ticket.photo.id),
    )
    response.headers["Referrer-Policy"] = sent_page.SECRETIVE_FORM
    return response


def _refuse(report_id: str, problem: Problem) -> Response:
    """Answer in words of a page: why no photo is taken, for good or for now."""
    report = None if isinstance(problem, NotFound) else Report.find(report_id, consistent=True)
    if report is None:
        return json_answer({"mistake": _(GONE)}, status=problem.status, cache=PRIVATE)
    if isinstance(problem, TooMany):
        text = f"{_(TOO_MANY)} {wording.wait(problem.retry_after_s or 1)}"
        return problems.with_headers(_tell(report, text, problem.status, waits=True), problem)
    there = [photo.state for photo in present(report.photos) if photo.state != PhotoState.REFUSED]
    is_awaited = PhotoState.AWAITING in there
    if len(there) < MOST:
        return _tell(report, _(OVER), problem.status)
    return _tell(report, _(FULL_FOR_NOW if is_awaited else FULL), problem.status, waits=is_awaited)


def _tell(report: Report, text: str, status: int, *, waits: bool = False) -> Response:
    if form_page.wants_json():
        return json_answer({"waits" if waits else "mistake": text}, status=status, cache=PRIVATE)
    return sent_page.show_own(report, wrong=text, status=status)


def change(report_id: str, photo_id: str) -> Response:
    """Describe or remove a photo of one's own report, and show the page of the report again.

    Its reporter is the holder of its private link, its account, or the visitor that this browser was when it was filed.
    """
    report = _own_report(report_id)
    if request.form.get("act") == "remove":
        is_there = any(photo.id == photo_id for photo in report.photos)
        _remove(report_id, photo_id)
        return _changed(report, photo_id, "removed" if is_there else "gone")
    alt = request.form.get("alt", "").strip()
    if wrong := form.mistake_of_alt(alt):
        return sent_page.show_own(report, wrong=wrong, status=422)
    caller = auth.caller()
    person = persons.person_of(caller, is_page=True)
    said = "gone"
    with suppress(NotFound):
        deciding.describe(report_id, photo_id, alt, caller=caller, by=exact_places.by(), person=person)
        said = "described"
    return _changed(report, photo_id, said)


def _own_report(report_id: str) -> Report:
    """Read the report whose reporter the caller is. Raises NotFound, and Unauthenticated where signing in may help."""
    caller = form_page.identify()
    person = persons.person_of(caller, is_page=True)
    report = Report.find(report_id, consistent=True)
    if report is not None and person is None:
        raise Unauthenticated(auth.NOBODY)
    if report is None or not rights_of(report, caller, person).is_reporter:
        raise NotFound(tickets.NOT_THERE)
    return report


def _changed(report: Report, photo_id: str, said: str) -> Response:
    """Lead back to the page of the report that this caller may open: who is known by a cookie alone has no other."""
    view = "show_sent" if edit.is_reporter(report, auth.caller()) else "show_report"
    return form_page.go_on(photos.path_of(view, report.id, said=said, photo=photo_id) + "#photos")
