"""The number to call in an emergency, by country: a small table of our own, of numbers that people there know."""

from app.warnings.sources import territories

_EUROPEAN_UNION = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
# By ISO 3166-1 code. A country that is missing has several numbers, or one that nobody has looked up: none is shown.
NUMBERS = {
    **dict.fromkeys(_EUROPEAN_UNION.split(), "112"),
    **dict.fromkeys(("GB", "GG", "IM", "JE"), "999"),
    **dict.fromkeys(("US", "PR", "VI", "GU", "MP", "AS"), "911"),
    "AU": "000",
    "NZ": "111",
}


def number_at(*, lat: float, lon: float) -> str:
    """The emergency number of the country that holds a position; empty over the open sea and where none is known."""
    return NUMBERS.get(territories.country_at(lat=lat, lon=lon), "")
