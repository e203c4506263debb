"""Read the outlines of the National Weather Service's zones and counties (UGC codes)."""

import re

from app.warnings.sources import json_text
from app.warnings.sources.http_client import Fetcher, NotFetched, Refused
from app.warnings.sources.json_members import line, members
from app.warnings.sources.outline import Outline, ReadOutlines, read_features, shape_of

OUTLINES_AT_ONCE = 60  # zones fetched in one run
UGC = re.compile(r"[A-Z]{2}[CZ]\d{3}", re.ASCII)  # state or water, County or Zone, number (NWS Instruction 10-1702)
# Names under which files of zones hold the code and the name: GeoJSON made from the NWS shapefiles, and the API's own.
CODES = ("ugc", "id", "code")
NAMES = ("name", "countyname")
_KINDS = {"C": "county", "Z": "forecast"}


def read_outlines(raw: bytes) -> ReadOutlines:
    """Read the outlines of a file: GeoJSON features that name their zone by its UGC code."""
    return read_features(raw, codes=CODES, names=NAMES)


def fetch_outline(fetcher: Fetcher, area_id: str) -> Outline:
    """Fetch one zone's outline, or the permanent reason for its absence. Raises NotFetched if a later try may help."""
    if not UGC.fullmatch(area_id):
        return Outline(area_id, reason="this is no code of a zone")
    try:
        fetched = fetcher.get(f"{fetcher.base}/zones/{_KINDS[area_id[2]]}/{area_id}", accept="application/geo+json")
        zone = members(json_text.parse(fetched.body))
    except Refused as error:
        if error.status != 404:
            raise
        return Outline(area_id, reason="the issuer knows no such zone")
    except json_text.NotJson as error:
        raise NotFetched(str(error)) from error
    shape, reason = shape_of(zone.get("geometry"))
    return Outline(area_id, line(members(zone.get("properties")).get("name")), shape, reason)
