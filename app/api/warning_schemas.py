"""Schemas of warnings."""

from typing import Any

from marshmallow import fields

from app.core import clock
from app.core.severity import Severity
from app.core.translations import SOURCE
from app.http.fields import Word
from app.http.schemas import StrictSchema
from app.situation.inside import NOT_KNOWN, Inside
from app.situation.plain_words import HAZARDS, REASONS, ended_reason, hazard_of, plain_words_of
from app.warnings.models import OfficialWarning

GEOMETRY = ["exact", "area", "none"]
WORDS = ("label", "headline", "description", "instruction")


class NamedAreaSchema(StrictSchema):
    """An official area that a warning names. `/v1/areas/{id}` has more if its outline was needed or loaded."""

    id = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null if the issuer gives the area no code.", "example": "ea-112WAFTUBA"},
    )
    name = fields.String(
        required=True, metadata={"description": "The issuer's name of it.", "example": "Upper Bristol Avon area"}
    )


class PlainSchema(StrictSchema):
    """Our plain words, in the first supported language of `Accept-Language`, as on the pages."""

    rank = fields.String(
        required=True,
        metadata={
            "description": "How grave it is now; with the time if it begins later, the reason if it is over.",
            "example": "Flood alert: be prepared",
        },
    )
    what_to_do = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Null if it is not about flooding.", "example": "Keep away from the river."},
    )
    language = fields.String(required=True, metadata={"description": "The language of these words.", "example": "en"})


class TextSchema(StrictSchema):
    """The issuer's words in one language."""

    language = fields.String(
        required=True, metadata={"description": "As the issuer marks it, or empty.", "example": "en"}
    )
    label = fields.String(
        required=True,
        metadata={"description": "The issuer's name for the level, such as Flood warning.", "example": "Flood alert"},
    )
    headline = fields.String(
        required=True,
        metadata={"description": "The message in one line.", "example": "Flood alert for the Upper Bristol Avon area"},
    )
    description = fields.String(
        required=True,
        metadata={"description": "What is expected.", "example": "River levels are rising after heavy rain."},
    )
    instruction = fields.String(
        required=True,
        metadata={"description": "What to do, as the issuer says.", "example": "Keep away from the river."},
    )


class WarningLinksSchema(StrictSchema):
    """Paths of the warning."""

    self = fields.String(
        required=True, metadata={"description": "The warning itself.", "example": "/v1/warnings/ea-53021-112wafTUBA"}
    )
    geojson = fields.String(metadata={"description": "The outline; absent if there is none."})


