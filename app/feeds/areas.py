"""The part of a feed's query that names an official area."""

from typing import TYPE_CHECKING, Any

from app.core import missing
from app.core.errors import Invalid, mistake_in_parameter
from app.geo.box_circle import Box, Circle
from app.situation.area_overview import AROUND_KM
from app.warnings import last_good
from app.warnings.area_models import Area

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon

AREA = "area"


class OutlinedBox(Box):
    """A box of which only what lies inside an outline counts."""

    outline: "MultiPolygon"

    @classmethod
    def around(cls, outline: "MultiPolygon") -> "OutlinedBox":
        """Return the box around an outline."""
        box = cls(*outline.box)
        box.outline = outline
        return box

    def contains(self, *, lat: float, lon: float) -> bool:
        from app.geo.polygon import contains  # few requests have an outline

        return super().contains(lat=lat, lon=lon) and contains(self.outline, lat=lat, lon=lon)


def for_reports(query: dict[str, Any]) -> dict[str, Any]:
    """Return the query with the outline of its area as search area. Raises Invalid for an area without one."""
    if AREA not in query:
        return query
    outline = _find(query[AREA]).outline()
    if outline is None:
        raise _not_usable("no-outline", "Its issuer publishes no outline. Ask with bbox, or a circle.")
    return query | {"search_area": OutlinedBox.around(outline)}


def for_warnings(query: dict[str, Any]) -> dict[str, Any]:
    """Return the query with the source of its area, and where its warnings are."""
    if AREA not in query:
        return query
    area = _find(query[AREA])
    around = None if area.lat is None else Circle(float(area.lat), float(area.lon), AROUND_KM)
    return {"source": area.source} | query | {"search_area": around}


def _not_usable(code: str, detail: str) -> Invalid:
    return Invalid([mistake_in_parameter(AREA, code, detail)])


def _find(area_id: str) -> Area:
    area = last_good.read((AREA, area_id), lambda: Area.find(area_id), part=missing.AREAS)
    if area is None:
        raise _not_usable("unknown-area", "There is no such area. /v1/areas lists those that are known.")
    return area
