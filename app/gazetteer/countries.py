"""Find the country at a position, and its emergency numbers."""

import csv
from functools import cache, lru_cache
from pathlib import Path

from app.gazetteer import territories
from app.geo.box_circle import Box
from app.geo.coordinates import is_on_globe

_FILE = Path(__file__).with_name("data") / "emergency_numbers.csv"
# The number that people there learn. The open table lists all numbers in numeric order, with aliases of phones.
_OWN = (
    dict.fromkeys("GB IM JE GG".split(), "999")
    | dict.fromkeys("US PR VI GU MP AS CA".split(), "911")
    | {"IE": "112", "AU": "000", "NZ": "111"}
    | dict.fromkeys("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IT LT LU LV MT NL PL PT RO SE SI SK".split(), "112")
)


@lru_cache(maxsize=512)
def country_at(*, lat: float, lon: float) -> str:
    """Return the ISO 3166-1 code of the country at a position, coastal waters included; empty on the open sea."""
    from app.geo.polygon import contains  # here: few positions need an outline

    if not is_on_globe(lat=lat, lon=lon):
        return ""
    near = [
        (sum(_area(box) for box in territory.boxes), code)
        for code, territory in territories.territories().items()
        if "-" not in code and any(box.contains(lat=lat, lon=lon) for box in territory.boxes)
    ]
    # Smaller ones first: a country inside another one has its own outline.
    inside = (code for _, code in sorted(near) if contains(territories.outline(code), lat=lat, lon=lon))
    return next(inside, "")


def _area(box: Box) -> float:
    return sum(east - west for west, east in box.spans()) * (box.north - box.south)


def emergency_numbers(country: str) -> tuple[str, ...]:
    """Return the number of a country, or several without a known preference; empty for an unknown country."""
    if own := _OWN.get(country):
        return (own,)
    return _open_table().get(country, ())


def emergency_number_at(*, lat: float, lon: float) -> str:
    """Return the single number of the country at a position; empty at sea, and if several or none are known.

    With several it is not known which one to call first.
    """
    numbers = emergency_numbers(country_at(lat=lat, lon=lon))
    return numbers[0] if len(numbers) == 1 else ""


@cache
def _open_table() -> dict[str, tuple[str, ...]]:
    with _FILE.open(encoding="utf-8", newline="") as file:
        return {row["country"]: tuple(row["numbers"].split()) for row in csv.DictReader(file)}
