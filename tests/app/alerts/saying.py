"""A source that speaks, in tests of alerts."""

from typing import Any

from app.warnings.ingest.roots import warning_id
from tests.warning_making import announce, message, place, square

FAR = {"lat": 51.5, "lon": 1.0, "radius_km": 2.0}
EAST = {"lat": 51.5, "lon": 0.3, "radius_km": 2.0}


def say(event: str = "flood", *, wide: float = 0.2, west: float = -0.2, **wanted: Any) -> str:
    """Let the source say one thing more; return the warning's id."""
    places = wanted.pop("places", (place(event, square(west, side=wide)),))
    announce(message(event, places=places, **wanted), is_whole=False)
    return warning_id("ea", event, places[0].key)


def is_over() -> None:
    """Let the source list nothing any more; one empty answer is looked at twice."""
    for _ in range(2):
        announce(is_whole=True)
