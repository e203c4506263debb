"""Read an event with its warnings or its report, cached for some seconds for all the people who hear of it."""

from functools import cached_property, lru_cache
from typing import Any

from app.alerts import event_models, events, extents, report_events
from app.alerts.event_models import Event, Kind, WarningEvent
from app.alerts.extents import Extent, Shape, Spot
from app.core import clock
from app.core.severity import Severity
from app.reports.models import Report
from app.warnings import kept
from app.warnings.marks import FLOOD, Mark
from app.warnings.models import OfficialWarning, SourceStates

KEPT_MS = 5_000
_MOST_KEPT = 16
_CLOCKS_DIFFER_MS = 2_000


class Present:
    """An event, and its warnings or its report as they were read a few seconds ago at most."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.read_at_ms = clock.now_ms()
        self._extents: dict[str, Extent] = {}
        self._known: dict[str, list[WarningEvent]] = {}
        self._others: dict[str, OfficialWarning] = {}

    @cached_property
    def warnings(self) -> list[OfficialWarning]:
        """Return its warnings, in the order of their ids; those that are gone are left out. Consistent reads."""
        if self.event.kind == Kind.REPORT:
            return []
        rows = OfficialWarning.find_all(self.event.members, consistent=True)
        for row in rows.values():
            row.kept_mark = row.mark()  # it is asked many times, and the row does not change any more
        return [rows[warning_id] for warning_id in sorted(rows)]

    @cached_property
    def report(self) -> Report | None:
        """Return its report by a consistent read; None if it is about none, or it is gone."""
        if self.event.kind != Kind.REPORT or not self.event.members:
            return None
        return Report.find(self.event.members[0], consistent=True)

    def has_risen(self, warning_id: str) -> bool:
        """Return whether one of its warnings was less grave in what people have heard of it before."""
        if self.event.kind != Kind.WARNING:
            return False
        gravity = Severity(self.event.severity).gravity
        known = self.known_of(warning_id)
        heard = events.heard_before(known, self.event.name)
        return any(row.event in heard and Severity(row.severity).gravity < gravity for row in known)

    def known_of(self, warning_id: str) -> list[WarningEvent]:
        """Return the events of a warning, the first one first; read once."""
        if warning_id not in self._known:
            self._known[warning_id] = WarningEvent.all_of(warning_id)
        return self._known[warning_id]

    def touched(self, shape: Shape) -> list[OfficialWarning]:
        """Return its warnings that touch a place."""
        return [row for row in self.warnings if self._extent_of(row).touches(shape)]

    def others_at(self, shape: Shape) -> list[OfficialWarning]:
        """Return the other flood warnings of its source that are in force and touch a place, in no order."""
        around, now_ms = extents.around(shape), clock.now_ms()
        near = [mark.id for mark in self._listed if around and mark.box and mark.box.intersects(around)]
        self._others |= OfficialWarning.find_all(one for one in near if one not in self._others)
        rows = (self._others[one] for one in near if one in self._others)
        return [row for row in rows if row.mark().is_in_force(now_ms) and self._extent_of(row).touches(shape)]

    @cached_property
    def _listed(self) -> list[Mark]:
        """Return the marks of the other flood warnings of its source that are in force, as of some seconds ago."""
        marks = kept.listed(str(self.event.source), "~", None)
        own = {row.id for row in self.warnings}
        return [one for one in marks if one.id not in own and one.hazard == FLOOD and one.is_in_force(clock.now_ms())]

    def _extent_of(self, row: OfficialWarning) -> Extent:
        if row.id not in self._extents:
            self._extents[row.id] = extents.of_warning(row)
        return self._extents[row.id]

    @cached_property
    def spot(self) -> Extent | None:
        """Return where its report is."""
        return Spot(self.report.entry().spot) if self.report else None

    @cached_property
    def level(self) -> report_events.Level:
        """Return how well its report is supported."""
        return report_events.level_of(self.report)


_kept: dict[str, Present] = {}


def read(name: str) -> Present | None:
    """Return an event as it is now, or was some seconds ago; None if there is none. Raises what the database raises."""
    known = _kept.get(name)
    is_fresh = known is not None and 0 <= clock.now_ms() - known.read_at_ms < KEPT_MS
    return known if is_fresh else read_fresh(name)


def read_after(name: str, made_at_ms: int, about: Present | None) -> Present | None:
    """Return an event as it is now if what is known of it may be older than a message about it; else what is known.

    Members are added to an event until the message about them is made.
    """
    is_newer = about is not None and about.read_at_ms > made_at_ms + _CLOCKS_DIFFER_MS
    return about if is_newer else read_fresh(name)


def read_fresh(name: str) -> Present | None:
    """Return an event as it is now, and keep it for some seconds."""
    event = event_models.read(name)
    if event is None:
        return None
    _kept.pop(name, None)
    _kept[name] = Present(event)
    while len(_kept) > _MOST_KEPT:
        del _kept[next(iter(_kept))]
    return _kept[name]


def source_state(source: str) -> dict[str, Any]:
    """Return when a source was heard, as of some seconds ago; empty if never."""
    return _states(clock.now_ms() // KEPT_MS).get(source, {})


@lru_cache(1)
def _states(_: int) -> dict[str, dict[str, Any]]:
    return SourceStates.read(consistent=True).by_name()


def forget() -> None:
    """Empty the cache, for tests."""
    _kept.clear()
    _states.cache_clear()
