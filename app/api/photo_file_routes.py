"""Routes of the files of photos: of those that everyone may see, and of all others for those who may see them.

Behind a CDN the first are served from the bucket, under the same path and with the same headers.
"""

from typing import Any

from flask import Response
from marshmallow import fields

from app.accounts.auth import Who, lock, recognise
from app.accounts.persons import person_of
from app.accounts.scopes import Scope
from app.core import telemetry
from app.core.config import settings
from app.core.errors import NotFound, Unavailable
from app.http.headers import PRIVATE, PUBLIC_DOCUMENT
from app.http.schemas import Blueprint, StrictSchema
from app.photos import keys
from app.photos.standing import rights_of
from app.reports.models import Report
from app.reports.photo_column import PhotoState

blueprint = Blueprint("photo_files", __name__, tag="photos")
JPEG = "image/jpeg"
FILE = {"type": "string", "format": "binary", "description": "A JPEG file, without any metadata.", "example": ""}
WORDS = {
    "photo_name": ("The name of the photo, as `photo` of a report in lists.", "Zk3vQ8d5W7x2Ya4zC6e0Fg-1"),
    "size": ("`large` or `small`: at most 1,600 or 320 pixels on the longer side.", "large"),
}
NOT_THERE = "There is no such photo, or not everyone sees it."


class PrivateFileQuery(StrictSchema):
    """The query of a private file: pages of people without an account have the token of their report there."""

    token = fields.String(metadata={"description": "An edit token, where none can be sent as a header.", "example": ""})


@blueprint.get("/photos/<photo_name>/<size>.jpg")
@blueprint.path(**WORDS)
@blueprint.response(200, FILE, content_type=JPEG)
@lock(Who.ANYONE)
def read_photo(photo_name: str, size: str) -> Response:
    """Read a photo that everyone may see. One that was hidden is gone within a minute.

    A query changes nothing, as it changes nothing where the bucket answers.
    """
    key = keys.public_key(photo_name, size, is_held=settings().photos.is_held)
    return _file(key, photo_name, size, cache=PUBLIC_DOCUMENT)


@blueprint.get("/v1/reports/<report_id>/photos/<photo_name>/<size>.jpg")
@blueprint.path(**WORDS)
@blueprint.arguments(PrivateFileQuery, location="query")
@blueprint.response(200, FILE, content_type=JPEG)
@lock(Who.ANYONE, Scope.WRITE, Scope.IMPORT, Scope.REVIEW)
def read_own_photo(_: dict[str, Any], report_id: str, photo_name: str, size: str) -> Response:
    """Read a photo of one's own report, or of one in one's area, also before everyone may see it.

    Takes the cookie of a page too, as its pictures have no other credentials.
    """
    asking = recognise()
    report = Report.find(report_id)
    if report is None or not rights_of(report, asking, person_of(asking, is_page=True)).sees_all:
        raise NotFound(NOT_THERE)
    if not any(photo.name == photo_name and photo.state == PhotoState.READY for photo in report.photos):
        raise NotFound(NOT_THERE)
    return _file(keys.kept_key(report_id, photo_name, size), photo_name, size, cache=PRIVATE)


def _file(key: str, photo_name: str, size: str, *, cache: str) -> Response:
    """Answer a file of the bucket. Raises NotFound if there is none, Unavailable if that cannot be known."""
    from app.aws import buckets  # imported here because few requests need S3

    bucket = settings().photos.bucket
    if not bucket or size not in keys.SIZES or not keys.is_name(photo_name):
        raise NotFound(NOT_THERE)
    try:
        content = buckets.get(bucket, key)
    except buckets.BucketFailed as error:
        telemetry.logger().error("photo not read", extra={"error": str(error)})
        raise Unavailable("The photo cannot be read at this moment. Try again.", retry_after_s=5) from error
    if content is None:
        raise NotFound(NOT_THERE)
    return Response(content, mimetype=JPEG, headers={"Cache-Control": cache})
