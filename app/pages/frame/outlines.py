"""Data that a map draws in addition to its list: simplified outlines of warnings and areas, and names of towns."""

from collections.abc import Iterable, Sequence
from math import cos, hypot, radians
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Response, request

from app.core import clock
from app.geo import geojson
from app.geo.box_circle import Box, Circle
from app.geo.coordinates import M_PER_DEGREE
from app.http.answers import json_answer
from app.http.headers import PUBLIC_WARNINGS
from app.pages.frame.entries import colour_of
from app.pages.home import view
from app.pages.home.view import View
from app.reports.entry import Entry
from app.reports.index import search as tiles
from app.situation import overview
from app.warnings import last_good
from app.warnings.area_models import Area
from app.warnings.models import OfficialWarning

if TYPE_CHECKING:
    from app.geo.polygon import MultiPolygon

# A phone's map is some 350 pixels wide: details below one pixel are not visible.
PIXELS = 350
ALONE_M = 40
EVERYWHERE_M = 300
# Limit for all outlines together; above it, all are drawn coarser.
MOST_POINTS = 3000
PLACES = 4
CLOSE_PLACES = 5  # about a metre: in a few streets one more decimal is seen
# The largest view, in degrees, that is drawn as of a few streets.
CLOSE_DEGREES = 0.5
TOWN_PLACES = 3  # a name on the map needs a precision of about 100 m only
TOWNS = 24
_MARGIN = 0.5  # of the view's size on each side: towns beside the view help to orient
# Outlines are clipped this far outside the circle's box. A map panned further shows a straight edge; the warning's own
# page shows the whole outline.
_BEYOND = 1.5


def send() -> Response:
    """Send a FeatureCollection with `places`: of the start page's view, one warning (`warning`) or area (`area`).

    With `bbox`, a few streets of that view: their outlines with all corners that are seen there, without places.
    """
    if warning_id := request.args.get("warning", ""):
        row = last_good.find(warning_id)
        is_shown = row is not None and row.mark().is_shown(clock.now_ms())
        body = _of_rows([row] if is_shown and row else [], tolerance_m=ALONE_M)
    elif warning_id := request.args.get("area", ""):
        area = Area.find(warning_id)
        outline = area.outline() if area else None
        body = _body(
            [(_OutlineLabel(area.id, "unknown", area.name), outline)] if area and outline else [], tolerance_m=ALONE_M
        )
    else:
        looked_at, box = view.read(), view.read_box()
        if box and max(width(box), box.north - box.south) <= CLOSE_DEGREES:
            body = _in_streets(box, looked_at)
        else:
            body = _of_view(looked_at)
    return json_answer(body, cache=PUBLIC_WARNINGS, media_type=geojson.MEDIA_TYPE)


def _of_view(looked_at: View) -> dict[str, Any]:
    return _around(looked_at.circle, looked_at) if looked_at.circle else _everywhere(looked_at)


def _in_streets(box: Box, looked_at: View) -> dict[str, Any]:
    """Return what touches a small box, clipped beyond its edges, finer than a map of it shows."""
    half_wide, half_high = width(box) / 2, (box.north - box.south) / 2
    lat, lon = box.south + half_high, (box.west + half_wide + 180) % 360 - 180
    high_m, wide_m = half_high * M_PER_DEGREE, half_wide * M_PER_DEGREE * cos(radians(lat))
    circle = Circle(lat, lon, hypot(high_m, wide_m) / 1000)
    is_wanted = looked_at.show != "reports"
    hits = overview.warnings_around(circle, looked_at.severities) if is_wanted else []
    tolerance_m = max(1.0, 2 * max(high_m, wide_m) / PIXELS / 3)
    labelled_outlines = _labelled(hit.warning for hit in hits)
    visible_box = _wider(box, _MARGIN)
    return _body(labelled_outlines, tolerance_m=tolerance_m, visible_box=visible_box, decimals=CLOSE_PLACES)


def _around(circle: Circle, looked_at: View) -> dict[str, Any]:
    """Return what touches a circle, with a margin for panning."""
    is_wanted = looked_at.show != "reports"
    hits = overview.warnings_around(circle, looked_at.severities) if is_wanted else []
    tolerance_m = max(ALONE_M / 4, circle.radius_km * 2000 / PIXELS)
    box = circle.box()
    return _of_rows((hit.warning for hit in hits), tolerance_m=tolerance_m, box=box, visible_box=_wider(box, _BEYOND))


