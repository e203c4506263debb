"""Decide which changes of reports are events that people hear of, and note them, each once.

A report becomes verified, or likely for those who asked for such, or rises to severe or worse while it is one of both.
Of likely ones at most MOST_LIKELY an hour are events in a square of zoom 8. More may be a flood of invented reports:
they wait for responders, in whose queue they are.
"""

from enum import IntEnum

from app.alerts import event_models
from app.alerts.event_models import AlertEvent, Kind, LikelySlot
from app.alerts.jobs import Job
from app.core import clock, telemetry
from app.core.severity import Severity
from app.geo.tiles import tile_at
from app.reports.entry import Condition, Confidence, Status
from app.reports.models import Report

MOST_LIKELY, EACH_MS = 3, clock.HOUR_MS
_LIKELY_ZOOM = 8


class Level(IntEnum):
    """Degree to which a report is supported, for alerts."""

    NONE = 0
    LIKELY = 1
    VERIFIED = 2


def level_of(report: Report | None) -> Level:
    """Return the level of a report now; NONE if it is over, hidden, or says that the water has gone."""
    if report is None or not report.is_active(clock.now_ms()) or report.condition == Condition.RECEDED:
        return Level.NONE
    if report.status == Status.VERIFIED:
        return Level.VERIFIED
    is_likely = report.confidence in (Confidence.LIKELY, Confidence.HIGH) and not report.is_disputed
    return Level.LIKELY if is_likely else Level.NONE


def note_report(old: Report | None, new: Report) -> Job | None:
    """Note the event that a change of a report is; return the search for whom it concerns. None if it is none.

    `old` is None for a new report, and where it is not known. Safe to repeat. Raises what the database raises.
    """
    level, gravity = level_of(new), gravity_of(new)
    has_risen = old is not None and gravity > max(gravity_of(old), Severity.SEVERE.gravity - 1)
    if level == Level.NONE or not (level > level_of(old) or has_risen):
        return None
    event = AlertEvent(name_of(new.id, gravity), kind=Kind.REPORT, severity=new.severity)
    if level == Level.LIKELY and not _may_be_heard_of(new, event.id):
        telemetry.measure("LikelyAlertsHeldBack", 1, "Count")
        return None
    change = str(int(new.version))
    event_models.note_member(event, new.id, change, of_warning=False)
    is_queued = event_models.Member.of(event.id, new.id).has_queued(change)
    return None if is_queued else Job(event.id, new.id, change)


def name_of(report_id: str, gravity: int) -> str:
    """Return the name of the event of a report: it stays when a likely one is verified."""
    return f"r-{report_id}-{gravity}"


def gravity_of(report: Report) -> int:
    """Return the gravity of a report's severity."""
    return Severity(report.severity).gravity


def _may_be_heard_of(report: Report, event: str) -> bool:
    square = tile_at(lat=float(report.lat), lon=float(report.lon), z=_LIKELY_ZOOM).key
    return LikelySlot.take(square, event, most=MOST_LIKELY, each_ms=EACH_MS)
