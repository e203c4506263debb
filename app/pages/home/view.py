"""The view that a URL asks for: place, radius and severity. Anything else in the URL is ignored.

People follow links that others have changed, so nothing in a URL is an error: an unreadable value counts as absent.
"""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import request

from app.core import clock
from app.core.config import settings
from app.core.severity import Severity
from app.geo import coordinates
from app.geo.box_circle import Box, Circle
from app.geo.coordinates import distance_km
from app.pages.frame import own_position, wording
from app.pages.frame.language import gettext as _

if TYPE_CHECKING:
    from app.gazetteer.place import Place

RADII_KM = (1, 2, 5, 10, 20, 50)
USUAL_RADIUS_KM = 5
SHOWS = ("all", "reports", "warnings")
# About 100 m: a URL that is kept or shared must not point to a home.
PLACES = 3
_LONGEST_PLACE = 80
# A position this near to a town's middle gets its name; farther away, its distance from the town.
_AT_TOWN_KM = 2.0
_BESIDE_KM = 2.0


@dataclass(frozen=True)
class View:
    """Place and filters that a URL asks for.

    `circle` is None for everywhere. `matches`: the places that the text may mean, the chosen one first.
    An unknown name is not searched: its `matches` have similar names. Nor is one of several places if none is clearly
    meant (`has_several`). `place`: the one that was named, in the circle. `name` is for URLs and the field, `label` for
    sentences. `is_partial`: the intended place may be outside the circle. `knows_all`: all places could be searched,
    not only the small list. `accuracy_m`: accuracy of a device's position, if it is one; `near` is the settlement
    nearest to that position.
    """

    circle: Circle | None = None
    name: str = ""
    label: str = ""
    asked: str = ""
    matches: "tuple[Place, ...]" = ()
    is_partial: bool = False
    place: "Place | None" = None
    has_several: bool = False
    knows_all: bool = True
    accuracy_m: int = 0
    near: "Place | None" = None
    severity_min: str = Severity.UNKNOWN
    show: str = "all"
    hours: str = ""

    @property
    def is_unknown_place(self) -> bool:
        """Return whether the place asked for is unknown."""
        return bool(self.asked) and self.circle is None and not self.has_several

    @property
    def can_widen(self) -> bool:
        """Return whether the address without a place shows more: it shows the operator's town if there is one."""
        return self.circle is not None and settings().place is None

    @property
    def severities(self) -> frozenset[str]:
        return Severity(self.severity_min).at_least()

    @property
    def since_ms(self) -> int:
        """Return the moment since which listed reports were seen; 0 for all active ones."""
        return clock.now_ms() - int(self.hours) * clock.HOUR_MS if self.hours else 0

    @property
    def is_filtered(self) -> bool:
        """Return whether lists leave something out."""
        return self.severity_min != Severity.UNKNOWN or bool(self.hours)

    def query(self, **more: str) -> str:
        """Return the URL's query for this view, with more parameters if they have a value."""
        parts: dict[str, Any] = {"place": self.name or self.asked, **self._circle_query()}
        if self.severity_min != Severity.UNKNOWN:
            parts["severity_min"] = self.severity_min
        if self.show != "all":
            parts["show"] = self.show
        parts |= {"hours": self.hours, **more}
        parameters = {name: value for name, value in parts.items() if value}
        return f"?{urlencode(parameters)}" if parameters else ""

    def feed_query(self, box: Box | None = None) -> str:
        """Return the query of the feeds of this view: its place, or a part of the map, and its least severity."""
        edges = {"bbox": ",".join(f"{edge:.6f}" for edge in box)} if box else self._circle_query()
        least = {"severity_min": str(self.severity_min)} if self.severity_min != Severity.UNKNOWN else {}
        parameters = {**edges, **least}
        return f"?{urlencode(parameters)}" if parameters else ""

    def place_query(self) -> dict[str, str]:
        """Return the view's place as a URL names it to others: empty unless it was found, without words of this URL.

        Coordinates are rounded, also those that were typed exactly: such a place has no other name.
        """
        from app.gazetteer.place import POSITION  # imported here because most URLs hold a position

        is_typed = self.place is not None and self.place.kind == POSITION
        return ({"place": self.name} if self.circle and self.name and not is_typed else {}) | self._circle_query()

    def _circle_query(self) -> dict[str, str]:
        if not self.circle:
            return {}
        place = {"lat": f"{self.circle.lat:.{PLACES}f}", "lon": f"{self.circle.lon:.{PLACES}f}"}
        return place | {"radius_km": f"{self.circle.radius_km:g}"}


