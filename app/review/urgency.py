"""Urgency of a report that waits for a responder: pure rules over a report's own columns, without clock or database.

Age counts by itself: the queue is ordered by the time of filing, moved back by a bonus of up to 24 hours; a report that
was filed under a block of staff stands 24 hours later than it would. So age never rewrites a row, and brings each to
the front in the end. A row's key follows from the report, as it was before a change and as it is after it, and from
whether an official warning was over it: of a report two keys are possible, whatever was known when its row was
written.
"""

from enum import StrEnum
from typing import NamedTuple
from zlib import crc32

from app.core import clock
from app.core.severity import Severity
from app.geo.tiles import tile_at
from app.reports.entry import PUBLIC, Condition, Status, sort_key
from app.reports.models import Report
from app.reports.photo_column import Photo, PhotoState

ZOOM = 6
SHARDS = 4
MOST_BONUS_H = 24
_SEVERITY_H = {Severity.MINOR: 1, Severity.MODERATE: 3, Severity.SEVERE: 6, Severity.EXTREME: 9}
_MOST_PEOPLE_H = 4  # an hour for each person beside the reporter
_WARNING_H = 3
_FLAG_H, _MOST_FLAGS_H = 2, 4
_BLOCK_H = -24  # after all that others have filed within a day


class State(StrEnum):
    """For what a report waits; of several the first one here."""

    DISPUTED = "disputed"
    MAY_BE_OVER = "may_be_over"
    PHOTOS = "photos"
    WAITING = "waiting"


class Key(NamedTuple):
    """Key of a report's row in the queue."""

    shard: str
    sort: str


class Reason(NamedTuple):
    """One reason of a priority, with the hours that it adds; a block takes hours away."""

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
    """Return for what a report waits: flags, what votes say about its end, its photos, or a first look."""
    if report.is_disputed or report.flags_waiting:
        return State.DISPUTED
    if report.condition == Condition.MAY_BE_OVER:
        return State.MAY_BE_OVER
    return State.PHOTOS if count_photos(report) else State.WAITING


def undecided_photos(report: Report) -> list[Photo]:
    """Return the photos of which pixels are there, and about which no responder has decided."""
    return [photo for photo in report.photos if photo.state == PhotoState.READY and photo.decision is None]


def count_photos(report: Report) -> int:
    """Return how many photos wait: undecided ones that everyone does not see already, as part of a verified report."""
    return sum(not report.shows(photo) for photo in undecided_photos(report))


def reasons_of(report: Report, *, is_warned: bool) -> list[Reason]:
    """Return what makes a report urgent beside its age. Each further fact adds hours; only a block takes some away."""
    people = sum(report.votes) - 1
    flags = int(report.flags_waiting or 0)
    found = [
        Reason("severity", _SEVERITY_H.get(Severity(report.severity), 0)),
        Reason("people", min(max(people, 0), _MOST_PEOPLE_H)),
        Reason("warning", _WARNING_H if is_warned else 0),
        Reason("flags", min(flags * _FLAG_H, _MOST_FLAGS_H)),
        Reason("disputed", MOST_BONUS_H if report.is_disputed else 0),
        Reason("block", _BLOCK_H if report.under_block and report.status == Status.PENDING else 0),
    ]
    return [reason for reason in found if reason.hours]


def bonus_h(report: Report, *, is_warned: bool) -> int:
    """Return by how many hours a report goes before others of its age: up to 24, all of them if flags have folded it.

    Less than none if its sender was blocked: down to -24.
    """
    reasons = reasons_of(report, is_warned=is_warned)
    bonus = min(sum(reason.hours for reason in reasons if reason.hours > 0), MOST_BONUS_H)
    return bonus + sum(reason.hours for reason in reasons if reason.hours < 0)


def key_of(report: Report, *, is_warned: bool) -> Key:
    """Return the key of the report's row: its tile by the public place, one of four shards, and its urgency."""
    tile = tile_at(lat=float(report.lat), lon=float(report.lon), z=ZOOM).key
    urgency_ms = report.created_at_ms - bonus_h(report, is_warned=is_warned) * clock.HOUR_MS
    return Key(shard_of(tile, crc32(report.id.encode()) % SHARDS), sort_key(urgency_ms, report.id))


def keys_of(report: Report) -> list[Key]:
    """Return the keys that the report's row may have, without and with an official warning over it."""
    return list(dict.fromkeys(key_of(report, is_warned=is_warned) for is_warned in (False, True)))


def shard_of(tile: str, number: int) -> str:
    """Return the partition of one shard of a tile."""
    return f"{tile}#{number}"


def state_shard_of(key: Key, state: State) -> str | None:
    """Return the partition in which a row of a rare state is found; None for those that wait for a first look."""
    return None if state == State.WAITING else f"{key.shard.partition('#')[0]}#{state}"
