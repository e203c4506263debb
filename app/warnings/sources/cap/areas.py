"""Outlines of the areas that CAP feeds name by code and do not draw. CAP has no source of them; files have them."""

from app.warnings.sources.http_client import Fetcher
from app.warnings.sources.outline import Outline, Outlines, read_features

OUTLINES_AT_ONCE = 500  # nothing is asked for
# The names under which published files hold code and name, compared without case: the EMMA_IDs of MeteoAlarm (code,
# name), the European NUTS regions (NUTS_ID, NAME_LATN), the zones of the US National Weather Service (ugc, NAME), the
# German WARNCELLID.
CODE_PROPERTIES = ("code", "emma_id", "nuts_id", "ugc", "warncellid", "geocode", "id")
NAME_PROPERTIES = ("name", "areadesc", "name_latn", "label")


def read_outlines(raw: bytes) -> Outlines:
    """GeoJSON features whose properties hold a code that a feed uses."""
    return read_features(raw, codes=CODE_PROPERTIES, names=NAME_PROPERTIES)


def fetch_outline(fetcher: Fetcher, area_id: str) -> Outline:
    """No feed says where the outlines of its codes are; the fetcher is never asked."""
    return Outline(area_id, reason="the issuer names this area by a code only and does not draw it")
