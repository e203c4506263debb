"""Schemas of what everyone reads of the switches: the words for on and off, and the notice of staff."""

from typing import Any

from marshmallow import fields

from app.core import clock
from app.http.fields import Word
from app.http.schemas import StrictSchema
from app.switches.current import Level, Notice

ON, OFF = "on", "off"


class NoticeShownSchema(StrictSchema):
    """The notice that every page shows."""

    level = Word(list(Level), required=True, metadata={"description": "How it is shown: as a fact, or as a warning."})
    text = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        required=True,
        metadata={
            "description": "The text by the code of its language.",
            "example": {"en": "The harbour road is closed."},
        },
    )
    until = fields.String(required=True, metadata={"format": "date-time", "description": "When it ends by itself."})


def notice_form(notice: Notice) -> dict[str, Any]:
    """Return a notice as every answer shows it."""
    return {"level": str(notice.level), "text": dict(notice.text), "until": clock.rfc3339(notice.until_ms)}
