"""Schemas of photos: tickets for uploads, what is said about a photo, and a photo as its reader may see it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate, validates_schema
from marshmallow.exceptions import ValidationError

from app.core import clock
from app.core.translations import SOURCE, translated
from app.http.fields import COMMON_MESSAGES, ByName, Number, Text, Whole, Word
from app.http.schemas import StrictSchema
from app.photos.present import LONGEST_ALT, MOST_BOXES, MOST_BYTES, TYPES
from app.photos.shown import ShownPhoto
from app.reports.photo_column import PhotoDecision, PhotoState

if TYPE_CHECKING:
    from app.photos.tickets import Ticket

_EDGE = 1e-6  # the rounding of numbers in a request may reach so far beyond the edge of a picture
_ABOUT_ALT = "What can be seen, in words, for those who cannot see it; asked for, not required."
_ID = "Zk3vQ8d5W7x2Ya4zC6e0Fg"
_NAME = f"{_ID}-1"


class NewPhotoSchema(StrictSchema):
    """A photo that is to be uploaded."""

    content_type = Word(
        TYPES, required=True, metadata={"description": "Type of the file; the upload must be of the same."}
    )
    size_bytes = Whole(
        low=1,
        high=MOST_BYTES,
        required=True,
        metadata={"description": "Size of the file, at most 8 MB.", "example": 2_400_000},
    )
    alt = Text(shortest=0, longest=LONGEST_ALT, allow_none=True, metadata={"description": _ABOUT_ALT})


class UploadSchema(StrictSchema):
    """A form for one upload, sent as `multipart/form-data`."""

    url = fields.String(
        required=True,
        metadata={
            "description": "Where the form is sent by POST: an address of the bucket, or a path of this service.",
            "example": "https://bucket.s3.eu-west-2.amazonaws.com/",
        },
    )
    fields_ = ByName(
        fields.String(),
        data_key="fields",
        attribute="fields",
        required=True,
        metadata={
            "description": "The fields of the form, all of them; after these the file, in the field `file`.",
            "example": {"key": f"uploads/rep_01kb9v3q8d5w7x2ya4zc6e0fgh/{_ID}", "Content-Type": "image/jpeg"},
        },
    )


class TicketSchema(StrictSchema):
    """A ticket for one upload."""

    id = fields.String(required=True, metadata={"description": "The id of the photo.", "example": _ID})
    upload = fields.Nested(
        UploadSchema, required=True, metadata={"description": "The form that takes one file of 1 byte to 8 MB."}
    )
    expires_at = fields.DateTime(required=True, metadata={"description": "Until when the form may be sent."})


class BlurSchema(StrictSchema):
    """A place in a photo that is made unreadable, in parts of its width and height from the upper left corner."""

    x = Number(low=0, high=1, required=True, metadata={"description": "Its left edge.", "example": 0.25})
    y = Number(low=0, high=1, required=True, metadata={"description": "Its upper edge.", "example": 0.5})
    width = Number(low=0.001, high=1, required=True, metadata={"description": "Its width.", "example": 0.2})
    height = Number(low=0.001, high=1, required=True, metadata={"description": "Its height.", "example": 0.1})

    @validates_schema(skip_on_field_errors=True)
    def check_inside(self, data: Mapping[str, Any], **_: Any) -> None:
        """Refuse what reaches beyond the picture."""
        for start, length in (("x", "width"), ("y", "height")):
            if data[start] + data[length] > 1 + _EDGE:
                raise ValidationError(f"range|It reaches beyond the picture: {start} and {length} are above 1.", length)


class PhotoChangeSchema(StrictSchema):
    """Change of a photo; what is left out stays."""

    decision = Word(
        PhotoDecision,
        metadata={
            "description": "For responders: `shown` to everyone, or `hidden` from all but its reporter and them."
        },
    )
    blur = fields.List(
        fields.Nested(BlurSchema, error_messages=COMMON_MESSAGES),
        validate=validate.Length(max=MOST_BOXES, error="length|It must have at most {max} places."),
        error_messages=COMMON_MESSAGES | {"invalid": "type|It must be a list."},
        metadata={
            "description": "For responders: places that are made unreadable for good, in new pixels. Until these are "
            "there, not everyone sees the photo."
        },
    )
    alt = Text(shortest=0, longest=LONGEST_ALT, allow_none=True, metadata={"description": f"{_ABOUT_ALT} Null: none."})
    seen = fields.String(
        validate=validate.Length(max=40, error="length|It must have at most {max} characters."),
        error_messages=COMMON_MESSAGES | {"invalid": "type|It must be text."},
        metadata={
            "description": "The `mark` of the photo that was looked at. If it has another one by now, 409: another "
            "responder was first.",
            "example": "1-waiting",
        },
    )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_any(self, _data: Mapping[str, Any], original: Any, **_: Any) -> None:
        """Require something to change."""
        if isinstance(original, dict) and not {"decision", "blur", "alt"} & original.keys():
            raise ValidationError("empty|Name at least one of decision, blur and alt.")


class PhotoUrlsSchema(StrictSchema):
    """Paths of a photo as JPEG."""

    large = fields.String(
        required=True,
        metadata={"description": "At most 1,600 pixels on its longer side.", "example": f"/photos/{_NAME}/large.jpg"},
    )
    small = fields.String(
        required=True,
        metadata={"description": "At most 320 pixels on its longer side.", "example": f"/photos/{_NAME}/small.jpg"},
    )


class PhotoSchema(StrictSchema):
    """A photo of a report. Its reporter and responders also see those that not everyone may see."""

    id = fields.String(required=True, metadata={"description": "The id of the photo.", "example": _ID})
    report_id = fields.String(
        required=True,
        metadata={
            "description": "The report that it belongs to: this one, or one that was merged into it.",
            "example": "rep_01kb9v3q8d5w7x2ya4zc6e0fgh",
        },
    )
    state = Word(
        PhotoState,
        required=True,
        metadata={"description": "Whether its upload is awaited, it is ready, or was refused.", "example": "ready"},
    )
    reason = fields.String(
        required=True, allow_none=True, metadata={"description": "Why it was refused, in words; else null."}
    )
    width = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Width of the large one in pixels; null before it is ready.", "example": 1600},
    )
    height = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Height of the large one in pixels; null before it is ready.", "example": 1200},
    )
    alt = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "What can be seen, in words; null: not said.", "example": "A car in brown water"},
    )
    decision = Word(
        PhotoDecision,
        required=True,
        allow_none=True,
        metadata={"description": "What responders decided about it; null: nothing yet.", "example": "shown"},
    )
    is_public = fields.Boolean(required=True, metadata={"description": "Whether everyone sees it.", "example": True})
    is_blurring = fields.Boolean(
        required=True, metadata={"description": "Whether places in it are being made unreadable at this moment."}
    )
    mark = fields.String(
        required=True,
        metadata={"description": "Changes with each decision; sent back as `seen` of the next.", "example": "1-shown"},
    )
    urls = fields.Nested(
        PhotoUrlsSchema,
        required=True,
        allow_none=True,
        metadata={
            "description": "Its paths; null before it is ready. Those below `/v1/` are private: send the same token."
        },
    )


def photo_form(photo: ShownPhoto, language: str = SOURCE) -> dict[str, Any]:
    """Return a photo as answers show it."""
    form = {name: value for name, value in photo._asdict().items() if name != "name"}
    return form | {
        "reason": translated(photo.reason, language) if photo.reason else None,
        "urls": dict(photo.urls) or None,
    }


def ticket_form(ticket: "Ticket") -> dict[str, Any]:
    """Return the answer to the beginning of an upload."""
    upload = {"url": ticket.url, "fields": dict(ticket.fields)}
    return {"id": ticket.photo.id, "upload": upload, "expires_at": clock.rfc3339(ticket.expires_at_ms)}
