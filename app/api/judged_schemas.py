"""Parts of a whole report that do not come from its reporter: votes, confidence, decisions of responders."""

from typing import Any

from marshmallow import fields

from app.core import clock
from app.http.fields import Word
from app.http.schemas import StrictSchema
from app.reports.entry import Confidence
from app.reports.models import Report
from app.review.confidence import TEXTS, reason_texts
from app.review.rating import shown_rating
from app.review.verdicts import Verdict


class VotesSchema(StrictSchema):
    """Numbers of persons who say flooded or receded, and the depths that the newest three gave."""

    flooded = fields.Integer(
        required=True, metadata={"description": "Persons who say that it is still flooded.", "example": 2}
    )
    receded = fields.Integer(
        required=True, metadata={"description": "Persons who say that the water has gone.", "example": 0}
    )
    depths_cm = fields.List(
        fields.Float(),
        required=True,
        metadata={"description": "The depths in centimetres that the newest three gave.", "example": [30, 25]},
    )


class ReasonSchema(StrictSchema):
    """One reason of a confidence. The weights add up to the score."""

    code = Word(TEXTS, required=True, metadata={"description": "`docs/confidence.md` lists them with their weights."})
    weight = fields.Float(
        required=True, metadata={"description": "Below 0 for what speaks against it; 0 beyond a limit.", "example": 0.3}
    )
    text = fields.String(
        required=True,
        metadata={
            "description": "In the first known language of `Accept-Language`.",
            "example": "Its reporter has an account whose reports were confirmed before.",
        },
    )


class ConfidenceSchema(StrictSchema):
    """Support of a report, and the reasons for it."""

    level = Word(Confidence, required=True, metadata={"description": "How well the report is supported."})
    score = fields.Float(required=True, metadata={"description": "From 0 to 1, in tenths.", "example": 0.4})
    reasons = fields.List(
        fields.Nested(ReasonSchema), required=True, metadata={"description": "What the score is made of."}
    )


class VerificationSchema(StrictSchema):
    """Decision of responders about a report."""

    decision = Word(Verdict, required=True, metadata={"description": "What was decided."})
    reason = fields.String(required=True, metadata={"description": "The code of the reason.", "example": "on_site"})
    decided_at = fields.DateTime(required=True, metadata={"description": "When it was decided."})
    by = fields.String(required=True, metadata={"description": "Always `staff`.", "example": "staff"})
    account_id = fields.String(metadata={"description": "For responders only: who decided."})
    note = fields.String(allow_none=True, metadata={"description": "For responders only."})


def said_of(report: Report, language: str) -> dict[str, Any]:
    """Return what others say about a report: its votes, and its confidence with the reasons."""
    (flooded, receded), (level, score, reasons) = report.votes, shown_rating(report)
    return {
        "votes": {"flooded": flooded, "receded": receded, "depths_cm": report.depths_cm},
        "confidence": {"level": level, "score": score, "reasons": reason_texts(reasons, language)},
    }


def judged(report: Report, *, is_staff: bool) -> dict[str, Any]:
    """Return what responders decided: who and why in their own words for responders only."""
    verdict, form = report.verdict, dict[str, Any]()
    if verdict:
        form = {"decision": verdict.decision, "reason": verdict.reason, "by": "staff"}
        form["decided_at"] = clock.rfc3339(verdict.decided_at_ms)
        if is_staff:
            form |= {"account_id": verdict.decided_by, "note": verdict.note}
    merged: dict[str, Any] = {"merged_from": report.duplicates} if report.duplicates else {}
    merged |= {"merged_into": report.merged_into} if report.merged_into else {}
    return {"verification": form or None} | merged
