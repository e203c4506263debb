"""Places of a report: the public one, the exact one, and the retention of a home's exact place."""

from typing import Any

from app.core import clock
from app.core.retention import EXACT_PLACE_OF_HOME, FORGOTTEN
from app.geo import coordinates
from app.reports.entry import AREA

# Decimals of the degrees that others see, by the visibility: about 1 m, 100 m, 1 km.
DECIMALS = {"public": coordinates.PLACES_EXACT, "home": coordinates.PLACES_GRID, AREA: coordinates.PLACES_AREA}


class Placed:
    """The places of a report. `exact_lat`, `exact_lon` are set only if they differ from the public place."""

    lat: Any
    lon: Any
    exact_lat: Any
    exact_lon: Any
    visibility: Any
    observed_at_ms: Any
    body_hash: Any

    def put_at(self, *, lat: float, lon: float, visibility: str) -> None:
        """Set the exact and the public place: equal if it is public, else rounded to `DECIMALS` of a degree."""
        exact_lat, exact_lon = (coordinates.rounded(value, places=coordinates.PLACES_EXACT) for value in (lat, lon))
        decimals = DECIMALS[visibility]
        self.visibility = visibility
        self.lat, self.lon = (coordinates.rounded(value, places=decimals) for value in (exact_lat, exact_lon))
        is_apart = (self.lat, self.lon) != (exact_lat, exact_lon)
        self.exact_lat, self.exact_lon = (exact_lat, exact_lon) if is_apart else (None, None)

    def exact_place(self) -> dict[str, float]:
        """Return the place that the reporter gave, to 5 decimals; of a home only while it is kept."""
        apart: dict[str, Any] = {"lat": self.exact_lat, "lon": self.exact_lon}
        is_gone = None in apart.values() or self.is_home_over(clock.now_ms())
        return {"lat": self.lat, "lon": self.lon} if is_gone else apart

    def is_home_over(self, now_ms: int) -> bool:
        """Return whether the exact place of a home is due to be forgotten."""
        return self.visibility != "public" and bool(self.observed_at_ms + EXACT_PLACE_OF_HOME.ms <= now_ms)

    def knows_home(self) -> bool:
        """Return whether anything is stored from which a home's exact place could be derived."""
        return self.exact_lat is not None or self.body_hash != FORGOTTEN

    def forget_home(self) -> None:
        """Remove everything from which a home's exact place could be derived."""
        self.exact_lat = self.exact_lon = None
        self.body_hash = FORGOTTEN
