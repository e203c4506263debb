"""Choose the reports that an answer for one place shows: the newest grave ones, then the nearest of all others."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from app.core import dynamodb
from app.core.severity import Severity
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.reports.connections import first_folded
from app.reports.entry import Entry
from app.reports.index.estimate import Estimate
from app.reports.index.merge import Budget
from app.reports.index.models import GRAVE, MOST_GRAVE
from app.reports.index.nearest import find_nearest
from app.reports.index.search import ReportQuery, find_active
from app.reports.index.view import View, note_unread

MOST = 50
# Read units of an answer, and the part of them that the grave ones may use alone.
MOST_UNITS, GRAVE_UNITS = 14, 3
MOST_WITHOUT_DOCUMENTS = 400
EVERY = Severity.UNKNOWN.at_least()


class Around(NamedTuple):
    """The chosen reports in no order, and the number of all in the circle.

    `has_more`: there are, or may be, others. `complete_to_km`: every report up to this distance is among the chosen
    ones or beyond their number; None if that holds for the whole circle. `has_every_grave`: so is every grave report.
    """

    entries: list[Entry]
    has_more: bool
    complete_to_km: float | None
    numbers: Estimate
    has_every_grave: bool


def find_around(circle: Circle) -> Around:
    """Find at most 50 active reports of a circle: at most 25 severe or worse, newest first, then the nearest."""
    view = View(circle, Budget(units=MOST_UNITS - GRAVE_UNITS, rounds=3, calls=7))
    try:
        return _from_documents(circle, view) if view.is_usable() else _from_newest(circle)
    except dynamodb.FAILURES as error:
        note_unread(error)
        return _from_newest(circle)


def _from_documents(circle: Circle, view: View) -> Around:
    nearest = find_nearest(ReportQuery(circle, EVERY, MOST, folds=True), view, fills=True)
    view.budget = Budget(view.budget.units + GRAVE_UNITS, max(view.budget.rounds, 3), view.budget.calls + 6)
    grave = find_active(ReportQuery(circle, GRAVE, MOST_GRAVE, folds=True), view, reads_on=False)
    entries = _chosen(_newest_grave(grave.entries, nearest.read), nearest.entries)
    ids = {entry.id for entry in (*nearest.entries, *grave.entries)}
    assert nearest.numbers is not None
    has_more = nearest.next_key is not None or grave.next_key is not None or len(entries) < len(ids)
    numbers = nearest.numbers.at_least(entries)
    return Around(entries, has_more, nearest.complete_to_km, numbers, grave.complete_to is None)


def _newest_grave(found: Sequence[Entry], read: Sequence[Entry]) -> list[Entry]:
    """Return the newest grave reports of those found as such and of all others that were read."""
    grave = {entry.id: entry for entry in (*found, *read) if entry.severity in GRAVE}
    return first_folded(sorted(grave.values(), key=lambda entry: entry.sort, reverse=True), MOST_GRAVE)[0]


def _chosen(grave: Sequence[Entry], nearest: Sequence[Entry]) -> list[Entry]:
    """Join both in at most 50 entries. Each has its own bound of reports, so that a flood of one hides no other."""
    grave_ids = {entry.id for entry in grave}
    others = [entry for entry in nearest if entry.id not in grave_ids]
    return [*grave, *first_folded(others, MOST - len({entry.shown_in for entry in grave}))[0]]


def _from_newest(circle: Circle) -> Around:
    """Choose from the newest reports, which are found without documents, or without indexes."""
    page = find_active(ReportQuery(circle, EVERY, MOST_WITHOUT_DOCUMENTS))
    here = {"lat": circle.lat, "lon": circle.lon}
    nearest = sorted(page.entries, key=lambda entry: distance_km(**here, to_lat=entry.lat, to_lon=entry.lon))
    grave, is_full = first_folded([entry for entry in page.entries if entry.severity in GRAVE], MOST_GRAVE)
    entries, is_whole = _chosen(grave, nearest), page.next_key is None
    numbers = Estimate(Counter(entry.severity for entry in page.entries), is_whole)
    has_more = len(entries) < len(nearest) or not is_whole
    return Around(entries, has_more, None if is_whole else 0.0, numbers, is_whole or is_full)
