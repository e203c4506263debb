"""Find the places that a text may mean: `search`. Any text is accepted; an unknown one gives an empty list.

In order: coordinates, a postcode or ZIP code, a grid reference, a name with its containing area, an address that
contains one of these (coarse), and misspelled names (similar). Three read units at most; see docs/gazetteer.md.
"""

from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from app.core import dynamodb
from app.gazetteer import codes, coordinates, names, national_grid, positions, postcodes, small_list, typed_text
from app.gazetteer.models import STORE
from app.gazetteer.place import AREAS, POSITION, SETTLEMENTS, Match, Near, Place, is_home, weight
from app.geo.coordinates import PLACES_EXACT, distance_km

LIMIT = 8
# Largest distance of a town from the villages that name it in an address.
_TOWN_KM = 30.0
_LEAST_KM = 0.2
_MOST_WORDS = 30
_FEWEST_LETTERS = 3
_CLEAR = 10.0
# A settlement abroad with fewer than 300,000 inhabitants is rarely meant here: a name at home may be misspelled.
_LARGE = 55
_NAMED_PARTS = 3
_BEFORE_A_PLACE = frozenset("near nr in at by around the flooding floods flood cerca de en".split())
# If only the swapped latitude and longitude have people near, that place is meant.
_PEOPLE_KM = 40.0


class SearchResult(NamedTuple):
    """The places, likeliest first. `is_whole`: the table was read, not only the shipped small list."""

    places: list[Place]
    is_whole: bool = True

    @property
    def match(self) -> str:
        """Return how well the first place fits."""
        return self.places[0].match if self.places else ""


def search(text: str, *, limit: int = LIMIT, near: Near = None, is_begun: bool = False) -> SearchResult:
    """Find the places that a text may mean.

    near: latitude and longitude that break ties.
    is_begun: the text is still being typed, so names with this prefix are added as similar.
    """
    text = typed_text.cleaned(text)
    if limit < 1 or not text:
        return SearchResult([])
    if point := coordinates.read_coordinates(text):
        return SearchResult(_positions(text, *point))
    try:
        if STORE.is_loaded():
            return SearchResult(_search(text, near, is_begun=is_begun)[:limit])
    except dynamodb.FAILURES:
        pass  # the small list needs no database
    return SearchResult(_search_small(text, is_begun=is_begun)[:limit], is_whole=False)


def find(text: str, *, limit: int = LIMIT, near: Near = None) -> list[Place]:
    """Find places that the text names or contains; no similar names."""
    return [place for place in search(text, limit=limit, near=near).places if place.match != Match.SIMILAR]


def find_similar(text: str, *, limit: int = LIMIT, near: Near = None) -> list[Place]:
    """Find places of similar names if none has this name, for a question to the user."""
    return [place for place in search(text, limit=limit, near=near).places if place.match == Match.SIMILAR]


def is_clear(places: Sequence[Place], near: Near = None) -> bool:
    """Return whether the first place is clearly meant: the others are far smaller, and none of them is at home."""
    if len(places) < 2:
        return bool(places) and places[0].match != Match.SIMILAR
    first, *others = places
    lead = weight(first, near) - max(weight(other, near) for other in others)
    # A river is called by its bare name only where no settlement near its size is.
    rivals = [other for other in others if is_home(other) and other.kind != "river"]
    has_rival_at_home = first.kind not in AREAS and bool(rivals)
    return first.match == Match.EXACT and lead >= _CLEAR and not has_rival_at_home


def _positions(text: str, lat: float, lon: float) -> list[Place]:
    """Return the position; offer the swapped one if only that has people near. 0, 0 is not a place."""
    if lat == lon == 0:
        return []
    radius_km = max(_LEAST_KM, coordinates.precision_km(text))
    town = positions.nearest(lat=lat, lon=lon)
    if town is None and abs(lon) <= 90 and (there := positions.nearest(lat=lon, lon=lat, within_km=_PEOPLE_KM)):
        return [_position(lon, lat, there, radius_km)._replace(match=Match.SIMILAR)]
    return [_position(lat, lon, town, radius_km)]


def _position(lat: float, lon: float, town: Place | None, radius_km: float) -> Place:
    name = ", ".join(f"{degrees:.{PLACES_EXACT}f}".rstrip("0").rstrip(".") for degrees in (lat, lon))
    within = (town.name, *town.within) if town else ()
    return Place(name, POSITION, within, lat, lon, radius_km)


