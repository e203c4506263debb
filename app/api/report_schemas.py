"""Schemas of reports, in and out. They know neither the database nor the caller."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from marshmallow import fields, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.judged_schemas import ConfidenceSchema, VerificationSchema, VotesSchema, judged, said_of
from app.api.location_schemas import LinksSchema, LocationSchema, PlaceSchema
from app.api.photo_schemas import PhotoSchema
from app.core import clock
from app.core.severity import Severity
from app.core.translations import SOURCE
from app.http.fields import COMMON_MESSAGES, Moment, Number, Text, Whole, Word
from app.http.schemas import StrictSchema
from app.reports import observation
from app.reports.entry import AREA, PUBLIC_FIELDS, Entry, PublicField, ValueKind
from app.reports.models import Report
from app.reports.placed import DECIMALS
from app.reports.reference import reference_of
from app.warnings.covering import CoveringWarnings


def _word_said(public_field: PublicField) -> Word:
    return Word(
        _words_of(public_field), allow_none=public_field.can_be_null, metadata={"description": public_field.about}
    )


def _words_of(public_field: PublicField) -> list[str]:
    return [str(word) for word in public_field.words or ()]


class _ReportFields(StrictSchema):
    """Fields that a reporter may give. Fields with a fixed set of words are taken from the list of fields (`SHOWN`)."""

    class Meta(StrictSchema.Meta):
        include = {  # noqa: RUF012 - marshmallow declares it so
            shown.name: _word_said(shown) for shown in PUBLIC_FIELDS if shown.is_from_reporter and shown.words
        }

    location = fields.Nested(
        LocationSchema, error_messages=COMMON_MESSAGES, metadata={"description": "Where the water is."}
    )
    radius_m = Whole(low=1, high=5000, metadata={"description": "How far the flooding reaches, in metres."})
    severity = Word(Severity, metadata={"description": "Required unless depth_cm is given."})
    depth_cm = Number(
        low=0, high=1000, allow_none=True, metadata={"description": "Depth of the water in centimetres.", "example": 30}
    )
    title = Text(
        shortest=1,
        longest=120,
        allow_none=True,
        metadata={
            "description": "What is seen, in a few words of plain text; null: none.",
            "example": "Water over the kerb",
        },
    )
    description = Text(
        shortest=0,
        longest=4000,
        lines=True,
        allow_none=True,
        metadata={"description": "What is seen, in plain text with line breaks; null: none."},
    )
    place = Word(
        DECIMALS,
        metadata={
            "description": "Others see `public` exactly, `home` on a grid of 0.001 degrees, `area` of 0.01. A `home` "
            "where few homes stand becomes an `area`, in Great Britain only; an `area` stays one until `place` is sent "
            "again."
        },
    )
    observed_at = Moment(metadata={"description": "When it was seen: at most 7 days ago."})


def _time_mistakes(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Check `observed_at` against the server's clock."""
    observed = data.get("observed_at")
    is_right = not isinstance(observed, int) or observation.is_observable(observed, clock.now_ms())
    return {} if is_right else {"observed_at": [f"range|{observation.TIME_SENTENCE}"]}


