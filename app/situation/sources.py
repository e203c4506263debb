"""Describe the sources of warnings in an answer: age of their last answer, coverage and website."""

from collections.abc import Iterable, Sequence
from typing import Any

from app.core import clock
from app.core.config import settings
from app.warnings import source_status
from app.warnings.source_status import SourceState
from app.warnings.sources import coverage
from app.warnings.sources.coverage import Place, Reach
from app.warnings.sources.registry import Source, read_sources, source_named


def describe(names: Sequence[str], told: dict[str, SourceState], place: Place | None = None) -> list[dict[str, Any]]:
    """Describe each source: its age, the issuer's page and, if a place is given, how much of it the source covers."""
    return [_described(one, place) for one in source_status.public_status(list(names), told, clock.now_ms())]


def _described(fact: dict[str, Any], place: Place | None) -> dict[str, Any]:
    if place is None:
        return fact
    source = source_named(fact["name"], settings().sources)
    return fact | {"covers_place": str(coverage.reach(source.covers, place))}


def watching(facts: Iterable[dict[str, Any]]) -> list[tuple[Source, dict[str, Any]]]:
    """Return the sources with stated coverage that are read: configured here, or loaded from a file recently."""
    asked = read_sources(settings().sources)
    sources = [(source_named(fact["name"], settings().sources), fact) for fact in facts]
    return [(one, fact) for one, fact in sources if one.covers and (one.name in asked or not fact["stale"])]


def reach(sources: Iterable[Source], place: Place) -> Reach:
    """Return how much of a place some sources cover together."""
    return coverage.reach([one for source in sources for one in source.covers], place)
