"""Schemas of what others say about a report: its votes, and its confidence with the reasons."""

from typing import Any

from marshmallow import fields

from app.http.fields import Word
from app.http.schemas import StrictSchema
from app.reports.entry import Confidence
from app.reports.models import Report
from app.review.reasons import TEXTS, reason_texts


class VotesSchema(StrictSchema):
    """How many persons say that it is flooded, or has receded; and the depths that the newest three gave."""

    flooded = fields.Integer(required=True)
    receded = fields.Integer(required=True)
    depths_cm = fields.List(fields.Float(), required=True)


class ReasonSchema(StrictSchema):
    """One reason of a confidence. The weights add up to the score."""

    code = Word(
        TEXTS,
        required=True,
        metadata={"description": "`docs/confidence.md` has the weights. Others may be added."},
    )
    weight = fields.Float(
        required=True, metadata={"description": "Below 0 for what speaks against it; 0 beyond a limit."}
    )
    text = fields.String(required=True, metadata={"description": "In the first known language of `Accept-Language`."})


class ConfidenceSchema(StrictSchema):
    """How well a report is supported, and by what."""

    level = Word(Confidence, required=True)
    score = fields.Float(required=True, metadata={"description": "From 0 to 1, in tenths."})
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)


def said_of(report: Report, language: str) -> dict[str, Any]:
    """Return what others say about a report: its votes, and its confidence with the reasons."""
    (flooded, receded), (level, score, reasons) = report.votes, report.rating
    return {
        "votes": {"flooded": flooded, "receded": receded, "depths_cm": report.depths_cm},
        "confidence": {"level": level, "score": score, "reasons": reason_texts(reasons, language)},
    }
