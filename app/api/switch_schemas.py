"""Schemas of the switches: as admins read and change them."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from app.accounts import areas
from app.api.area_fields import Areas
from app.api.notice_schemas import OFF, ON, NoticeShownSchema, notice_form
from app.core import clock
from app.core.config import settings
from app.core.translations import LANGUAGES, SOURCE
from app.http.fields import ByName, Moment, Text, Word
from app.http.schemas import StrictSchema
from app.review.switching import REASONS
from app.switches.current import Anonymous, Level, Notice, Switches
from app.warnings.sources.registry import read_sources

LONGEST_NOTICE = 500
LONGEST_NOTICE_MS = 14 * clock.DAY_MS
CHANGES = ("anonymous_reports", "off_within", "registrations", "sources", "notice")


class NoticeTextSchema(StrictSchema):
    """The text by language; a page in a language without one shows the first that there is, marked as such."""

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_text(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require at least one language."""
        if isinstance(original, Mapping) and not original:
            raise ValidationError(f"required|Give the text in at least one of {', '.join(LANGUAGES)}.")


_TOLD = {SOURCE: {"example": "The harbour road is closed."}}
# One text for each language of the pages.
NoticeText = type(
    "NoticeText",
    (NoticeTextSchema,),
    {
        code: Text(
            shortest=1,
            longest=LONGEST_NOTICE,
            lines=True,
            metadata={"description": f"In {name}."} | _TOLD.get(code, {}),
        )
        for code, name in LANGUAGES.items()
    }
    | {"__doc__": NoticeTextSchema.__doc__},
)


class NoticeSchema(StrictSchema):
    """A text of staff on every page and in /status.json, until it ends by itself."""

    level = Word(list(Level), required=True, metadata={"description": "How it is shown: as a fact, or as a warning."})
    text = fields.Nested(NoticeText, required=True, metadata={"description": "The text by language."})
    until = Moment(required=True, metadata={"description": "At most 14 days ahead."})

    @validates_schema(skip_on_field_errors=False)
    def check_end(self, data: dict[str, Any], **_: Any) -> None:
        """Require an end ahead, and not far."""
        if "until" in data and not 0 < data["until"] - clock.now_ms() <= LONGEST_NOTICE_MS:
            raise ValidationError({"until": ["range|It must lie ahead, by at most 14 days."]})


class SwitchesChangeSchema(StrictSchema):
    """A change of switches: those that are not named stay."""

    anonymous_reports = Word(
        list(Anonymous),
        metadata={
            "description": "Whether reports without an account are taken; `off_within`: not in some areas.",
            "example": str(Anonymous.ON),
        },
    )
    off_within = Areas(metadata={"description": "With `off_within`: the areas in which they are off.", "example": []})
    registrations = Word([ON, OFF], metadata={"description": "Whether people can make accounts."})
    sources = ByName(
        Word([ON, OFF]),
        metadata={"description": "Sources of warnings by name; one that is off is not asked. The others stay."},
    )
    notice = fields.Nested(NoticeSchema, allow_none=True, metadata={"description": "null ends it."})
    reason = Word(REASONS, required=True, metadata={"description": "Kept in the audit."})

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_change(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require something to change, areas where reports are off in some, and sources that this deployment has."""
        if isinstance(original, Mapping) and not any(name in original for name in CHANGES):
            raise ValidationError(f"required|Give at least one of {', '.join(CHANGES)}.")
        mistakes: dict[str, Any] = {}
        is_within = data.get("anonymous_reports") == Anonymous.OFF_WITHIN
        given = original.get("off_within") if isinstance(original, Mapping) else None
        if is_within and not given:
            mistakes["off_within"] = ["required|Give the areas in which they are off."]
        if data.get("off_within") and not is_within:
            mistakes["anonymous_reports"] = ["conflict|Areas are given, so it must be `off_within`."]
        known = read_sources(settings().sources)
        unknown = {
            name: ["unknown|There is no such source here."] for name in data.get("sources", {}) if name not in known
        }
        if unknown:
            mistakes["sources"] = unknown
        if mistakes:
            raise ValidationError(mistakes)


class SwitchesSchema(StrictSchema):
    """All switches as they stand. A change reaches everybody within 30 seconds."""

    anonymous_reports = Word(
        list(Anonymous),
        required=True,
        metadata={
            "description": "Whether reports without an account are taken; `off_within`: not in some areas.",
            "example": str(Anonymous.ON),
        },
    )
    off_within = Areas(required=True, metadata={"description": "The areas in which they are off.", "example": []})
    registrations = Word([ON, OFF], required=True, metadata={"description": "Whether people can make accounts."})
    sources = fields.Dict(
        keys=fields.String(),
        values=Word([ON, OFF]),
        required=True,
        metadata={"description": "Sources of warnings by name; one that is off is not asked.", "example": {"ea": "on"}},
    )
    notice = fields.Nested(
        NoticeShownSchema,
        required=True,
        allow_none=True,
        metadata={"description": "The notice on every page; null: none."},
    )
    version = fields.Integer(required=True, metadata={"description": "Moves with each change.", "example": 4})


def switches_form(switches: Switches) -> dict[str, Any]:
    """Return the switches as they are shown to admins."""
    notice = switches.notice_at(clock.now_ms())
    return {
        "anonymous_reports": str(switches.anonymous_reports),
        "off_within": areas.form(switches.off_areas),
        "registrations": _word(switches.has_registrations),
        "sources": {name: _word(name not in switches.sources_off) for name in read_sources(settings().sources)},
        "notice": notice_form(notice) if notice else None,
        "version": switches.version,
    }


def _word(is_on: bool) -> str:
    return ON if is_on else OFF


def changes_of(values: Mapping[str, Any], before: Switches) -> dict[str, Any]:
    """Return the attributes that a checked body changes."""
    changes: dict[str, Any] = {}
    if word := values.get("anonymous_reports"):
        changes["anonymous_reports"] = word
        changes["off_areas"] = areas.as_stored(values.get("off_within", ()) or ())
    if word := values.get("registrations"):
        changes["has_registrations"] = word == ON
    if "sources" in values:
        told = values["sources"]
        others = {name for name in before.sources_off if name not in told}
        changes["sources_off"] = frozenset(others | {name for name, word in told.items() if word == OFF})
    if "notice" in values:
        notice = values["notice"]
        changes["notice"] = Notice(notice["level"], dict(notice["text"]), notice["until"]) if notice else None
    return changes
