"""Describe the sources of warnings in an answer: age of their last answer, coverage and website."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.core import clock
from app.core.config import settings
from app.geo.box_circle import SearchArea
from app.warnings import source_status
from app.warnings.source_status import SourceState
from app.warnings.sources import coverage
from app.warnings.sources.coverage import Reach
from app.warnings.sources.registry import Source, asked_sources, read_sources, source_named


def describe(
    names: Sequence[str], source_states: dict[str, SourceState], search_area: SearchArea | None = None
) -> list[dict[str, Any]]:
    """Describe each source: its age, the issuer's page and, in a search area, how much of it the source covers."""
    return [
        _described(status, search_area)
        for status in source_status.public_status(list(names), source_states, clock.now_ms())
    ]


def _described(fact: dict[str, Any], search_area: SearchArea | None) -> dict[str, Any]:
    if search_area is None:
        return fact
    source = source_named(fact["name"], settings().sources)
    return fact | {"covers_place": str(coverage.reach(source.covers, search_area))}


def silent(facts: Iterable[dict[str, Any]]) -> list[str]:
    """Return the sources that this deployment reads, that cover the place (if one is given), and whose data are old."""
    read_names = read_sources(settings().sources)
    return [
        fact["name"]
        for fact in facts
        if fact["stale"] and fact["name"] in read_names and fact.get("covers_place") != Reach.NONE
    ]


def sources_with_coverage(facts: Iterable[dict[str, Any]]) -> list[tuple[Source, dict[str, Any]]]:
    """Return the sources with stated coverage that are read: configured here, or loaded from a file recently."""
    read_names = asked_sources()
    sources = [(source_named(fact["name"], settings().sources), fact) for fact in facts]
    return [
        (source, fact) for source, fact in sources if source.covers and (source.name in read_names or not fact["stale"])
    ]


def reach(sources: Iterable[Source], search_area: SearchArea) -> Reach:
    """Return how much of an area some sources cover together."""
    return coverage.reach([cover for source in sources for cover in source.covers], search_area)
