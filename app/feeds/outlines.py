"""Places of warnings for feeds: outlines of few corners, or one shape as GeoRSS-Simple has it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from app.feeds.items import Shape
from app.geo.box_circle import Box
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon

MOST_CORNERS_OF_A_PAGE, MOST_CORNERS = 20_000, 100
_TOLERANCE_M = 1.0


def simplified(
    rows: Sequence[OfficialWarning | None], *, most: int = MOST_CORNERS_OF_A_PAGE
) -> "list[MultiPolygon | None]":
    """Return the outlines of rows with few corners in all, in their order; None without one."""
    from app.geo.simplify import simplified_to_budget  # only rows that were found need it

    found = [row.outline() if row else None for row in rows]
    drawn = [outline for outline in found if outline]
    thin = iter(simplified_to_budget(drawn, _TOLERANCE_M, most=most) if drawn else [])
    return [next(thin) if outline else None for outline in found]


def shape_of(row: OfficialWarning) -> Shape | None:
    """Return where a warning is: its outline if that is one polygon and at hand, else the box around it.

    Where a box crosses the meridian of 180 degrees, readers would take it for the rest of the globe: its middle then.
    """
    box = box_of(row.box)
    if box is None:
        return None
    (thin,) = simplified([row], most=MOST_CORNERS)
    if thin and len(thin.polygons) == 1:
        return Shape("polygon", tuple(number for lon, lat in thin.polygons[0][0] for number in (lat, lon)))
    if box.west > box.east:
        return Shape("point", _middle(box))
    return Shape("box", (box.south, box.west, box.north, box.east))


def _middle(box: Box) -> tuple[float, float]:
    lon = (box.west + box.east + 360) / 2
    return (box.south + box.north) / 2, lon - 360 if lon > 180 else lon
