"""The region that a warning is about, in one name: for words that stand away from the issuer's own."""

from functools import lru_cache

from app.pages.frame.language import gettext as _
from app.warnings.marks import box_of
from app.warnings.models import OfficialWarning

_PLACES = 1  # about 10 km: a county is named, no village
_WITHIN_KM = 25.0


def region_of(row: OfficialWarning) -> str:
    """The county or state around the middle of what it covers; else the first area that the issuer names."""
    if box := box_of(row.box):
        west, east = box.spans()[0]
        lat, lon = round((box.south + box.north) / 2, _PLACES), round((west + east) / 2, _PLACES)
        if region := _region_at(lat, lon):
            return region
    return next((name for _id, name in row.named_areas if name), _("an area that its issuer does not name"))


@lru_cache(maxsize=4096)
def _region_at(lat: float, lon: float) -> str:
    """`Somerset` of `Langport, Somerset, England`; `London` of `London, England`; empty far from any town."""
    from app.gazetteer import small_list  # here, because only lists of warnings ask; and no table, once a warning

    town = small_list.nearest(lat=lat, lon=lon, within_km=_WITHIN_KM)
    if town is None:
        return ""
    return town.within[-2] if len(town.within) > 1 else town.name
