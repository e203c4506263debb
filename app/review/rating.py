"""Store the rating of a report in its row, and return from the row the reasons for and against it."""

import json
from typing import Any

from app.core import clock
from app.core.severity import Severity
from app.reports.models import Report
from app.reports.observation import AHEAD_MS, severity_of_depth
from app.review.confidence import Facts, Rating, rate

WITHIN_MS = 3 * clock.HOUR_MS
_STEPS_APART = 2  # of severity, from which on a depth contradicts the reporter's word


def rate_decided(report: Report) -> None:
    """Rate a report by its new status and verdict, before the decision is stored: one write carries both.

    Call it last, also when a decision is undone: then the row's own facts count until the consumer, seconds later, adds
    those around the report. A decision lets the consumer write as often again as in a new report's life.
    """
    put(report, rate_row(report))
    report.ratings = report.rated_at_ms = None


def rate_row(report: Report, facts: Facts | None = None) -> Rating:
    """Rate a report by its status and by some facts; without any by those of its row alone."""
    verdict = report.verdict
    own_facts = facts_of_row(report) if facts is None else facts
    return rate(own_facts, str(report.status), decision_reason=verdict.reason if verdict else "")


def put(report: Report, rating: Rating) -> None:
    """Set the columns of a rating."""
    reasons = [list(reason) for reason in rating.reasons]
    report.confidence, report.confidence_tenths = str(rating.level), rating.tenths
    report.confidence_reasons = json.dumps(reasons, separators=(",", ":")) if reasons else None


def shown_rating(report: Report) -> tuple[str, float, list[list[Any]]]:
    """Return level, score and reasons; of a report that was never rated, those of its row alone."""
    level, score, reasons = report.rating
    if reasons:
        return level, score, reasons
    rating = rate_row(report)
    return level, rating.tenths / 10, [list(reason) for reason in rating.reasons]


def facts_of_row(report: Report) -> Facts:
    """Return the facts that the row alone shows. Flags count once here: their networks are in other rows."""
    is_imported = report.source is not None
    return Facts(
        photo_shown=int(report.has_photo_shown),
        imported=int(is_imported),
        depth_fits=int(_steps_apart(report) in range(_STEPS_APART)),
        depth_contradicts=int(_steps_apart(report) >= _STEPS_APART),
        filed_late=int(not is_imported and report.created_at_ms - int(report.observed_at_ms) > WITHIN_MS + AHEAD_MS),
        flags=int(bool(report.flags_waiting)),
        disputed=int(bool(report.is_disputed)),
    )


def _steps_apart(report: Report) -> int:
    """Return by how many steps depth and severity differ; -1 if the reporter has not given both."""
    severity = Severity(report.severity)
    if report.depth_cm is None or report.is_severity_derived or severity == Severity.UNKNOWN:
        return -1
    return abs(severity.gravity - severity_of_depth(float(report.depth_cm)).gravity)
