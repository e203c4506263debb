"""Find the official warnings in force over the place of a subscription."""

from collections.abc import Iterable

from app.alerts import extents
from app.alerts.extents import Shape
from app.core.severity import Severity
from app.warnings import search, source_status
from app.warnings.marks import FLOOD
from app.warnings.models import OfficialWarning, SourceStates
from app.warnings.search import WarningHit, WarningQuery

MOST = 100  # the newest ones


def find(shape: Shape, *, least: Severity) -> list[WarningHit]:
    """Return the flood warnings in force that touch a place and are at least so severe, newest first, at most MOST."""
    if (around := extents.around(shape)) is None:
        return []
    states = SourceStates.read().by_name()
    names = tuple(source_status.known_sources(states))
    query = WarningQuery(names, least.at_least(), search_area=around, in_force=True, limit=MOST)
    hits = search.find_page(query, states).hits
    return [hit for hit in hits if _is_meant(hit.warning, shape)]


def as_hits(rows: Iterable[OfficialWarning]) -> list[WarningHit]:
    """Return warnings as a search finds them, for grouping."""
    return [WarningHit(row, None) for row in rows]


def _is_meant(row: OfficialWarning, shape: Shape) -> bool:
    return row.mark().hazard == FLOOD and extents.of_warning(row).touches(shape)
