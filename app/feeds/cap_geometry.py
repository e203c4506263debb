"""Outlines as CAP 1.2 draws them: each ring by itself, latitude first, closed and simple. Pure.

CAP knows no holes, and receivers take few points.
"""

from typing import NamedTuple

from app.geo.fewer_points import ThinnedRing
from app.geo.polygon import MultiPolygon, Ring
from app.geo.polygon_geojson import signed_area
from app.geo.simple_ring import FEWEST, hull, is_simple, parted

MOST_POINTS = 250  # of one polygon, the closing one included
MOST_IN_ALL = 10_000
MOST_POLYGONS = 400
_GRAIN_DEGREES = 0.00001  # about a metre
_COARSER = (1.0, 0.7, 0.4, 0.2)


class DrawnOutline(NamedTuple):
    """The polygons as CAP writes them, and in which ways they differ from the outline."""

    polygons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def drawn(outline: MultiPolygon, *, most: int = MOST_IN_ALL) -> DrawnOutline:
    """Draw an outline with about `most` points in all."""
    rings = [part for polygon in outline.polygons for part in parted(polygon[0]) or [polygon[0]]]
    rings.sort(key=lambda ring: abs(signed_area(ring)), reverse=True)
    shown = rings[:MOST_POLYGONS]
    each = min(MOST_POINTS, max(FEWEST * 2, most // max(len(shown), 1)))
    is_fine = [len(ring) > each or not is_simple(ring) for ring in shown]
    fitted = [
        part
        for ring, is_too_fine in zip(shown, is_fine, strict=True)
        for part in (_simpler(ring, each) if is_too_fine else [ring])
    ]
    notes = {
        "Its outline has holes, which are filled here.": any(len(polygon) > 1 for polygon in outline.polygons),
        "Its outline is simplified here.": any(is_fine),
        f"Of its outline only the {MOST_POLYGONS} largest parts are drawn here.": len(shown) < len(rings),
    }
    polygons = tuple(map(_text, fitted))
    return DrawnOutline(polygons, tuple(note for note, holds in notes.items() if holds))


def circle(*, lat: float, lon: float, radius_km: float) -> str:
    """Write a circle."""
    return f"{_pair(lat, lon)} {number(radius_km)}"


def number(value: float) -> str:
    """Write a number without exponent, with at most six decimals."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _text(ring: Ring) -> str:
    return " ".join(_pair(lat, lon) for lon, lat in ring)


def _pair(lat: float, lon: float) -> str:
    return f"{number(lat)},{number(lon)}"


def _simpler(ring: Ring, most: int) -> list[Ring]:
    """Return a simple ring with few points, or several; the hull, which leaves nothing out, if there is no other.

    A ring without area becomes the smallest box: the place was warned.
    """
    thinned = ThinnedRing(ring)
    for share in _COARSER:
        parts = parted(thinned.of(max(FEWEST, int(most * share))))
        if parts and all(is_simple(part) for part in parts):
            return parts
    around = hull(ring)
    return [around if FEWEST <= len(around) <= most and signed_area(around) else _box_around(ring)]


def _box_around(ring: Ring) -> Ring:
    """Return the box around a ring, at least a metre wide and high."""
    lons, lats = zip(*ring, strict=True)
    west, east = _apart(min(lons), max(lons), 180.0)
    south, north = _apart(min(lats), max(lats), 90.0)
    return ((west, south), (east, south), (east, north), (west, north), (west, south))


def _apart(low: float, high: float, most: float) -> tuple[float, float]:
    if high - low >= _GRAIN_DEGREES:
        return low, high
    low = min(low, most - _GRAIN_DEGREES)
    return low, low + _GRAIN_DEGREES
