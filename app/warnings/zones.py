"""Time zones of places, for showing times."""

from app.core.config import settings
from app.gazetteer import territories
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning
from app.warnings.sources.registry import source_named

_PLACES = 1  # about 10 km: neighbours share a cached zone


def zone_at(*, lat: float, lon: float) -> str:
    """Return the time zone of a place; the deployment's own if no country is known."""
    return territories.zone_at(lat=round(lat, _PLACES), lon=round(lon, _PLACES)) or settings().zone


def zone_of(row: OfficialWarning) -> str:
    """Return the time zone of a warning: its source's, else that of the middle of its outline."""
    if zone := source_named(row.source, settings().sources).zone:
        return zone
    if box := box_of(row.box):
        west, east = box.spans()[0]
        return zone_at(lat=(box.south + box.north) / 2, lon=(west + east) / 2)
    return settings().zone
