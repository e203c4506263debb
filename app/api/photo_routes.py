"""Routes of photos: tickets for uploads, decisions, removal."""

from typing import Any

from flask import Response, request

from app.accounts.auth import Who, caller, lock
from app.accounts.persons import person_of
from app.accounts.scopes import Scope
from app.api.exact_places import by
from app.api.photo_schemas import NewPhotoSchema, PhotoChangeSchema, PhotoSchema, TicketSchema, ticket_form
from app.api.photo_views import one_form
from app.core.errors import Invalid, mistake_in_parameter
from app.http import idempotency_keys
from app.http.answers import accepted_language, in_language, json_answer
from app.http.headers import PRIVATE
from app.http.schemas import Blueprint, NoQuery

blueprint = Blueprint("photos", __name__, description="Photos of reports: uploads, decisions, and the files.")
PHOTOS = "/v1/reports/<report_id>/photos"
PHOTO = f"{PHOTOS}/<photo_id>"
KEY_PARAMETER = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "8 to 128 characters that you make once for each photo (a UUID is good) and send again with each "
    "try: the same photo then gets a new form.",
    "schema": idempotency_keys.SCHEMA,
}
SCOPES = (Scope.WRITE, Scope.IMPORT, Scope.REVIEW)


@blueprint.post(PHOTOS)
@blueprint.doc(parameters=[KEY_PARAMETER])
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(NewPhotoSchema)
@blueprint.response(201, TicketSchema, description="Awaited.", headers=["Location"])
@lock(Who.PERSON, *SCOPES)
def begin_photo(values: dict[str, Any], report_id: str) -> Response:
    """Begin the upload of a photo of one's own report, or as a responder of a report in one's area.

    The answer holds a form for one file, to be sent within five minutes: all its fields, then the file as `file`. A
    report has at most four photos, refused ones not counted. Pixels alone are kept: no place, time or name in the file
    goes any further. What never came is forgotten after an hour. With an Idempotency-Key a lost answer leaves no second
    photo: asked again under it, the same photo gets a new form, and once it has come, 409.
    """
    from app.photos import tickets  # imported here because few requests need it

    upload = tickets.UploadRequest(values["content_type"], values.get("alt"), _idempotency_key())
    ticket = tickets.begin(report_id, caller(), upload, by=by())
    location = {"Location": f"/v1/reports/{report_id}/photos/{ticket.photo.id}"}
    return json_answer(ticket_form(ticket), status=201, cache=PRIVATE, headers=location)


def _idempotency_key() -> str:
    key = request.headers.get("Idempotency-Key", "")
    if key and (fault := idempotency_keys.fault(key)):
        code, _, sentence = fault.partition("|")
        raise Invalid([mistake_in_parameter("Idempotency-Key", code, sentence)])
    return key


@blueprint.put(PHOTO)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.arguments(PhotoChangeSchema)
@blueprint.response(200, PhotoSchema)
@lock(Who.PERSON, *SCOPES)
def judge_photo(values: dict[str, Any], report_id: str, photo_id: str) -> Response:
    """Show a photo to everyone, hide it, blur places of it, or describe it.

    Responders of its area decide; its reporter may describe it. A photo that is blurred gets a new address; at the
    former one there is nothing any more. Safe to repeat.
    """
    from app.photos import deciding  # as above

    boxes = [[box[name] for name in ("x", "y", "width", "height")] for box in values.get("blur", ())]
    alt = (values["alt"] or "") if "alt" in values else None
    said = deciding.Judging(values.get("decision"), boxes or None, alt, values.get("seen"))
    owner = deciding.decide(report_id, photo_id, said, caller=caller(), by=by(), person=person_of(caller()))
    language = accepted_language()
    return in_language(json_answer(one_form(owner, photo_id, language), cache=PRIVATE), language)


@blueprint.delete(PHOTO)
@blueprint.arguments(NoQuery, location="query", as_kwargs=True)
@blueprint.response(204)
@lock(Who.PERSON, *SCOPES)
def remove_photo(report_id: str, photo_id: str) -> Response:
    """Remove a photo of one's own report, or as a responder of a report in one's area. Safe to repeat."""
    from app.photos import deciding  # as above

    deciding.remove(report_id, photo_id, caller=caller(), by=by(), person=person_of(caller()))
    return Response(status=204, headers={"Cache-Control": PRIVATE})
