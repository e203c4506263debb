"""Count the areas that are warned of flooding now, each once, by the gravest warning in force for it."""

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from app.core.severity import EVERY
from app.situation.plain_words import GRAVE, Standing, standing_of
from app.warnings import search, source_status
from app.warnings.models import OfficialWarning

MOST_WARNINGS = 1000
# The gravest first. An area for which the danger has passed, or has not begun, is not warned now.
RANKS = (*GRAVE, Standing.MODERATE, Standing.MINOR, Standing.UNKNOWN)


class AreasWarned(NamedTuple):
    """Number of areas by rank, all of `RANKS`; `is_at_least`: more warnings are in force than were read."""

    by_rank: Mapping[Standing, int]
    is_at_least: bool

    @property
    def total(self) -> int:
        return sum(self.by_rank.values())


def count(states: Mapping[str, source_status.SourceState]) -> AreasWarned:
    """Count the areas by the newest thousand warnings in force, of all sources. Raises what the database raises.

    Read from boards: about 3 read units for each 50 warnings that this process does not know yet.
    """
    names = tuple(source_status.known_sources(dict(states)))
    query = search.WarningQuery(names, EVERY, in_force=True, limit=MOST_WARNINGS, needs_outlines=False)
    page = search.find_page(query, states)
    gravest: dict[tuple[str, str], Standing] = {}
    for hit in page.hits:
        standing = standing_of(hit.warning)
        if standing not in RANKS:
            continue
        for area in _areas_of(hit.warning):
            gravest[area] = min(standing, gravest.get(area, standing), key=RANKS.index)
    counts = Counter(gravest.values())
    return AreasWarned({rank: counts[rank] for rank in RANKS}, page.next_key is not None)


def _areas_of(row: OfficialWarning) -> list[tuple[str, str]]:
    """Return the areas of a warning: of each its issuer with its code, else its name. One without any is its own."""
    return [(str(row.source), code or name) for code, name in row.named_areas] or [(str(row.source), str(row.id))]
