"""Find names: exact ones with a containing area, prefixes, and misspelled ones. Reads few blocks."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from app.gazetteer import blocks, typed_text
from app.gazetteer.blocks import BlockEntry
from app.gazetteer.models import STORE
from app.gazetteer.place import SETTLEMENTS, Match, Near, Place, is_home, weight
from app.geo.coordinates import distance_km

# Most blocks read for one name: only a few names have so many places.
_BLOCKS_OF_A_NAME = 2
_SHORTEST_TO_MISSPELL = 4
_TWO_WRONG_FROM = 7
_MOST_SIMILAR = 6
# Short forms that people write after a name for the containing area.
_SHORT_DETAILS = {
    "south wales": "wales", "north wales": "wales", "mid wales": "wales", "west wales": "wales",
    "eire": "ireland", "ni": "northern ireland",
    "usa": "united states", "us": "united states", "u s a": "united states", "u s": "united states",
    "united states of america": "united states", "iow": "isle of wight", "iom": "isle of man", "beds": "bedfordshire",
    "berks": "berkshire", "bucks": "buckinghamshire", "cambs": "cambridgeshire", "glos": "gloucestershire",
    "hants": "hampshire", "herts": "hertfordshire", "lancs": "lancashire", "leics": "leicestershire",
    "lincs": "lincolnshire", "northants": "northamptonshire", "notts": "nottinghamshire", "oxon": "oxfordshire",
    "salop": "shropshire", "som": "somerset", "staffs": "staffordshire", "wilts": "wiltshire",
    "worcs": "worcestershire",
    "yorks": "yorkshire", "n yorks": "north yorkshire", "w yorks": "west yorkshire", "s yorks": "south yorkshire",
    "co durham": "county durham", "northumb": "northumberland", "warks": "warwickshire", "españa": "spain",
    "espana": "spain", "méxico": "mexico", "perú": "peru", "cymru": "wales", "alba": "scotland",
}  # fmt: skip
_AT_HOME = frozenset(("uk", "gb", "united kingdom", "great britain", "britain"))
_STATES = dict(
    pair.split(":")
    for pair in (
        "al:alabama,ak:alaska,az:arizona,ar:arkansas,ca:california,co:colorado,ct:connecticut,"
        "de:delaware,dc:district of columbia,fl:florida,ga:georgia,hi:hawaii,id:idaho,"
        "il:illinois,in:indiana,ia:iowa,ks:kansas,ky:kentucky,"
        "la:louisiana,me:maine,md:maryland,ma:massachusetts,mi:michigan,mn:minnesota,ms:mississippi,mo:missouri,"
        "mt:montana,ne:nebraska,nv:nevada,nh:new hampshire,nj:new jersey,nm:new mexico,ny:new york,nc:north carolina,"
        "nd:north dakota,oh:ohio,ok:oklahoma,or:oregon,pa:pennsylvania,pr:puerto rico,ri:rhode island,"
        "sc:south carolina,sd:south dakota,tn:tennessee,tx:texas,ut:utah,vt:vermont,va:virginia,wa:washington,"
        "wv:west virginia,wi:wisconsin,wy:wyoming"
    ).split(",")
)


class NameQuery(NamedTuple):
    """A name, and the containing area in the text; both normalised."""

    name: str
    detail: str = ""


@lru_cache(maxsize=2)
def _directory(body: bytes) -> list[str]:
    return blocks.read_words(body)


@lru_cache(maxsize=64)
def _entries(body: bytes) -> list[BlockEntry]:
    return blocks.read_entries(body)


def _firsts() -> list[str]:
    body = STORE.read([blocks.DIRECTORY]).get(blocks.DIRECTORY)
    return _directory(body) if body else []


def _numbers(firsts: Sequence[str], name: str, *, end: str) -> range:
    """Return the blocks that may hold names from `name` up to `end`."""
    first = max(bisect_left(firsts, name) - 1, 0)
    last = max(bisect_right(firsts, end) - 1, 0)
    return range(first, last + 1)


def find_exact(names: Iterable[str]) -> dict[str, list[Place]]:
    """Find the places of exactly these names; one request for all."""
    firsts = _firsts()
    if not firsts:
        return {}
    wanted_names = [name for name in dict.fromkeys(names) if name]
    numbers = {name: _numbers(firsts, name, end=name)[:_BLOCKS_OF_A_NAME] for name in wanted_names}
    bodies = STORE.read(blocks.names_key(number) for some in numbers.values() for number in some)
    places_by_name: dict[str, list[Place]] = {}
    for name in wanted_names:
        entries = (entry for number in numbers[name] for entry in _of(bodies, number))
        places_by_name[name] = distinct(entry.place for entry in entries if entry.key == name)
    return places_by_name


def _of(bodies: Mapping[str, bytes], number: int) -> list[BlockEntry]:
    body = bodies.get(blocks.names_key(number))
    return _entries(body) if body else []


def find_begun(name: str) -> list[Place]:
    """Find places by the prefix of a name, from at most two blocks; for more, the precomputed largest ones."""
    firsts = _firsts()
    if not firsts or not name:
        return []
    numbers = _numbers(firsts, name, end=name + "\uffff")
    if len(numbers) > _BLOCKS_OF_A_NAME + 1:
        short = name[: blocks.LONGEST_PREFIX]
        body = STORE.read([key := blocks.suggestions_key(short)]).get(key)
        entries = _entries(body) if body else []
    else:
        bodies = STORE.read(blocks.names_key(number) for number in numbers)
        entries = [entry for number in numbers for entry in _of(bodies, number)]
    return distinct(entry.place for entry in entries if entry.key.startswith(name))


def find_similar(name: str) -> list[str]:
    """Find names that differ by one typing error; by two if the name is long and no other is found."""
    if len(name) < _SHORTEST_TO_MISSPELL:
        return []
    keys = {blocks.slips_key(name, length=length) for length in (len(name) - 1, len(name), len(name) + 1)}
    words = [word for body in STORE.read(sorted(keys)).values() for word in blocks.read_words(body)]
    similar_words = [word for word in words if word != name and typed_text.is_one_slip(name, word)]
    similar_words = similar_words or _wrong_at_first(name)
    if not similar_words and len(name) >= _TWO_WRONG_FROM:
        letters = typed_text.letters_in(name)
        near = (word for word in words if abs(len(word) - len(name)) <= 2)
        near = (word for word in near if (typed_text.letters_in(word) ^ letters).bit_count() <= 4)
        similar_words = [word for word in near if typed_text.slips(name, word) == 2]
    return similar_words[:_MOST_SIMILAR]


def _wrong_at_first(name: str) -> list[str]:
    """Return names with a wrong first letter: replaced, missing, extra, or swapped with the second."""
    inner = (name[1:4], name[:3], name[2:5], name[:1] + name[2:4])
    keys = dict.fromkeys(blocks.inner_key(letters) for letters in inner if len(letters) == 3)
    words = [word for body in STORE.read(keys).values() for word in blocks.read_words(body)]
    return [word for word in dict.fromkeys(words) if word != name and typed_text.is_one_slip(name, word)]


def inside(places: Iterable[Place], detail: str, *, has_table: bool = True) -> list[Place]:
    """Return the places in the containing area of a text: where it is the name of one, no others.

    So `Newport, Wales` is not in New South Wales, although the words of the detail are in that name too. If the text
    only begins the area's name, the places are similar, to be asked about (`Portland, Ore`); none if it is the name of
    an area at home: Bromley in Kent is not in Kentucky. `has_table`: whether that can be looked up.
    """
    fits = [(_fit(place, detail), place) for place in places]
    best = max((fit for fit, _ in fits), default=_NOT)
    if best == _NOT or best == _BEGUN and has_table and _is_area_at_home(detail):
        return []
    inside = [place for fit, place in fits if fit == best]
    return [place._replace(match=Match.SIMILAR) for place in inside] if best == _BEGUN else inside


_NOT, _BEGUN, _LOOSELY, _EXACTLY = range(4)
_LARGE_AREAS = frozenset(("county", "country", "region", "island"))


def _is_area_at_home(name: str) -> bool:
    return any(place.kind in _LARGE_AREAS and is_home(place) for place in find_exact([name]).get(name, ()))


def _fit(place: Place, detail: str) -> int:
    """Return how well the containing areas of a place match each part of the detail, or one of its short forms."""
    areas = [typed_text.folded(area) for area in place.within]
    return min((_fit_of_part(place, areas, part) for part in detail.split(", ") if part), default=_EXACTLY)


def _fit_of_part(place: Place, areas: Sequence[str], part: str) -> int:
    if part in _AT_HOME:
        return _EXACTLY if is_home(place) else _NOT
    forms = forms_of(part)
    if any(form in areas for form in forms):
        return _EXACTLY
    if part in _SHORT_DETAILS:
        return _NOT
    if any(_holds(area, form) for area in areas for form in forms):
        return _LOOSELY
    # The words of several areas, such as `Somerset England`, of which the last one begins with the last word.
    last = part.rsplit(maxsplit=1)[-1]
    if any(area.split()[0] == last for area in areas) and _holds(" ".join(areas), part):
        return _LOOSELY
    return _BEGUN if any(_begins(area, form) for area in areas for form in forms) else _NOT


def _holds(folded_area: str, words: str) -> bool:
    return set(words.split()) <= set(folded_area.split())


def _begins(folded_area: str, words: str) -> bool:
    return all(f" {word}" in f" {folded_area}" for word in words.split())


def forms_of(detail: str) -> list[str]:
    """Return the meanings of a detail, itself included: `pa` is Pennsylvania, `glos` Gloucestershire."""
    forms = [detail, _SHORT_DETAILS.get(detail, detail), _STATES.get(detail, detail)]
    *state, last = detail.split()
    if state and last in ("usa", "us"):
        forms += forms_of(" ".join(state))
    return list(dict.fromkeys(forms))


def distinct(places: Iterable[Place]) -> list[Place]:
    """Remove duplicates: two names of one place."""
    return list({(place.name, place.kind, place.lat, place.lon): place for place in places}.values())


def ordered(places: Iterable[Place], near: Near = None) -> list[Place]:
    """Sort, the likeliest first."""
    return sorted(places, key=lambda place: (-weight(place, near), place.name, place.within))


def without_own_districts(places: Sequence[Place]) -> list[Place]:
    """Leave out a district around a settlement of its name: a name that both have means the settlement."""
    settlements = [place for place in places if place.kind in SETTLEMENTS]
    return [
        place
        for place in places
        if place.kind != "district" or all(_apart_km(place, other) > place.radius_km for other in settlements)
    ]


def _apart_km(place: Place, other: Place) -> float:
    return distance_km(lat=place.lat, lon=place.lon, to_lat=other.lat, to_lon=other.lon)
