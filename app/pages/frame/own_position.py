"""A position measured by a device: its accuracy, and reasons to ask the person whether it is right."""

from collections.abc import Sequence
from enum import StrEnum

from app.core.config import settings
from app.core.translations import N_
from app.gazetteer.place import Place
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.pages.frame import land
from app.warnings.sources import coverage
from app.warnings.sources.coverage import Reach
from app.warnings.sources.registry import read_sources

# A position less accurate than this is asked about.
EXACT_ENOUGH_M = 500
# Steps of accuracy: few, so that there are few URLs, and one position cannot be told from another by them.
ACCURACIES_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
# This near to the middle of a settlement a position is ashore, however coarse the drawn shore.
_ASHORE_KM = 2.0


class Doubt(StrEnum):
    """Reason to ask whether a device's position is right."""

    COARSE = "coarse"
    SEA = "sea"
    UNCOVERED = "uncovered"


WHY = {
    Doubt.COARSE: N_("Your device knows only roughly where you are: to within about %(distance)s."),
    Doubt.SEA: N_("Your device says that you are at sea."),
    Doubt.UNCOVERED: N_("Your device says that you are where no issuer of warnings is connected here."),
}


def doubt_about(
    *, lat: float, lon: float, accuracy_m: float, near: Place | None, covers: Sequence[str]
) -> Doubt | None:
    """Return the reason to ask; None if the position is credible. `covers`: the areas that warnings' issuers cover."""
    if accuracy_m > EXACT_ENOUGH_M:
        return Doubt.COARSE
    is_ashore = near and distance_km(lat=lat, lon=lon, to_lat=near.lat, to_lon=near.lon) <= _ASHORE_KM
    if not is_ashore and land.is_at_sea(lat=lat, lon=lon):
        return Doubt.SEA
    if covers and coverage.reach(covers, Circle(lat, lon, accuracy_m / 1000)) is Reach.NONE:
        return Doubt.UNCOVERED
    return None


def covers_read() -> list[str]:
    """Return the areas that the sources which this deployment reads cover."""
    return [cover for source in read_sources(settings().sources).values() for cover in source.covers]


def accuracy_step(metres: float) -> int:
    """Round an accuracy in metres up to a step of `ACCURACIES_M`."""
    return next((step for step in ACCURACIES_M if metres <= step), ACCURACIES_M[-1])
