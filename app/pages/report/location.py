"""Place of a report: a pin set by the script, coordinates, or the middle of a named place."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from app.core.config import settings
from app.core.translations import N_
from app.geo.coordinates import is_on_globe
from app.http.fields import QueryNumber
from app.reports.create import DEFAULT_RADIUS_M

if TYPE_CHECKING:
    from app.gazetteer.place import Place

PLACE, MATCH = "place", "pick"
# The middle of a postcode district or a town may be kilometres from the water.
COARSE_M = range(2000, 5001)
_WIDEST_START_DEGREES = 12.0
SEVERAL = N_("There are several places of that name. Choose one below, or write more of it.")
SIMILAR = N_("We know no place of exactly that name. Choose one below if you meant it, or write it another way.")
UNKNOWN = N_(
    "We know no place of that name. Give a postcode such as BA2 4AA, the next larger town, "
    "or latitude and longitude such as 51.3813, -2.3590."
)
NOT_ALL_KNOWN = N_(
    "Not all places can be looked up at the moment. Give the next larger town, the first half of a postcode, "
    "or latitude and longitude such as 51.3813, -2.3590."
)
CHOOSE = N_("Choose one of the places.")


class Spot(NamedTuple):
    """A place for the API, with each number as sent. `is_coarse`: the middle of a larger place."""

    lat: float | str
    lon: float | str
    radius_m: float | str
    name: str = ""
    is_coarse: bool = False


class LocationResult(NamedTuple):
    """The place, or the possible ones; the mistake, and the field beside which to show it."""

    spot: Spot | None = None
    matches: "list[Place]" = []  # noqa: RUF012 - never changed
    wrong: str = ""
    field: str = "where"


def find_spot(typed: Mapping[str, str]) -> LocationResult:
    """Find the form's place. Coordinates found earlier count while the text beside them is unchanged."""
    text = typed["where"].strip()
    if typed["lat"] and typed["lon"] and typed["settled"].strip() == text:
        radius = number(typed["radius_m"]) if typed["radius_m"] else DEFAULT_RADIUS_M
        is_coarse = isinstance(radius, float) and radius >= COARSE_M.start
        return LocationResult(Spot(number(typed["lat"]), number(typed["lon"]), radius, text, is_coarse))
    return _named(text, typed[MATCH]) if text else LocationResult()


def _named(text: str, chosen: str) -> LocationResult:
    from app.gazetteer import coordinates, typed_text  # imported here because few requests name a place
    from app.situation import named_places  # as above

    if point := coordinates.read_coordinates(typed_text.cleaned(text)):
        return LocationResult(Spot(*point, DEFAULT_RADIUS_M))
    searched = named_places.find_places(text)
    places = searched.places
    matches, several = [place for place in places if place.match != "similar"], SEVERAL
    if len(matches) == 1:
        return LocationResult(middle_of(matches[0]))
    if not matches:
        matches, several = places, SIMILAR
    if place := next((match for match in matches if mark_of(match) == chosen), None):
        return LocationResult(middle_of(place), matches)
    if matches:
        return LocationResult(None, matches, CHOOSE if chosen else several, MATCH)
    return LocationResult(wrong=UNKNOWN if searched.is_whole else NOT_ALL_KNOWN)


def number(text: str) -> float | str:
    """Parse a number with a point or a comma; return other text unchanged, for the schema to refuse."""
    plain = text.replace(",", ".")
    return float(plain) if QueryNumber.reads(plain) else text


def mark_of(place: "Place") -> str:
    """Return the value of a place in the list of choices."""
    return f"{place.lat:g},{place.lon:g}"


def middle_of(place: "Place") -> Spot:
    """Return a named place's middle and radius. Only a full postcode, or a small grid square, is not coarse."""
    least = DEFAULT_RADIUS_M if place.kind in ("postcode", "grid_square") else COARSE_M.start
    radius_m = min(max(round(place.radius_km * 1000), least), COARSE_M.stop - 1)
    return Spot(place.lat, place.lon, radius_m, name_of(place), is_coarse=radius_m >= COARSE_M.start)


def name_of(place: "Place") -> str:
    """Return the name with its containing areas."""
    return f"{place.name}, {place.detail}" if place.detail else place.name


def map_start() -> str:
    """Return where the form's map opens before a place is named: `lat,lon` of the operator's place, else the edges
    `west,south,east,north` of the areas that warnings cover; "" if neither is known or the areas are too wide.
    """
    if town := settings().place:
        return f"{town[0]},{town[1]}"
    from app.gazetteer.territories import territories  # here, as most deployments have a place
    from app.pages.frame import own_position

    covers = [cover for cover in own_position.covers_read() if cover in territories()]
    boxes = [box for cover in covers for box in territories()[cover].boxes]
    if not boxes or any(box.west > box.east for box in boxes):
        return ""
    edges = (min(box.west for box in boxes), min(box.south for box in boxes),
             max(box.east for box in boxes), max(box.north for box in boxes))  # fmt: skip
    is_narrow = max(edges[2] - edges[0], edges[3] - edges[1]) <= _WIDEST_START_DEGREES
    return ",".join(f"{edge:g}" for edge in edges) if is_narrow else ""


def describe_position(form_values: Mapping[str, str]) -> dict[str, str]:
    """Return the name of a device's position, and the reason to ask about it; each empty if unknown."""
    from app.gazetteer import positions  # as above
    from app.pages.frame import own_position

    lat, lon, accuracy_m = (number(form_values.get(name, "")) for name in ("lat", "lon", "accuracy_m"))
    if not (isinstance(lat, float) and isinstance(lon, float) and isinstance(accuracy_m, float)):
        return {"name": "", "doubt": ""}
    if not is_on_globe(lat=lat, lon=lon):
        return {"name": "", "doubt": ""}
    town = positions.nearest(lat=lat, lon=lon)
    covers = own_position.covers_read()
    doubt = own_position.doubt_about(lat=lat, lon=lon, accuracy_m=accuracy_m, near=town, covers=covers)
    return {"name": town.name if town else "", "doubt": doubt or ""}


def near(spot: Spot) -> str:
    """Return the town nearest to a pin; "" if none is known."""
    from app.gazetteer import positions  # as above

    if not isinstance(spot.lat, float) or not isinstance(spot.lon, float):
        return ""
    town = positions.nearest(lat=spot.lat, lon=spot.lon)
    return town.name if town else ""
