"""In which time zone people at a place read their clocks."""

from app.core.config import settings
from app.gazetteer import territories
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning
from app.warnings.sources.registry import source_named

_PLACES = 1  # about 10 km: neighbours share what is known of their zone


def zone_at(*, lat: float, lon: float) -> str:
    """The zone of a place; the deployment's own where no country is known."""
    return territories.zone_at(lat=round(lat, _PLACES), lon=round(lon, _PLACES)) or settings().zone


def zone_of(row: OfficialWarning) -> str:
    """The zone of a warning: of its source, where that has one, else of the middle of what it covers."""
    if zone := source_named(row.source, settings().sources).zone:
        return zone
    if box := box_of(row.box):
        west, east = box.spans()[0]
        return zone_at(lat=(box.south + box.north) / 2, lon=(west + east) / 2)
    return settings().zone
