"""Marks of connections: reports that one network sends beyond its soft limit share a random one for an hour.

Pages and what is near a place show those of one connection in one cell of the map as one entry, so that a flood of
reports by one stranger covers nothing. Nothing about the network follows from a mark, and it does not last.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

from app.core.retention import CONNECTION

MOST_FOLDED = 500  # reports that are read for one answer: a flood from one network must not make it dear


class Lasting(Protocol):
    """A report, or its short form."""

    @property
    def created_at_ms(self) -> int: ...
    def is_active(self, now_ms: int) -> bool: ...


class HasEntryKey(Protocol):
    """A report with the key of the entry that it is shown in."""

    @property
    def shown_in(self) -> str: ...


AnyShown = TypeVar("AnyShown", bound=HasEntryKey)


def first_folded(reports: Sequence[AnyShown], limit: int) -> tuple[list[AnyShown], bool]:
    """Return the first reports that make `limit` entries, and whether there are that many or the most that are read."""
    keys: set[str] = set()
    for number, report in enumerate(reports):
        keys.add(report.shown_in)
        if len(keys) > limit or number == MOST_FOLDED:
            return list(reports[:number]), True
    return list(reports), len(keys) == len(reports) == limit


def fold(reports: Iterable[AnyShown]) -> list[list[AnyShown]]:
    """Group the reports that are shown as one entry, in the order of the first of each group."""
    groups: dict[str, list[AnyShown]] = {}
    for report in reports:
        groups.setdefault(report.shown_in, []).append(report)
    return list(groups.values())


def keeps_connection(report: Lasting, now_ms: int) -> bool:
    """Return whether a report keeps the mark of its connection: while it is active, and for some days at most."""
    return report.is_active(now_ms) and now_ms < report.created_at_ms + CONNECTION.ms