class NewReportSchema(_ReportFields):
    """A new report."""

    location = fields.Nested(
        LocationSchema, required=True, error_messages=COMMON_MESSAGES, metadata={"description": "Where the water is."}
    )

    def handle_error(self, error: ValidationError, data: Any, **_: Any) -> None:
        """Add a mistake in the time to others. Alone it is not reported here: a report sent again late is allowed."""
        if isinstance(error.messages, dict) and isinstance(error.valid_data, dict):
            error.messages |= _time_mistakes(error.valid_data)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_severity(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require a severity or a depth."""
        if isinstance(original, dict) and "severity" not in original and original.get("depth_cm") is None:
            raise ValidationError("required|It is required unless depth_cm is given.", field_name="severity")


class EditReportSchema(_ReportFields):
    """Fields to change; all others stay."""

    @validates_schema(skip_on_field_errors=False)
    def check_time(self, data: dict[str, Any], **_: Any) -> None:
        """Check `observed_at` against the server's clock."""
        if mistakes := _time_mistakes(data):
            raise ValidationError(mistakes)

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def check_any(self, data: dict[str, Any], original: Any, **_: Any) -> None:
        """Require at least one field."""
        if original == {}:
            raise ValidationError("empty|Name at least one field to change.")


_FIELDS: dict[ValueKind, Callable[..., fields.Field[Any]]] = {
    ValueKind.WHOLE: fields.Integer,
    ValueKind.NUMBER: fields.Float,
    ValueKind.TEXT: fields.String,
    ValueKind.MOMENT: fields.DateTime,
    ValueKind.FLAG: fields.Boolean,
}


# Where the first word or the least number would be an odd example.
_EXAMPLES = {"radius_m": 50, "severity": "moderate", "depth_cm": 30, "title": "Water over the kerb"}


def _field(public_field: PublicField) -> fields.Field[Any]:
    """Return the schema's field for a field of the short form."""
    options: dict[str, Any] = {"required": True, "allow_none": public_field.can_be_null}
    options["metadata"] = {"description": public_field.about}
    if public_field.name in _EXAMPLES:
        options["metadata"]["example"] = _EXAMPLES[public_field.name]
    return Word(_words_of(public_field), **options) if public_field.words else _FIELDS[public_field.kind](**options)


class ShortReportSchema(StrictSchema):
    """A report in a list: its place, and the fields of `Entry` as they are shown."""

    class Meta(StrictSchema.Meta):
        include = {shown.name: _field(shown) for shown in PUBLIC_FIELDS}  # noqa: RUF012 - marshmallow declares it so

    id = fields.String(
        required=True, metadata={"description": "The report's id.", "example": "01kb9v3q8d5w7x2ya4zc6e0fgh"}
    )
    location = fields.Nested(
        PlaceSchema, required=True, metadata={"description": "Where it is, as exactly as the reader may see it."}
    )
    location_precision = Word(
        ["exact", "grid", "area"],
        required=True,
        metadata={
            "description": "How exact `location` is: the place itself, or a grid of 0.001 or 0.01 degrees.",
            "example": "grid",
        },
    )
    links = fields.Nested(LinksSchema, required=True, metadata={"description": "Paths of the report."})


class ReportSchema(ShortReportSchema):
    """A whole report. `edit_token` only in the answer to filing it without an account."""

    class Meta(StrictSchema.Meta):
        include = {  # noqa: RUF012 - marshmallow declares it so
            shown.name: _field(shown) for shown in PUBLIC_FIELDS if shown.name != "confidence"
        }

    confidence = fields.Nested(
        ConfidenceSchema, required=True, metadata={"description": "How well it is supported, with the reasons."}
    )
    votes = fields.Nested(
        VotesSchema, required=True, metadata={"description": "What people say: still flooded, or gone."}
    )
    verification = fields.Nested(
        VerificationSchema,
        required=True,
        allow_none=True,
        metadata={"description": "What responders decided; null: nothing yet."},
    )
    original = fields.Dict(
        metadata={"description": "For its reporter and for responders: the reporter's own values of corrected fields."}
    )
    merged_from = fields.List(fields.String(), metadata={"description": "Reports that were merged into this one."})
    merged_into = fields.String(metadata={"description": "The report that this one was merged into."})
    description = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "What is seen, in the reporter's words; null: none, or hidden.",
            "example": "The drain at the corner is blocked.",
        },
    )
    reference = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "For the telephone: eight characters, the last one a check digit. `/r/<reference>` leads to "
            "the report's public page. Null for imported reports and those older than 396 days.",
            "example": "7K3M-9QXA",
        },
    )
    photos = fields.List(
        fields.Nested(PhotoSchema),
        required=True,
        metadata={
            "description": "Its photos, and those of reports merged into it. Its reporter and responders also see "
            "those that not everyone may see."
        },
    )
    warnings = fields.List(
        fields.String(),
        metadata={
            "description": "Ids of the official warnings in force that cover it; for a report known only to a "
            "kilometre or worse (`radius_m`), those that cover its whole area. Absent if unknown."
        },
    )
    possible_warnings = fields.List(
        fields.String(),
        metadata={
            "description": "For a report known only to a kilometre or worse: ids of those that may cover it, because "
            "their outlines touch its area. Absent for all others."
        },
    )
    edit_token = fields.String(
        metadata={"description": "For changing and withdrawing it, for 24 hours: send it as `Authorization: Bearer`."}
    )


