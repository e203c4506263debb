"""Read the outlines of the Environment Agency's flood areas.

`/id/floodAreas/<id>` returns the area and the address of its polygon, a GeoJSON FeatureCollection.
"""

import re
from collections.abc import Mapping
from typing import Any

from app.geo.coordinates import is_on_globe
from app.warnings.sources import json_text
from app.warnings.sources.http_client import Fetcher, NotFetched, Refused
from app.warnings.sources.json_members import entries, line, members
from app.warnings.sources.outline import NO_POLYGON, Outline, ReadOutlines, read_features, shape_of

AREA_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,62}", re.ASCII)
# Areas fetched in one run: the service has answered 403 to everything after about 280 requests in a few minutes (seen
# by others in September 2026), and one area is two requests.
OUTLINES_AT_ONCE = 40
# Names under which files of flood areas hold the code and the name: the API's own, the polygons of the API and of the
# open data download ("Flood Warning Areas", "Flood Alert Areas"), and plain ones.
CODES = ("fwdCode", "notation", "fws_tacode", "floodAreaID", "ta_code", "code", "id")
NAMES = ("label", "ta_name", "name", "description", "descrip")
_GONE = frozenset({404, 410})


def read_outlines(raw: bytes) -> ReadOutlines:
    """Read the outlines of a file: GeoJSON features that name their area, such as recorded polygon answers."""
    return read_features(raw, codes=CODES, names=NAMES)


def fetch_outline(fetcher: Fetcher, area_id: str) -> Outline:
    """Fetch one area's outline, or the permanent reason for its absence. Raises NotFetched if a later try may help."""
    if not AREA_ID.fullmatch(area_id):
        return Outline(area_id, reason="this is no code of a flood area")
    try:
        area = _area(fetcher, f"{fetcher.base}/id/floodAreas/{area_id}")
    except Refused as error:
        if error.status not in _GONE:
            raise
        return Outline(area_id, reason="the issuer knows no such area")
    name, centre = line(area.get("label")) or line(area.get("description")), _centre(area)
    url = line(area.get("polygon")) or f"{fetcher.base}/id/floodAreas/{area_id}/polygon"
    try:
        geometry = json_text.parse(fetcher.get(url, accept="application/geo+json, application/json").body)
    except Refused as error:
        if error.status and error.status not in _GONE:
            raise
        # The polygon's address is the issuer's; one at another host is never asked.
        return Outline(area_id, name, reason=NO_POLYGON if error.status else str(error), centre=centre)
    except json_text.NotJson as error:
        raise NotFetched(str(error)) from error
    shape, reason = shape_of(geometry)
    return Outline(area_id, name, shape, reason, centre)


def _area(fetcher: Fetcher, url: str) -> Mapping[str, Any]:
    try:
        answer = members(json_text.parse(fetcher.get(url, accept="application/json").body))
    except json_text.NotJson as error:
        raise NotFetched(str(error)) from error
    return members(next(iter(entries(answer.get("items"))), None))


def _centre(area: Mapping[str, Any]) -> tuple[float, float] | None:
    lat, lon = area.get("lat"), area.get("long")
    if not isinstance(lat, int | float) or not isinstance(lon, int | float) or not is_on_globe(lat=lat, lon=lon):
        return None
    return float(lat), float(lon)
