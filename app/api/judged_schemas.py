"""Parts of a whole report that do not come from its reporter: votes, confidence, decisions of responders."""

from typing import Any

from marshmallow import fields

from app.core import clock
from app.http.fields import Word
from app.http.schemas import StrictSchema
from app.reports.entry import Confidence
from app.reports.models import Report
from app.review.rating import shown_rating
from app.review.reasons import TEXTS, reason_texts
from app.review.verification import Verdict


class VotesSchema(StrictSchema):
    """Numbers of persons who say flooded or receded, and the depths that the newest three gave."""

    flooded = fields.Integer(required=True)
    receded = fields.Integer(required=True)
    depths_cm = fields.List(fields.Float(), required=True)


class ReasonSchema(StrictSchema):
    """One reason of a confidence. The weights add up to the score."""

    code = Word(TEXTS, required=True, metadata={"description": "`docs/confidence.md` lists them with their weights."})
    weight = fields.Float(
        required=True, metadata={"description": "Below 0 for what speaks against it; 0 beyond a limit."}
    )
    text = fields.String(required=True, metadata={"description": "In the first known language of `Accept-Language`."})


class ConfidenceSchema(StrictSchema):
    """Support of a report, and the reasons for it."""

    level = Word(Confidence, required=True)
    score = fields.Float(required=True, metadata={"description": "From 0 to 1, in tenths."})
    reasons = fields.List(fields.Nested(ReasonSchema), required=True)


class VerificationSchema(StrictSchema):
    """Decision of responders about a report."""

    decision = Word(Verdict, required=True)
    reason = fields.String(required=True)
    decided_at = fields.DateTime(required=True)
    by = fields.String(required=True, metadata={"description": "Always `staff`."})
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
