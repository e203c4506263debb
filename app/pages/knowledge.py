"""How far what is known of official warnings reaches: "none" may be said only of a place that somebody watches."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from app.clients.sources import read_sources
from app.config import settings
from app.geo import Box, Circle

# Where each source warns, roughly: somewhat too far is said no less of than too little. England has its towns' own
# word (the gazetteer's). A CAP feed may warn anywhere.
_USA = (
    Box(-125.0, 24.4, -66.9, 49.4),
    Box(172.0, 51.0, -129.9, 71.5),
    Box(-160.6, 18.8, -154.7, 22.3),
    Box(-67.4, 17.6, -64.5, 18.6),
    Box(144.5, 13.1, 146.1, 20.6),
    Box(-171.2, -14.6, -168.1, -11.0),
)
_ENGLAND = Box(-6.5, 49.8, 1.9, 55.9)
_REACH_KM = 30.0


class Knowledge(NamedTuple):
    """Is a place watched by any source; which of those that watch it are silent; how many warnings nobody can place."""

    is_covered: bool
    silent: Sequence[dict[str, Any]]
    unplaced: int

    @property
    def is_whole(self) -> bool:
        """May one say that there are no warnings here?"""
        return self.is_covered and not self.silent


def of(sources: Sequence[dict[str, Any]], circle: Circle | None, *, undrawn: int = 0) -> Knowledge:
    """What is known of a circle, or of everywhere. A source that was read once from a file does not fall silent."""
    asked = read_sources(settings().sources)
    watching = [one for one in sources if circle is None or may_warn(one["name"], lat=circle.lat, lon=circle.lon)]
    silent = [one for one in watching if one["stale"] and one["name"] in asked]
    return Knowledge(bool(watching), silent, undrawn if circle else 0)


def may_warn(source: str, *, lat: float, lon: float) -> bool:
    """Might this source warn of a place?"""
    if source == "nws":
        return any(box.contains(lat=lat, lon=lon) for box in _USA)
    if source == "ea":
        return _is_english(lat, lon)
    return source != "demo"


def _is_english(lat: float, lon: float) -> bool:
    from app.places import gazetteer  # here, because no start of the API needs it

    if not _ENGLAND.contains(lat=lat, lon=lon):
        return False
    town = gazetteer.nearest(lat=lat, lon=lon, within_km=_REACH_KM)
    return town is None or town.detail.endswith("England")
