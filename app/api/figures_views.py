"""Figures of the service for admins, for both /admin and /v1/admin/figures: each part is read apart from the others."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from app.api import status_views
from app.core import clock, dynamodb, telemetry
from app.review import figures, queue_length
from app.review.counting import Origin
from app.review.figures import Decisions, Hour
from app.review.queue_length import Length
from app.review.urgency import State
from app.situation import areas_warned
from app.situation.areas_warned import AreasWarned
from app.warnings.models import SourceStates

Part = TypeVar("Part")
REPORTS, DECISIONS, AREAS, SOURCES, QUEUE = PARTS = ("reports", "decisions", "areas_warned", "sources", "queue")


class Today(NamedTuple):
    """Figures at one moment, and of the period that began at `since_ms`. A part is None if it could not be read."""

    now_ms: int
    since_ms: int
    hours: list[Hour] | None
    decisions: Decisions | None
    areas: AreasWarned | None
    sources: list[status_views.Fact] | None
    queue: Mapping[State, Length] | None

    @property
    def missing(self) -> list[str]:
        """Names of the parts that could not be read."""
        parts = (self.hours, self.decisions, self.areas, self.sources, self.queue)
        return [name for name, part in zip(PARTS, parts, strict=True) if part is None]


def read() -> Today:
    """Read all parts in turn, within the request's time for the database; a failing one is left out."""
    now_ms = clock.now_ms()
    states = _read(SOURCES, lambda: SourceStates.read().by_name())
    areas = None if states is None else _read(AREAS, lambda: areas_warned.count(states))
    queue = _read(QUEUE, queue_length.count)
    counted = _read(REPORTS, lambda: figures.read(now_ms))
    is_known = counted is not None and any(hour.filed is not None for hour in counted.hours)
    return Today(
        now_ms,
        figures.since(now_ms),
        counted.hours if counted and is_known else None,
        counted.decisions if counted else None,
        areas,
        None if states is None else status_views.facts_of(states, now_ms),
        queue,
    )


def _read(part: str, read_part: Callable[[], Part]) -> Part | None:
    try:
        return read_part()
    except dynamodb.FAILURES as error:
        telemetry.logger().error("part not read", extra={"part": part, "error": type(error).__name__})
        return None


def form(today: Today) -> dict[str, Any]:
    """Return the figures as the API answers them."""
    return {
        "as_of": clock.rfc3339(today.now_ms),
        "begins_at": clock.rfc3339(today.since_ms),
        REPORTS: None if today.hours is None else _reports_form(today.hours),
        DECISIONS: None if today.decisions is None else _decisions_form(today.decisions),
        AREAS: None if today.areas is None else _areas_form(today.areas),
        SOURCES: today.sources,
        QUEUE: None if today.queue is None else {str(state): _length_form(one) for state, one in today.queue.items()},
        "missing": today.missing,
    }


def total_of(hours: list[Hour]) -> dict[Origin, int]:
    """Return the reports of all hours by origin, as far as they are known."""
    known = [hour.filed for hour in hours if hour.filed is not None]
    return {origin: sum(filed[origin] for filed in known) for origin in Origin}


def _reports_form(hours: list[Hour]) -> dict[str, Any]:
    total = {str(origin): number for origin, number in total_of(hours).items()}
    return total | {"is_whole": all(hour.is_whole for hour in hours), "hours": [_hour_form(hour) for hour in hours]}


def _hour_form(hour: Hour) -> dict[str, Any]:
    counts = {str(origin): hour.filed[origin] if hour.filed else None for origin in Origin}
    return {"begins_at": clock.rfc3339(hour.from_ms)} | counts | {"is_whole": hour.is_whole}


def _decisions_form(decisions: Decisions) -> dict[str, Any]:
    return {
        "number": decisions.number,
        "median_minutes": decisions.median_min,
        "is_whole": decisions.is_whole,
    }


def _areas_form(areas: AreasWarned) -> dict[str, Any]:
    ranks = [{"rank": str(rank), "number": number} for rank, number in areas.by_rank.items()]
    return {"total": areas.total, "ranks": ranks, "is_at_least": areas.is_at_least}


def _length_form(length: Length) -> dict[str, Any]:
    return {"number": length.number, "is_at_least": length.is_at_least}
