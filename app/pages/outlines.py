"""What a map draws besides its list: outlines of warnings and areas for the eye, and names of towns."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from flask import Response, request

from app import clock
from app.areas.models import Area
from app.formats import geojson
from app.geo import Box
from app.http.answers import json_answer
from app.http.headers import PUBLIC_WARNINGS
from app.nearby import looking
from app.pages import view
from app.reports.models import Entry
from app.warnings.models import OfficialWarning
from app.web.packing import packed

if TYPE_CHECKING:
    from app.shapes import Shape

# A phone's map is some 350 pixels wide: what is finer than one of them is not seen.
PIXELS = 350
ALONE_M = 40
EVERYWHERE_M = 300
# Where outlines weigh more than this the tolerance is doubled, three times at most.
MOST_POINTS = 3000
PLACES = 4
TOWNS = 24
_MARGIN = 0.5  # of the view's size on each side: towns beside it orient too


def send() -> Response:
    """A FeatureCollection with `places`. For the view of the first page, one warning (`warning`) or area (`area`)."""
    if one := request.args.get("warning", ""):
        row = OfficialWarning.find(one)
        shown = row is not None and row.mark().is_shown(clock.now_ms())
        body = _body([row] if shown and row else [], tolerance_m=ALONE_M)
    elif one := request.args.get("area", ""):
        area = Area.find(one)
        body = _collection([_feature(area.id, "unknown", area.name, area.outline(), ALONE_M)] if area else [])
    else:
        body = _of_view()
    return packed(json_answer(body, cache=PUBLIC_WARNINGS, media_type=geojson.MEDIA_TYPE))


def _of_view() -> dict[str, Any]:
    looked_at = view.read()
    circle, is_wanted = looked_at.circle, looked_at.show != "reports"
    if circle:
        tolerance_m = max(ALONE_M / 4, circle.radius_km * 2000 / PIXELS)
        met = looking.warnings_around(circle, looked_at.severities) if is_wanted else []
        return _body((found.warning for found in met), tolerance_m=tolerance_m, box=circle.box())
    seen = looking.look_everywhere(looked_at.severities)
    met = seen.met if is_wanted else []
    box = box_of(seen.entries) if seen.entries else None
    return _body((found.warning for found in met), tolerance_m=EVERYWHERE_M, box=box)


def box_of(entries: Iterable[Entry]) -> Box:
    """A box around the public places of reports."""
    places = [(float(entry.lat), float(entry.lon)) for entry in entries]
    lats, lons = zip(*places, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


def _body(rows: Iterable[OfficialWarning], *, tolerance_m: float, box: Box | None = None) -> dict[str, Any]:
    rows = list(rows)
    drawn = [(row, outline) for row in rows if (outline := row.outline())]
    points = sum(outline.points for _, outline in drawn)
    while points > MOST_POINTS and tolerance_m < EVERYWHERE_M * 8:
        tolerance_m, points = tolerance_m * 2, points // 2
    features = [_feature(row.id, row.severity, "", outline, tolerance_m) for row, outline in drawn]
    if box is None and drawn:
        box = drawn[0][1].box
    return _collection(features, box)


def _collection(features: list[dict[str, Any]], box: Box | None = None) -> dict[str, Any]:
    return geojson.collection(features, places=towns(box) if box else [])


def _feature(id_: str, severity: str, title: str, outline: "Shape | None", tolerance_m: float) -> dict[str, Any]:
    from app.shape_geojson import to_geojson  # here, as what draws is loaded where something is drawn
    from app.shape_thinning import thinned

    geometry = to_geojson(thinned(outline, tolerance_m)) if outline else None
    properties = {"severity": severity, "title": title}
    return {"type": "Feature", "id": id_, "geometry": _rounded(geometry), "properties": properties}


def _rounded(geometry: Any) -> Any:
    """Coordinates to some 10 m, so that they weigh half."""
    if isinstance(geometry, dict):
        return {name: _rounded(value) for name, value in geometry.items()}
    if isinstance(geometry, list | tuple):
        return [_rounded(value) for value in geometry]
    return round(geometry, PLACES) if isinstance(geometry, float) else geometry


def towns(box: Box) -> list[dict[str, Any]]:
    """The largest towns in and around a box."""
    from app.places import gazetteer

    return [
        {"name": place.name, "lat": round(place.lat, PLACES), "lon": round(place.lon, PLACES), "rank": place.rank}
        for place in gazetteer.towns_in(_wider(box), limit=TOWNS)
    ]


def _wider(box: Box) -> Box:
    height = max(box.north - box.south, 0.02)
    width = max((box.east - box.west) % 360, 0.02)
    south, north = max(box.south - height * _MARGIN, -90.0), min(box.north + height * _MARGIN, 90.0)
    if width * (1 + 2 * _MARGIN) >= 360:
        return Box(-180.0, south, 180.0, north)
    west, east = box.west - width * _MARGIN, box.east + width * _MARGIN
    return Box((west + 180) % 360 - 180, south, (east + 180) % 360 - 180, north)