def _everywhere(looked_at: View) -> dict[str, Any]:
    """Read only what is shown: reports for the towns near them, warnings for their outlines."""
    entries, rows = [], []
    if looked_at.show != "warnings":
        entries = tiles.find_active(tiles.ReportQuery(None, looked_at.severities, overview.NEWEST)).entries
    if looked_at.show != "reports":
        source_states = last_good.source_states()
        hits = overview.warnings_anywhere(source_states, looked_at.severities, needs_outlines=True).hits
        rows = [hit.warning for hit in hits]
    return _of_rows(rows, tolerance_m=EVERYWHERE_M, box=box_of(entries) if entries else None)


def box_of(entries: Iterable[Entry]) -> Box:
    """Return a box around the public places of reports."""
    places = [(float(entry.lat), float(entry.lon)) for entry in entries]
    lats, lons = zip(*places, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


class _OutlineLabel(NamedTuple):
    """Properties of a feature."""

    id: str
    severity: str
    title: str


def _of_rows(
    rows: Iterable[OfficialWarning], *, tolerance_m: float, box: Box | None = None, visible_box: Box | None = None
) -> dict[str, Any]:
    labelled_outlines = _labelled(rows)
    if box is None and labelled_outlines:
        box = labelled_outlines[0][1].box
    return _body(labelled_outlines, tolerance_m=tolerance_m, box=box, visible_box=visible_box)


def _labelled(rows: Iterable[OfficialWarning]) -> "list[tuple[_OutlineLabel, MultiPolygon]]":
    return [(_OutlineLabel(row.id, colour_of(row), ""), outline) for row in rows if (outline := row.outline())]


def _body(
    labelled_outlines: "Sequence[tuple[_OutlineLabel, MultiPolygon]]",
    *,
    tolerance_m: float,
    box: Box | None = None,
    visible_box: Box | None = None,
    decimals: int = PLACES,
) -> dict[str, Any]:
    """Return a feature for each visible outline, and the towns of a box."""
    places = towns(box) if box else []
    if not labelled_outlines:
        return geojson.collection([], places=places)
    from app.geo.clip import clipped  # imported here because only requests that draw need it
    from app.geo.simplify import simplified_to_budget

    if visible_box:
        labelled_outlines = [
            (label, clipped_outline)
            for label, outline in labelled_outlines
            if not (clipped_outline := clipped(outline, visible_box)).is_empty
        ]
    coarse = simplified_to_budget([outline for _, outline in labelled_outlines], tolerance_m, most=MOST_POINTS)
    labels = [label for label, _ in labelled_outlines]
    features = [_feature(label, outline, decimals) for label, outline in zip(labels, coarse, strict=True)]
    return geojson.collection(features, places=places)


def _feature(label: _OutlineLabel, outline: "MultiPolygon", decimals: int) -> dict[str, Any]:
    """Build a feature with coordinates to few decimals, at half the size."""
    from app.geo.polygon_geojson import to_geojson  # as above
    from app.geo.simplify import rounded

    properties = {"severity": label.severity, "title": label.title}
    geometry = to_geojson(rounded(outline, decimals))
    return {"type": "Feature", "id": label.id, "geometry": geometry, "properties": properties}


def towns(box: Box) -> list[dict[str, Any]]:
    """Return the largest towns in and around a box."""
    from app.gazetteer import positions

    return [
        {
            "name": place.name,
            "lat": round(place.lat, TOWN_PLACES),
            "lon": round(place.lon, TOWN_PLACES),
            "rank": place.rank,
        }
        for place in positions.towns_in(_wider(box, _MARGIN), limit=TOWNS)
    ]


def width(box: Box) -> float:
    """Return the width in degrees of longitude."""
    return box.east - box.west + (360 if box.west > box.east else 0)


def _wider(box: Box, margin: float) -> Box:
    """Extend a box on each side by a share of its size."""
    height = max(box.north - box.south, 0.02)
    across = max(width(box), 0.02)
    south, north = max(box.south - height * margin, -90.0), min(box.north + height * margin, 90.0)
    if across * (1 + 2 * margin) >= 360:
        return Box(-180.0, south, 180.0, north)
    west, east = box.west - across * margin, box.east + across * margin
    return Box((west + 180) % 360 - 180, south, (east + 180) % 360 - 180, north)