def _search(text: str, near: Near, *, is_begun: bool) -> list[Place]:
    if place := _code(text, is_as_typed=True) or _grid_square(text):
        return [place]
    words = typed_text.folded(text).split()[:_MOST_WORDS]
    if not words:
        return []
    places_found, detail = _exact(text, words, near)
    if not places_found and (place := _code(text, is_as_typed=False)):
        return [place]
    if places_found and not detail and not any(map(_is_known, places_found)):
        places_found = _or_at_home(places_found, " ".join(words), near)
    if is_begun:
        places_begun = names.ordered(names.find_begun(" ".join(words)), near)
        known_ids = {place.id for place in places_found}
        places_found += [place._replace(match=Match.SIMILAR) for place in places_begun if place.id not in known_ids]
    places_found = places_found or _address_code(text) or _address_or_similar(text, words, near)
    if not places_found and words[0] in _BEFORE_A_PLACE and " " in text:
        return _search(text.partition(" ")[2], near, is_begun=is_begun)
    return places_found


def _code(text: str, *, is_as_typed: bool) -> Place | None:
    """Find a code as it is typed, or with a digit for a letter or the other way round: `Wigan` is no `W1 GAN`."""
    if code := postcodes.read_zip(text):
        return codes.find_zip(code) if is_as_typed else None
    readings = [reading for reading in postcodes.readings(text) if reading.is_as_typed == is_as_typed]
    return codes.find_postcode(readings) if readings else None


def _address_code(text: str) -> list[Place]:
    """Find the postcode or ZIP code in an address; coarse, because it is not the house itself."""
    code = postcodes.inside(text)
    place = codes.find_postcode([code]) if code else None
    if place is None and (zip_code := postcodes.zip_inside(text)):
        place = codes.find_zip(zip_code)
    return [place._replace(match=Match.COARSE)] if place else []


def _grid_square(text: str) -> Place | None:
    square = national_grid.read_reference(text)
    if square is None:
        return None
    lat, lon = (round(value, PLACES_EXACT) for value in square.middle())
    town = positions.nearest(lat=lat, lon=lon)
    within = (town.name, *town.within) if town else ()
    radius_km = max(_LEAST_KM, round(square.side_m * 0.71 / 1000, 1))
    return Place(text.upper(), "grid_square", within, lat, lon, radius_km)


def _exact(text: str, words: Sequence[str], near: Near) -> tuple[list[Place], str]:
    """Find places of this name, and its detail: what comes after a comma, or the last words, may name an area."""
    ways = _ways(text, words)
    called = names.find_exact(name for name, _ in ways)
    for name, detail in ways:
        if inside := names.inside(called.get(name, []), detail):
            return names.without_own_districts(names.ordered(inside, near)), detail
    return [], ""


def _ways(text: str, words: Sequence[str]) -> list[tuple[str, str]]:
    ways = [(" ".join(words), "")]
    parts = _parts(text)
    if len(parts) > 1:
        ways.append((parts[0], ", ".join(parts[1:])))
        return ways
    shortest = max(1, len(words) - _NAMED_PARTS)
    return ways + [(" ".join(words[:end]), " ".join(words[end:])) for end in range(len(words) - 1, shortest - 1, -1)]


def _parts(text: str) -> list[str]:
    return [part for part in (typed_text.folded(part_text) for part_text in text.split(",")) if part]


def _address_or_similar(text: str, words: Sequence[str], near: Near) -> list[Place]:
    """Find a place in a later part of the text, or a similar name; a part that is only a county narrows the search."""
    parts = _parts(text)
    containing, rest = _without_unlikely(parts, words, near)
    if beside := _beside(rest, containing, near):
        return beside
    if containing and containing[0].kind in SETTLEMENTS:
        at_home = [] if any(map(is_home, containing)) else filter(is_home, _named_alone(parts, words, near))
        return list(at_home) or containing
    detail = " ".join(words)[len(rest) :].strip() if len(parts) < 2 else ", ".join(parts[1:])
    return _similar(rest, detail, near) or containing or _named_alone(parts, words, near)


def _without_unlikely(parts: Sequence[str], words: Sequence[str], near: Near) -> tuple[list[Place], str]:
    """Find the first later part of an address that is a settlement or an area (coarse), and the text before it."""
    ways = _held_ways(parts, words)
    called = names.find_exact(name for name, *_ in ways if len(name) >= _FEWEST_LETTERS)
    areas: list[Place] = []
    before_area = parts[0] if len(parts) > 1 else " ".join(words)
    for name, detail, before in ways:
        inside = names.inside(called.get(name, []), detail)
        own_areas = [place for place in names.ordered(inside, near) if _is_area_of(place, words)]
        settlements = [place for place in inside if _may_end(place, has_commas=len(parts) > 1, detail=detail)]
        if any(map(is_home, own_areas)):
            # A county at home is meant before a village, or a town abroad, of its name.
            settlements = [place for place in settlements if is_home(place) and place.kind in ("city", "town")]
        if settlements:
            return [_coarse(place) for place in names.ordered(settlements, near)], before
        if not areas and own_areas:
            areas, before_area = own_areas, before
    return [area._replace(match=Match.COARSE) for area in areas], before_area


