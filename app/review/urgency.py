"""How urgently a report waits for a responder: pure rules over a report's own columns, without clock or database.

Age counts by itself: the queue is ordered by the time of filing, moved back by a bonus of up to 24 hours. So age never
rewrites a row, and a row's key follows from the report alone, as it was before a change and as it is after it.
"""

from enum import StrEnum
from typing import NamedTuple
from zlib import crc32

from app.core import clock
from app.core.severity import Severity
from app.geo.tiles import tile_at
from app.reports.entry import PUBLIC, Condition, Status, sort_key
from app.reports.models import Report

ZOOM = 6
LANES = 4
MOST_BONUS_H = 24
_SEVERITY_H = {Severity.MINOR: 1, Severity.MODERATE: 3, Severity.SEVERE: 6, Severity.EXTREME: 9}
_MOST_PEOPLE_H = 4  # an hour for each person beside the reporter
_WARNING_H = 3
_FLAG_H, _MOST_FLAGS_H = 2, 4
WARNING = "official_warning"  # a reason of the confidence


class State(StrEnum):
    """For what a report waits; of several the first one here."""

    DISPUTED = "disputed"
    MAY_BE_OVER = "may_be_over"
    WAITING = "waiting"


class Key(NamedTuple):
    """Key of a report's row in the queue."""

    lane: str
    sort: str


class Reason(NamedTuple):
    """One reason of a priority, with the hours that it adds."""

    code: str
    hours: int


def may_wait(report: Report) -> bool:
    """Return whether the report waits for a responder as long as it is active."""
    waits_for = report.status == Status.PENDING or state_of(report) != State.WAITING
    return report.status in PUBLIC and waits_for


def waits(report: Report, now_ms: int) -> bool:
    """Return whether the report waits for a responder. What is unjudged when its flood is over leaves the queue."""
    return may_wait(report) and report.is_active(now_ms)


def state_of(report: Report) -> State:
    """Return for what a report waits: flags, what votes say about its end, or a first look."""
    if report.is_disputed or report.flags_waiting:
        return State.DISPUTED
    return State.MAY_BE_OVER if report.condition == Condition.MAY_BE_OVER else State.WAITING


def reasons_of(report: Report) -> list[Reason]:
    """Return what makes a report urgent beside its age. Each further fact adds hours, and none takes any away."""
    people = sum(report.votes) - 1
    over = any(reason[0] == WARNING for reason in report.rating[2])
    flags = int(report.flags_waiting or 0)
    found = [
        Reason("severity", _SEVERITY_H.get(Severity(report.severity), 0)),
        Reason("people", min(max(people, 0), _MOST_PEOPLE_H)),
        Reason("warning", _WARNING_H if over else 0),
        Reason("flags", min(flags * _FLAG_H, _MOST_FLAGS_H)),
        Reason("disputed", MOST_BONUS_H if report.is_disputed else 0),
    ]
    return [reason for reason in found if reason.hours]


def bonus_h(report: Report) -> int:
    """Return by how many hours a report goes before others of its age: 0 to 24, all of them if flags have folded it."""
    return min(sum(reason.hours for reason in reasons_of(report)), MOST_BONUS_H)


def key_of(report: Report) -> Key:
    """Return the key of the report's row: its tile by the public place, one of four lanes, and its urgency."""
    tile = tile_at(lat=float(report.lat), lon=float(report.lon), z=ZOOM).key
    urgency_ms = report.created_at_ms - bonus_h(report) * clock.HOUR_MS
    return Key(lane_of(tile, crc32(report.id.encode()) % LANES), sort_key(urgency_ms, report.id))


def lane_of(tile: str, number: int) -> str:
    """Return the partition of one lane of a tile."""
    return f"{tile}#{number}"


def state_lane_of(key: Key, state: State) -> str | None:
    """Return the partition in which a row of a rare state is found; None for those that wait for a first look."""
    return None if state == State.WAITING else f"{key.lane.partition('#')[0]}#{state}"
