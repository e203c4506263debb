"""Schemas of decisions about reports."""

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validates_schema
from marshmallow.exceptions import ValidationError

from app.api.location_schemas import LocationSchema
from app.core.severity import Severity
from app.http.fields import COMMON_MESSAGES, Number, Text, Whole, Word
from app.http.schemas import StrictSchema
from app.review.verdicts import Verdict
from app.review.verification import REASONS, SAME_FLOOD, Deciding

LONGEST_NOTE = 1000
EVERY_REASON = tuple(reason for reasons in REASONS.values() for reason in reasons)


class CorrectionsSchema(StrictSchema):
    """Fields to correct; the reporter's own values are kept beside them. A home stays on its grid."""

    location = fields.Nested(
        LocationSchema, error_messages=COMMON_MESSAGES, metadata={"description": "Where the water is."}
    )
    radius_m = Whole(
        low=1, high=5000, metadata={"description": "How exactly the corrected place is known, or how far it reaches."}
    )
    severity = Word(Severity, metadata={"description": "How bad it is."})
    depth_cm = Number(
        low=0,
        high=1000,
        allow_none=True,
        metadata={"description": "Depth of the water in centimetres; null: not known."},
    )
    title = Text(
        shortest=1, longest=120, allow_none=True, metadata={"description": "What is seen, in a few words; null: none."}
    )
    description = Text(
        shortest=0,
        longest=4000,
        lines=True,
        allow_none=True,
        metadata={"description": "What is seen, in plain text with line breaks; null: none."},
    )


class DecisionSchema(StrictSchema):
    """A decision of a responder."""

    decision = Word(Verdict, required=True, metadata={"description": "What is decided about the report."})
    reason = Word(
        EVERY_REASON,
        metadata={
            "description": "Required for verified and rejected, each with its own; `same_flood` for merged.",
            "example": EVERY_REASON[0],
        },
    )
    into = fields.String(metadata={"description": "For merged: the id of the other report."})
    note = Text(
        shortest=0, longest=LONGEST_NOTE, lines=True, allow_none=True, metadata={"description": "For responders."}
    )
    corrections = fields.Nested(
        CorrectionsSchema,
        error_messages=COMMON_MESSAGES,
        metadata={"description": "Fields to correct at the same time."},
    )

    @validates_schema(skip_on_field_errors=False)
    def check_members(self, data: Mapping[str, Any], **_: Any) -> None:
        """Require what the decision needs, and refuse what it cannot have."""
        if mistakes := mistakes_of(data):
            raise ValidationError(mistakes)


def mistakes_of(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what does not fit the decision, by member."""
    verdict, mistakes = data.get("decision"), dict[str, list[str]]()
    if verdict is None:
        return mistakes
    is_merge = verdict == Verdict.MERGED
    reasons = REASONS[Verdict(verdict)]
    if "reason" in data and data["reason"] not in reasons:
        mistakes["reason"] = [f"word|It must be one of {', '.join(reasons)} for this decision."]
    if "reason" not in data and not is_merge:
        mistakes["reason"] = [f"required|It is required: one of {', '.join(reasons)}."]
    if is_merge and "into" not in data:
        mistakes["into"] = ["required|It is required for merged."]
    if not is_merge and "into" in data:
        mistakes["into"] = ["unexpected|Only merged has it."]
    return mistakes


def deciding(values: Mapping[str, Any]) -> Deciding:
    """Return the decision in validated values."""
    reason = values.get("reason", SAME_FLOOD)
    corrections = values.get("corrections", {})
    return Deciding(values["decision"], reason, values.get("note") or None, values.get("into"), corrections)