def _coarse(place: Place) -> Place:
    """Return a place that a text contains; one that is only similar stays so."""
    return place if place.match == Match.SIMILAR else place._replace(match=Match.COARSE)


def _is_area_of(place: Place, words: Sequence[str]) -> bool:
    """Return whether it is an area that may contain others; a river only if the text says that it is one."""
    return place.kind in AREAS and (place.kind != "river" or "river" in words)


def _held_ways(parts: Sequence[str], words: Sequence[str]) -> list[tuple[str, str, str]]:
    """List the possible places in an address, each with its containing area and the text before it."""
    if len(parts) < 2:
        starts = range(max(1, len(words) - _NAMED_PARTS), len(words))
        return [(" ".join(words[start:]), "", " ".join(words[:start])) for start in starts]
    ways = [(part, ", ".join(parts[number + 2 :]), parts[0]) for number, part in enumerate(parts[1:])][:_NAMED_PARTS]
    bare = ((_without_code(part), "", parts[0]) for part in parts[1:] if _without_code(part) != part)
    return [*ways, *islice(bare, 1)]


def _may_end(place: Place, *, has_commas: bool, detail: str) -> bool:
    """Return whether an address may end with it: without commas only a town; abroad only a large one without detail."""
    is_town = place.kind in ("city", "town") or has_commas and place.kind in SETTLEMENTS
    return is_town and (_is_known(place) or bool(detail))


def _is_known(place: Place) -> bool:
    return is_home(place) or place.size >= _LARGE


def _without_code(part: str) -> str:
    """Remove a partial postcode after a town, as in `Tewkesbury GL20`."""
    return " ".join(word for word in part.split() if not any(letter.isdigit() for letter in word))


def _beside(name: str, containing: Sequence[Place], near: Near) -> list[Place]:
    """Find places named by the first part near the town or in the area after it: `Burrowbridge, Bridgwater`."""
    called = names.find_exact([name]).get(name, []) if containing else []
    return names.ordered((place for place in called if any(_lies_near(place, other) for other in containing)), near)


def _lies_near(place: Place, other: Place) -> bool:
    """Return whether a place is near a town, or in or near an area's box, where people may count it in."""
    if box := other.box:
        lat, lon = min(max(place.lat, box.south), box.north), min(max(place.lon, box.west), box.east)
        return distance_km(lat=place.lat, lon=place.lon, to_lat=lat, to_lon=lon) <= _TOWN_KM
    return distance_km(lat=place.lat, lon=place.lon, to_lat=other.lat, to_lon=other.lon) <= _TOWN_KM


def _named_alone(parts: Sequence[str], words: Sequence[str], near: Near) -> list[Place]:
    """Find places named by the first part, whatever follows it; similar, so that the user is asked."""
    ends = range(len(words) - 1, max(0, len(words) - 1 - _NAMED_PARTS), -1)
    tried = parts[:1] if len(parts) > 1 else [" ".join(words[:end]) for end in ends]
    called = names.find_exact(name for name in tried if len(name) > _FEWEST_LETTERS)
    some = next((places for name in tried if (places := called.get(name))), [])
    return [place._replace(match=Match.SIMILAR) for place in names.ordered(filter(_is_known, some), near)]


def _or_at_home(abroad: Sequence[Place], name: str, near: Near) -> list[Place]:
    """Return small places abroad as similar, after those at home that may be misspelled: the user is asked."""
    similar = [place for place in _similar(name, "", near) if is_home(place)]
    return [*similar, *(place._replace(match=Match.SIMILAR) for place in abroad)]


def _similar(name: str, detail: str, near: Near) -> list[Place]:
    called = names.find_exact(names.find_similar(name))
    inside = names.inside(names.distinct(place for some in called.values() for place in some), detail)
    return [place._replace(match=Match.SIMILAR) for place in names.ordered(inside, near)]


def _search_small(text: str, *, is_begun: bool) -> list[Place]:
    """Search in the shipped small list."""
    readings = postcodes.readings(text)
    code = postcodes.inside(text)
    if place := codes.find_small(readings) or (codes.find_small([code]) if code else None):
        return [place]
    words = typed_text.folded(text).split()[:_MOST_WORDS]
    for name, detail in _ways(text, words) if words else []:
        called = small_list.find_names(name)
        inside = {place.id: place for place in names.inside((place for _, place in called), detail, has_table=False)}
        named_places = [(key, inside[place.id]) for key, place in called if place.id in inside]
        same = [place for key, place in named_places if key == name]
        places_begun = (
            [place._replace(match=Match.SIMILAR) for key, place in named_places if key != name] if is_begun else []
        )
        if same or places_begun:
            return names.distinct([*same, *places_begun])
    similar = small_list.find_similar(" ".join(words))
    return [place._replace(match=Match.SIMILAR) for place in similar]
