"""The place of alerts on pages: the one that a URL names, its time zone, and the radii to choose from."""

from typing import NamedTuple

from flask import request

from app.core import missing
from app.core.config import settings
from app.geo.coordinates import rounded
from app.http.fields import QueryNumber
from app.pages.frame import own_position
from app.pages.home import own_place, view
from app.pages.home.own_place import OwnPlace
from app.pages.home.view import PLACES, RADII_KM, View
from app.warnings import last_good
from app.warnings.area_models import Area
from app.warnings.zones import zone_at

AREA = "area"


class NamedPlace(NamedTuple):
    """The place that a URL names: `fields` of the form, none without a place; what the URL's text may mean instead.

    `own`: the accuracy of a device's position, or the question whether it is right.
    """

    fields: dict[str, str]
    view: View
    own: OwnPlace | None = None


def read() -> NamedPlace:
    """Return the place that this request's URL names: an official flood area, or a place as on the start page."""
    looked_at = view.read()
    if area_id := request.args.get(AREA, ""):
        area = last_good.read((AREA, area_id), lambda: Area.find(area_id), part=missing.AREAS)
        if area is not None:
            return NamedPlace({AREA: area_id, "name": area.name, "zone": _zone_of(area)}, looked_at)
    if looked_at.circle is None:
        return NamedPlace({}, looked_at)
    circle = looked_at.circle
    lat, lon = (rounded(value, places=PLACES) for value in (circle.lat, circle.lon))
    fields = {
        "lat": f"{lat}",
        "lon": f"{lon}",
        "radius_km": f"{circle.radius_km:g}",
        "name": looked_at.label,
        "zone": zone_at(lat=lat, lon=lon),
    }
    return NamedPlace(fields, looked_at, own_place.describe(looked_at, own_position.covers_read()))


def _zone_of(area: Area) -> str:
    if None in (area.lat, area.lon):
        return settings().zone
    return zone_at(lat=float(area.lat), lon=float(area.lon))


def radii(chosen: str) -> list[str]:
    """Return the radii to choose from, in kilometres, with the one that is chosen if it is a number."""
    usual = [f"{radius:g}" for radius in RADII_KM]
    is_other = chosen not in usual and QueryNumber.reads(chosen)
    return sorted([*usual, chosen], key=float) if is_other else usual
