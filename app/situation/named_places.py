"""Find places by what people type: in the gazetteer, and among the areas of warnings in force that it does not know."""

from app.core import dynamodb
from app.gazetteer import search, typed_text
from app.gazetteer.place import Match, Place
from app.gazetteer.search import SearchResult
from app.geo.box_circle import farthest_km
from app.situation import overview
from app.warnings import last_good
from app.warnings.area_models import Area

_MOST_AREAS = 3
_FEWEST_LETTERS = 4
_LEAST_KM = 1.0
_KIND = "flood_area"


def find_places(text: str) -> SearchResult:
    """Find the places that a text may mean, as `search.search`; areas of warnings where the gazetteer has no such name.

    For pages: it costs more than suggestions for each typed letter may cost.
    """
    result = search.search(text)
    if result.match == Match.EXACT:
        return result
    return result._replace(places=[*_warned_areas(text), *result.places][: search.LIMIT])


def _warned_areas(text: str) -> list[Place]:
    """Return the areas of the newest 100 warnings in force that have this name, else those whose names contain it."""
    name = typed_text.folded(typed_text.cleaned(text))
    if len(name) < _FEWEST_LETTERS:
        return []
    try:
        page = overview.warnings_anywhere(last_good.source_states())
        pairs = (pair for hit in page.hits for pair in hit.warning.named_areas)
        named = {area_id: typed_text.folded(title) for area_id, title in pairs if area_id}
        same = [area_id for area_id, other in named.items() if other == name]
        ids = same or [area_id for area_id, other in named.items() if f" {name} " in f" {other} "]
        areas = {area.id: area for area in Area.find_all(ids[:_MOST_AREAS])}
        return [place for area_id in ids if area_id in areas and (place := _place_of(areas[area_id]))]
    except dynamodb.FAILURES:
        return []  # the page or list of warnings says that they cannot be read


def _place_of(area: Area) -> Place | None:
    """Return an area as a place, with the extent of its outline; None without any position."""
    if None in (area.lat, area.lon):
        return None
    lat, lon = float(area.lat), float(area.lon)
    outline = area.outline()
    radius_km = farthest_km(outline.box, lat=lat, lon=lon) if outline else 0.0
    return Place(area.name, _KIND, (), lat, lon, max(_LEAST_KM, round(radius_km, 1)))
