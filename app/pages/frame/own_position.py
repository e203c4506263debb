"""A position that a device tells: where it is in words, and whether one has to ask if that is right."""

from collections.abc import Sequence
from enum import StrEnum

from app.core.translations import N_
from app.gazetteer.place import Place
from app.geo.box_circle import Circle
from app.geo.coordinates import distance_km
from app.pages.frame import land
from app.warnings.sources import coverage
from app.warnings.sources.coverage import Reach

# Worse than this a device's word is asked about.
EXACT_ENOUGH_M = 500
# Accuracies are told in few steps, so that addresses are few and no fix can be told from another.
ACCURACIES_M = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
# So near to the middle of a settlement nobody is at sea, however coarse the drawn shore.
_ASHORE_KM = 2.0


class Doubt(StrEnum):
    """Why a device's position is asked about."""

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
    """Why to ask; None where a device may be believed. `covers` names what issuers of warnings speak of."""
    if accuracy_m > EXACT_ENOUGH_M:
        return Doubt.COARSE
    is_ashore = near and distance_km(lat=lat, lon=lon, to_lat=near.lat, to_lon=near.lon) <= _ASHORE_KM
    if not is_ashore and land.is_at_sea(lat=lat, lon=lon):
        return Doubt.SEA
    if covers and coverage.reach(covers, Circle(lat, lon, accuracy_m / 1000)) is Reach.NONE:
        return Doubt.UNCOVERED
    return None


def accuracy_step(metres: float) -> int:
    """The step of accuracy that holds this one."""
    return next((step for step in ACCURACIES_M if metres <= step), ACCURACIES_M[-1])