def _plain(number: float | None) -> float | None:
    """Write 30.0 as 30: the database does not distinguish them, so answers do not either."""
    return int(number) if number is not None and number == int(number) else number


_minute = lru_cache(1024)(lambda minute: clock.rfc3339(minute * clock.MINUTE_MS))  # a list has many times of few
_WRITERS: dict[ValueKind, Callable[[Any], Any]] = {
    ValueKind.WHOLE: int,
    ValueKind.NUMBER: _plain,
    ValueKind.MOMENT: lambda moment: _minute(int(moment) // clock.MINUTE_MS),
}
_NAMES = [shown.name for shown in PUBLIC_FIELDS]
_VALUES = attrgetter(*(shown.attribute for shown in PUBLIC_FIELDS))
_WRITTEN = [(shown.name, _WRITERS[shown.kind]) for shown in PUBLIC_FIELDS if shown.kind in _WRITERS]
_PRECISION = {"public": "exact", AREA: "area"}
_MOMENTS = [(shown.name, attrgetter(shown.attribute)) for shown in PUBLIC_FIELDS if shown.kind == ValueKind.MOMENT]


def short_form(entry: Entry) -> dict[str, Any]:
    """Return a report as a list's item, with the public place, and times cut to the minute to protect who sent it."""
    form: dict[str, Any] = {
        "id": entry.id,
        "location": {"lat": float(entry.lat), "lon": float(entry.lon)},
        "location_precision": _PRECISION.get(entry.visibility, "grid"),
    }
    form.update(zip(_NAMES, _VALUES(entry), strict=True))
    for name, write in _WRITTEN:
        form[name] = write(form[name])
    form["links"] = {"self": f"/v1/reports/{entry.id}"}
    return form


def full_form(
    report: Report,
    *,
    is_exact: bool,
    photos: Sequence[Mapping[str, Any]],
    over: CoveringWarnings | None = None,
    is_staff: bool = False,
    language: str = SOURCE,
) -> dict[str, Any]:
    """Return a report's own document, with exact place and times for readers who may see them, else the public ones.

    `photos`: those that the reader may see. `is_staff`: for a responder who may judge it. `over`: the warnings over its
    public place; None if unknown at the moment.
    """
    entry = report.entry()
    form = short_form(entry) | {"description": report.description, "reference": reference_of(report)}
    form |= said_of(report, language) | judged(report, is_staff=is_staff)
    form["photos"] = list(photos)
    if report.is_disputed:
        form |= {"title": report.title} if is_exact or is_staff else {"description": None}
    if report.original and (is_exact or is_staff):
        # Of a corrected home the place is as exact as the home itself.
        form["original"] = {name: value for name, value in report.own_words.items() if is_exact or name != "location"}
    if over is not None:
        form["warnings"] = [row.id for row in over.certain]
        if entry.is_coarse:
            form["possible_warnings"] = [row.id for row in over.possible]
    if is_exact:
        form |= {name: clock.rfc3339(int(moment_of(entry))) for name, moment_of in _MOMENTS}
        form["location"] = report.exact_place()
        if not report.is_home_over(clock.now_ms()):
            form["location_precision"] = "exact"
    return form
