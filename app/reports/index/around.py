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
from app.reports.index.nearest import find_nearest
from app.reports.index.search import ReportQuery, find_active
from app.reports.index.view import View, note_unread

MOST = 50
MOST_GRAVE = 25
# Read units of an answer, and the part of them that the grave ones may use alone.
MOST_UNITS, GRAVE_UNITS = 14, 3
MOST_WITHOUT_DOCUMENTS = 400
EVERY = Severity.UNKNOWN.at_least()
GRAVE = Severity.SEVERE.at_least()


class Around(NamedTuple):
    """The chosen reports in no order, and the number of all in the circle.

    `has_more`: there are others. `complete_to_km`: every report up to this distance is among the chosen ones or beyond
    their number; None if that holds for the whole circle.
    """

    entries: list[Entry]
    has_more: bool
    complete_to_km: float | None
    numbers: Estimate


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
    view.budget = Budget(view.budget.units + GRAVE_UNITS, max(view.budget.rounds, 2), view.budget.calls + 3)
    grave = find_active(ReportQuery(circle, GRAVE, MOST_GRAVE, folds=True), view, reads_on=False)
    entries = _chosen(grave.entries, nearest.entries)
    is_all = nearest.next_key is None and len(entries) == len(
        {entry.id for entry in (*nearest.entries, *grave.entries)}
    )
    assert nearest.numbers is not None
    return Around(entries, not is_all or grave.next_key is not None, nearest.complete_to_km, nearest.numbers)


def _chosen(grave: Sequence[Entry], nearest: Sequence[Entry]) -> list[Entry]:
    grave_ids = {entry.id for entry in grave}
    others = [entry for entry in nearest if entry.id not in grave_ids]
    return first_folded([*grave, *others], MOST)[0]


def _from_newest(circle: Circle) -> Around:
    """Choose from the newest reports, which are found without documents, or without indexes."""
    page = find_active(ReportQuery(circle, EVERY, MOST_WITHOUT_DOCUMENTS))
    here = {"lat": circle.lat, "lon": circle.lon}
    nearest = sorted(page.entries, key=lambda entry: distance_km(**here, to_lat=entry.lat, to_lon=entry.lon))
    grave, _ = first_folded([entry for entry in page.entries if entry.severity in GRAVE], MOST_GRAVE)
    entries, is_whole = _chosen(grave, nearest), page.next_key is None
    numbers = Estimate(Counter(entry.severity for entry in page.entries), is_whole)
    return Around(entries, len(entries) < len(nearest) or not is_whole, None if is_whole else 0.0, numbers)