def read() -> View:
    """Return the view of this request."""
    place_text = " ".join(request.args.get("place", "").split())[:_LONGEST_PLACE]
    view = View(
        asked=place_text,
        severity_min=read_severity_min(),
        show=_word("show", SHOWS, "all"),
        hours=_word("hours", wording.SEEN_WITHIN_HOURS, ""),
    )
    lat, lon = _number("lat", 90), _number("lon", 180)
    if lat is not None and lon is not None:
        return _at(view, Circle(lat, lon, _radius_around_position()))
    if place_text:
        return _found(view)
    if town := settings().place:
        lat, lon = (coordinates.rounded(value, places=PLACES) for value in town[:2])
        return replace(view, circle=Circle(lat, lon, _radius()), name=town[2], label=town[2])
    return view


def read_severity_min() -> Severity:
    """Return the least severity that the URL asks for."""
    return Severity(_word("severity_min", list(Severity), Severity.UNKNOWN))


def read_box() -> Box | None:
    """Return the box of the URL's `bbox`: west, south, east, north in degrees; None without a readable one."""
    texts = request.args.get("bbox", "").split(",")
    try:
        west, south, east, north = (float(text) for text in texts if len(text) <= 20)
    except ValueError:
        return None
    is_on_globe = -90 <= south <= north <= 90 and all(-180 <= lon <= 180 for lon in (west, east))
    return Box(west, south, east, north) if is_on_globe else None


def _found(view: View) -> View:
    from app.gazetteer import search  # imported here because most URLs hold a position
    from app.gazetteer.place import Match, is_home  # as above
    from app.situation import named_places  # as above

    result = named_places.find_places(view.asked)
    places = tuple(map(_rounded, result.places))
    matches = tuple(place for place in places if place.match != Match.SIMILAR)
    if not matches:
        return replace(view, matches=places, knows_all=result.is_whole)
    if not search.is_clear(matches):
        return replace(view, matches=matches, has_several=True)
    first = matches[0]
    lat, lon = (coordinates.rounded(value, places=PLACES) for value in (first.lat, first.lon))
    circle = Circle(lat, lon, _radius(first.radius_km))
    is_cut_off = first.radius_km > circle.radius_km and "radius_km" not in request.args
    called = _called(
        first,
        is_cut_off=is_cut_off,
        has_namesake_here=any(map(is_home, matches[1:])),
        other_name=_other_name(view.asked, first),
    )
    return replace(view, circle=circle, matches=matches, **called)


def _other_name(asked: str, place: "Place") -> str:
    """Return the typed name if the place has another one in which no word is the same: Galway is Gaillimh."""
    from app.gazetteer.place import SETTLEMENTS, Match  # as above
    from app.gazetteer.typed_text import folded  # as above

    is_same = place.match != Match.EXACT or place.kind not in SETTLEMENTS
    name = asked.partition(",")[0].strip()
    return "" if is_same or {*folded(name).split()} & {*folded(place.name).split()} else name


def _at(view: View, circle: Circle) -> View:
    """Return a view of a position. The URL's name counts only if such a place is there, as links may be changed."""
    from app.gazetteer import positions, search  # as above

    town = settings().place
    if town and view.asked == town[2] and _is_within(circle, town[0], town[1], circle.radius_km):
        return replace(view, circle=circle, name=town[2], label=town[2])
    for match in search.find(view.asked) if view.asked else ():
        if _is_within(circle, match.lat, match.lon, match.radius_km):
            return replace(view, circle=circle, **_called(_rounded(match)))
    near = positions.nearest(lat=circle.lat, lon=circle.lon)
    view = replace(view, near=near, accuracy_m=_accuracy_m())
    if near and _is_within(circle, near.lat, near.lon, _AT_TOWN_KM):
        return replace(view, circle=circle, asked="", name=near.name, label=near.name)
    return replace(view, circle=circle, asked="", label=_position(circle, near))


