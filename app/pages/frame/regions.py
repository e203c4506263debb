"""Name of the region of a warning, for sentences of our own."""

from functools import lru_cache

from app.pages.frame.language import gettext as _
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning

_PLACES = 1  # about 10 km: enough to find the county
_WITHIN_KM = 25.0


def region_of(row: OfficialWarning) -> str:
    """Return the county or state at the middle of its outline; else the first area that the issuer names."""
    if box := box_of(row.box):
        west, east = box.spans()[0]
        lat, lon = round((box.south + box.north) / 2, _PLACES), round((west + east) / 2, _PLACES)
        if region := _region_at(lat, lon):
            return region
    return next((name for _id, name in row.named_areas if name), _("an area that its issuer does not name"))


@lru_cache(maxsize=4096)
def _region_at(lat: float, lon: float) -> str:
    """Return `Somerset` for `Langport, Somerset, England`; `London` for `London, England`; "" far from any town."""
    from app.gazetteer import small_list  # imported here because only lists of warnings need it

    town = small_list.nearest(lat=lat, lon=lon, within_km=_WITHIN_KM)
    if town is None:
        return ""
    return town.within[-2] if len(town.within) > 1 else town.name