class WarningSchema(TextSchema):
    """One official message for one of its areas. An update keeps the id."""

    id = fields.String(
        required=True,
        metadata={"description": "The warning's id; an update keeps it.", "example": "ea-53021-112wafTUBA"},
    )
    source = fields.String(required=True, metadata={"description": "The source that it comes from.", "example": "ea"})
    source_id = fields.String(
        required=True, metadata={"description": "The issuer's identifier of this message.", "example": "53021"}
    )
    in_force = fields.Boolean(required=True, metadata={"description": "Whether it is in force now."})
    hazard = Word(
        HAZARDS,
        required=True,
        metadata={"description": "Our rank and advice are for floods; other hazards have only the issuer's words."},
    )
    severity = Word(
        Severity,
        required=True,
        metadata={"description": "How grave it is, in the words of CAP 1.2.", "example": "moderate"},
    )
    urgency = fields.String(
        required=True, metadata={"description": "How soon to act, in the words of CAP 1.2.", "example": "expected"}
    )
    certainty = fields.String(
        required=True, metadata={"description": "How certain it is, in the words of CAP 1.2.", "example": "likely"}
    )
    plain = fields.Nested(
        PlainSchema, required=True, metadata={"description": "Our plain words: how grave it is, and what to do."}
    )
    other_languages = fields.List(
        fields.Nested(TextSchema),
        required=True,
        metadata={"description": "The issuer's words in further languages.", "example": []},
    )
    areas = fields.List(
        fields.Nested(NamedAreaSchema), required=True, metadata={"description": "The official areas that it names."}
    )
    geometry_status = Word(
        GEOMETRY,
        required=True,
        metadata={"description": "Whether its outline is the message's own, that of the area it names, or none."},
    )
    geometry_reason = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "Why there is no outline, or no exact one; null otherwise."},
    )
    sent_at = fields.DateTime(required=True, metadata={"description": "When the issuer sent the message."})
    onset_at = fields.DateTime(
        required=True, allow_none=True, metadata={"description": "When the hazard begins; null: not said."}
    )
    ends_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "When the hazard ends."})
    expires_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "When the message expires."})
    ended_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "When it ended."})
    ended_reason = Word(
        REASONS,
        required=True,
        allow_none=True,
        metadata={"description": "Why it is over; `no_longer_listed` is our inference. Null if unknown."},
    )
    updated_at = fields.DateTime(required=True, metadata={"description": "When it changed here last."})
    reports_active = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Active reports inside, as counted last; in very large floods an estimate. Null if it has "
            "no outline, or if they were not counted within five minutes: then `missing` names it.",
            "example": 3,
        },
    )
    reports_active_as_of = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={
            "description": "The number of reports inside is true as of then, or later. Null if there is none.",
            "example": "2026-11-21T11:59:50Z",
        },
    )
    distance_m = fields.Integer(metadata={"description": "With lat, lon: distance to its outline; 0 inside."})
    links = fields.Nested(WarningLinksSchema, required=True, metadata={"description": "Paths of the warning."})


def warning_form(
    row: OfficialWarning, *, inside: Inside = NOT_KNOWN, away_km: float | None = None, language: str = SOURCE
) -> dict[str, Any]:
    """Return the fields of a warning in answers; plain words in the given language."""
    now_ms = clock.now_ms()
    mark, words, reason = row.mark(), plain_words_of(row, language), ended_reason(row)
    first, *others = [_words(text) for text in row.words]
    form = {
        "id": row.id,
        "source": row.source,
        "source_id": row.source_id,
        "in_force": mark.is_in_force(now_ms),
        "hazard": hazard_of(row),
        "severity": row.severity,
        "urgency": row.urgency,
        "certainty": row.certainty,
        **{name: first[name] for name in WORDS},
        "plain": {"rank": words.rank, "what_to_do": words.what_to_do, "language": words.language},
        "language": first["language"],
        "other_languages": others,
        "areas": areas_of(row),
        "geometry_status": row.geometry_status,
        "geometry_reason": row.geometry_reason,
        "sent_at": clock.rfc3339_or_none(row.sent_at_ms),
        "onset_at": clock.rfc3339_or_none(row.onset_at_ms),
        "ends_at": clock.rfc3339_or_none(row.ends_at_ms),
        "expires_at": clock.rfc3339_or_none(row.expires_at_ms),
        "ended_at": None if mark.is_in_force(now_ms) else clock.rfc3339_or_none(mark.over_at_ms),
        "ended_reason": reason,
        "updated_at": clock.rfc3339_or_none(row.updated_at_ms),
        "reports_active": inside.reports,
        "reports_active_as_of": clock.rfc3339_or_none(inside.as_of_ms),
        "links": _links(row),
    }
    return form if away_km is None else form | {"distance_m": round(away_km * 1000)}


def areas_of(row: OfficialWarning) -> list[dict[str, str | None]]:
    """Return the official areas that it names."""
    return [{"id": area_id, "name": name} for area_id, name in row.named_areas]


def _words(text: dict[str, str]) -> dict[str, str]:
    return {name: text.get(name, "") for name in ("language", *WORDS)}


def _links(row: OfficialWarning) -> dict[str, str]:
    own = f"/v1/warnings/{row.id}"
    return {"self": own} | ({"geojson": f"{own}.geojson"} if row.box else {})