def _called(
    place: "Place", *, is_cut_off: bool = False, has_namesake_here: bool = False, other_name: str = ""
) -> dict[str, Any]:
    """Return the names of a place, and whether it is searched only in part.

    Sentences name the area that contains it where the name alone could be taken for another place, and the name that
    was typed where the place's own has no word of it.
    """
    from app.gazetteer.place import POSITION, Match, is_home  # as above

    is_told = place.within and (has_namesake_here or not is_home(place)) and place.kind != POSITION
    label = f"{place.name}, {place.within[0]}" if is_told else place.name
    if other_name:
        label = f"{label} ({other_name})"
    # A river is known by its gauges, and those of England only.
    is_partial = place.match != Match.EXACT or is_cut_off or place.kind == "river"
    return {"name": place.name, "label": label, "is_partial": is_partial, "place": place}


def _rounded(place: "Place") -> "Place":
    """Return a place that may be shown and passed on: typed coordinates are rounded, also in their name."""
    from app.gazetteer.place import POSITION  # as above

    if place.kind != POSITION:
        return place
    lat, lon = (coordinates.rounded(value, places=PLACES) for value in (place.lat, place.lon))
    name = ", ".join(f"{degrees:.{PLACES}f}".rstrip("0").rstrip(".") for degrees in (lat, lon))
    return place._replace(name=name, lat=lat, lon=lon)


def _position(circle: Circle, near: "Place | None") -> str:
    """Name a position: by a town near it, else by its coordinates."""
    if near is None:
        return ", ".join(wording.number(value, places=PLACES) for value in (circle.lat, circle.lon))
    metres = distance_km(lat=circle.lat, lon=circle.lon, to_lat=near.lat, to_lon=near.lon) * 1000
    return _("a place %(distance)s from %(town)s", distance=wording.distance(metres), town=near.name)


def _is_within(circle: Circle, lat: float, lon: float, most_km: float) -> bool:
    return distance_km(lat=circle.lat, lon=circle.lon, to_lat=lat, to_lon=lon) <= most_km


def _word(name: str, choices: Any, otherwise: str) -> str:
    value = request.args.get(name, "")
    return value if value in choices else otherwise


def _number(name: str, most: float) -> float | None:
    text = request.args.get(name, "")
    try:
        value = float(text) if len(text) <= 40 and "_" not in text else None
    except ValueError:
        return None
    is_there = value is not None and -most <= value <= most
    return coordinates.rounded(value, places=PLACES) if is_there and value is not None else None


def _accuracy_m() -> int:
    """Return the accuracy in metres of the device's position in the URL; 0 if there is none."""
    accuracy_m = _number("accuracy_m", own_position.ACCURACIES_M[-1])
    return own_position.accuracy_step(accuracy_m) if accuracy_m and accuracy_m > 0 else 0


def _radius_around_position() -> float:
    """Return a radius that covers every possible position of the device, and a margin around it."""
    accuracy_km = _accuracy_m() / 1000
    wanted_km = max(USUAL_RADIUS_KM, accuracy_km + _BESIDE_KM)
    return next(radius_km for radius_km in RADII_KM if radius_km >= wanted_km) if accuracy_km else _radius()


def _radius(usual: float = USUAL_RADIUS_KM) -> float:
    """Return one of our radii, so that there are few URLs: the smallest that covers the one asked for."""
    try:
        wanted_km = float(request.args.get("radius_km", usual))
    except ValueError:
        wanted_km = usual
    return next((radius for radius in RADII_KM if wanted_km <= radius), RADII_KM[-1])
