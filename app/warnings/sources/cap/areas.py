"""Outlines of areas that CAP feeds name by code only. CAP publishes none, so they come from files."""

from app.warnings.sources.http_client import Fetcher
from app.warnings.sources.outline import Outline, ReadOutlines, read_features

OUTLINES_AT_ONCE = 500  # no request is made
# Names under which published files hold code and name, compared without case: the EMMA_IDs of MeteoAlarm (code, name),
# the European NUTS regions (NUTS_ID, NAME_LATN), the zones of the US National Weather Service (ugc, NAME), the German
# WARNCELLID.
CODE_PROPERTIES = ("code", "emma_id", "nuts_id", "ugc", "warncellid", "geocode", "id")
NAME_PROPERTIES = ("name", "areadesc", "name_latn", "label")


def read_outlines(raw: bytes) -> ReadOutlines:
    """Read GeoJSON features whose properties hold a code that a feed uses."""
    return read_features(raw, codes=CODE_PROPERTIES, names=NAME_PROPERTIES)


def fetch_outline(fetcher: Fetcher, area_id: str) -> Outline:
    """Return an outline without a shape: feeds do not say where outlines are; the fetcher is not used."""
    return Outline(area_id, reason="the issuer names this area by a code only and does not draw it")
