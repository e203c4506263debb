"""Find the warnings in force over the places of reports. The cost depends on what is found."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from app.core import clock, dynamodb, missing
from app.geo.box_circle import Circle
from app.geo.tiles import tile_at
from app.warnings import kept
from app.warnings.marks import Mark
from app.warnings.models import TILE_ZOOM, OfficialWarning

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon


class CoveringWarnings(NamedTuple):
    """The warnings in force over a report, by id: those that cover all of its place, those that may cover it."""

    certain: Sequence[OfficialWarning] = ()
    possible: Sequence[OfficialWarning] = ()


def find_covering_if_readable(spots: Sequence[Circle]) -> Sequence[CoveringWarnings | None]:
    """Like `find_covering`; None for each spot while warnings cannot be read: the caller answers without them."""
    try:
        return find_covering(spots)
    except dynamodb.FAILURES as error:
        missing.note(missing.WARNINGS, error)
        return [None] * len(spots)


def find_covering(spots: Sequence[Circle]) -> Sequence[CoveringWarnings]:
    """Find for each spot the warnings in force over it. Two rounds for all.

    A place that is known to kilometres only is a circle of that radius: a warning covers it only if its outline
    contains the whole circle.
    """
    now_ms = clock.now_ms()
    marks = kept.in_tiles({key for location in spots for key in _tile_keys_of(location)})
    hit = [mark for mark in marks if mark.is_in_force(now_ms) and any(_may_cover(mark, location) for location in spots)]
    if not hit:
        return [CoveringWarnings()] * len(spots)
    rows = sorted(kept.rows_of(hit).values(), key=lambda row: row.id)
    rows_with_outline = [
        (row, outline) for row in rows if row.mark().is_in_force(now_ms) and (outline := row.outline()) is not None
    ]
    return [_covering(location, rows_with_outline) for location in spots]


def _covering(
    location: Circle, rows_with_outline: "Sequence[tuple[OfficialWarning, MultiPolygon]]"
) -> CoveringWarnings:
    from app.geo.distance import covers_circle, touches_circle  # here: few places have a warning
    from app.geo.polygon import contains

    if not location.radius_km:
        return CoveringWarnings(
            [row for row, outline in rows_with_outline if contains(outline, lat=location.lat, lon=location.lon)]
        )
    around = {"lat": location.lat, "lon": location.lon, "radius_km": location.radius_km}
    surely = [row for row, outline in rows_with_outline if covers_circle(outline, **around)]
    maybe = [row for row, outline in rows_with_outline if row not in surely and touches_circle(outline, **around)]
    return CoveringWarnings(surely, maybe)


def _tile_keys_of(location: Circle) -> list[str]:
    """Return one tile for a point, even on a tile's edge."""
    if location.radius_km:
        return kept.tile_keys(location)
    return [f"tile#{tile_at(lat=location.lat, lon=location.lon, z=TILE_ZOOM).stored_key}"]


def _may_cover(mark: Mark, location: Circle) -> bool:
    if mark.box is None:
        return False
    return (
        mark.box.intersects(location) if location.radius_km else mark.box.contains(lat=location.lat, lon=location.lon)
    )
