"""Decide whom a warning or a report concerns, by what is true of it now."""

from typing import NamedTuple

from app.alerts import extents, report_events
from app.alerts.event_models import AlertEvent, Grown, Kind, WarningEvent
from app.alerts.extents import Extent, Outlined, Spot
from app.alerts.jobs import Job
from app.alerts.reach import Ranges
from app.alerts.report_events import Level
from app.alerts.subscription_models import Square
from app.core import clock
from app.core.severity import Severity
from app.geo.encode import unpack
from app.reports.models import Report
from app.warnings.models import OfficialWarning

DEFAULT_OF_REPORTS = Severity.SEVERE  # the least severity of reports for who has not chosen one
_LIKELY, _OFF = "likely", "off"


class Audience(NamedTuple):
    """People whom a member of an event concerns: by place, by kinds of alerts, and by least severity.

    `level`: of a report; None of a warning. `former`: who is inside it has heard before. `compared`: places that were
    compared already, as squares have them; many people ask for the same area.
    """

    extent: Extent
    severity: str
    compared: dict[str, bool]
    level: Level | None = None
    former: Outlined | None = None

    @property
    def ranges(self) -> dict[str, Ranges]:
        """Return the parts of the table of subscriptions in which they are, and others."""
        if self.former is not None and isinstance(self.extent, Outlined):
            return self.extent.ranges_beyond(self.former)
        return self.extent.ranges

    def has(self, square: Square) -> bool:
        """Return whether the subscription of a square is meant."""
        if not (self._is_asked_for(square) and self._is_grave_enough(square.severity_min) and _is_awake(square)):
            return False
        place = str(square.packed_shape)
        if place not in self.compared:
            is_inside = self.extent.touches(square.shape)
            self.compared[place] = is_inside and (self.former is None or not self.former.touches(square.shape))
        return self.compared[place]

    def _is_asked_for(self, square: Square) -> bool:
        if self.level is None:
            return bool(square.warnings)
        return square.reports == _LIKELY or (self.level == Level.VERIFIED and square.reports != _OFF)

    def _is_grave_enough(self, least: str | None) -> bool:
        default = 0 if self.level is None else DEFAULT_OF_REPORTS.gravity
        return Severity(self.severity).gravity >= (Severity(least).gravity if least else default)


def _is_awake(square: Square) -> bool:
    return square.paused_until_ms is None or int(square.paused_until_ms) <= clock.now_ms()


def of(job: Job, event: AlertEvent) -> Audience | None:
    """Return the audience of an event's member; None if that is over, or if a later event replaces this one."""
    return _of_report(job, event) if event.kind == Kind.REPORT else _of_warning(job)


def _of_warning(job: Job) -> Audience | None:
    warning = OfficialWarning.find_all([job.member], consistent=True).get(job.member)
    if warning is None or not warning.mark().is_in_force(clock.now_ms()):
        return None
    events = WarningEvent.all_of(job.member)
    if not events or events[-1].event != job.event:
        return None
    return Audience(extents.of_warning(warning), str(warning.severity), {}, former=_former(job))


def _former(job: Job) -> Outlined | None:
    """Return the warning's outline before its area grew; None if everybody inside is to hear of it."""
    packed = Grown.shape_before(job.event, job.member, job.change) if job.is_grown else None
    try:
        return Outlined(unpack(packed)) if packed else None
    except ValueError:
        return None


def _of_report(job: Job, event: AlertEvent) -> Audience | None:
    report = Report.find(job.member, consistent=True)
    level = report_events.level_of(report)
    if report is None or level == Level.NONE:
        return None
    gravity, then = report_events.gravity_of(report), Severity(event.severity).gravity
    has_later_event = gravity > max(then, Severity.SEVERE.gravity - 1)
    return None if has_later_event else Audience(Spot(report.entry().spot), str(report.severity), {}, level)
