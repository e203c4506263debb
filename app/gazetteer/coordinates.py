"""Parse latitude and longitude in the usual notations. Pure."""

import re

from app.geo.coordinates import PLACES_EXACT, is_on_globe, rounded

_FURTHER = r"\d{{1,2}}(?:[.,]\d{{0,20}})?"
_VALUE = (
    r"(?P<{0}_sign>[-+])?(?P<{0}_degrees>\d{{1,3}}(?:[.,]\d{{0,20}})?)(?:\s?(?:°|DEG(?:REES)?))?"
    rf"(?:(?<![\d.,])\s?|\s)(?P<{{0}}_minutes>{_FURTHER})(?:\s?(?:'(?!')|M(?:IN)?))?"
    rf"(?:(?:(?<![\d.,])\s?|\s)(?P<{{0}}_seconds>{_FURTHER})\s?(?:\"|''|S(?:EC)(?![A-Z]))?)?"
)
_SIMPLE = r"(?P<{0}_sign>[-+])?(?P<{0}_degrees>\d{{1,3}}(?:{1}\d{{0,20}})?)\s?°?"


def _pair(value: str, between: str) -> re.Pattern[str]:
    sides = (
        rf"(?P<{name}_before>[NSEWO])?\s?"
        + value.replace("{0}", name).replace("{{", "{").replace("}}", "}")
        + rf"\s?(?({name}_before)|(?P<{name}_after>[NSEWO])?)"
        for name in ("one", "two")
    )
    return re.compile(between.join(sides), re.ASCII)


# Decimals with points; with commas, which then do not separate the two; degrees, minutes and seconds.
_NOTATIONS = (
    _pair(_SIMPLE.replace("{1}", r"\."), r"\s?[,;/\s]\s?"),
    _pair(_SIMPLE.replace("{1}", ","), r"\s?[;/\s]\s?"),
    _pair(_VALUE, r"\s?[,;/\s]\s?"),
)
_NAMES = re.compile(r"\b(?:GEO:|LATITUDE|LONGITUDE|LATITUD|LONGITUD|LAT|LON|LONG|LNG)\b\.?\s?[:=]?|GEO:|[()\[\]]")
_AXES = {None: "", "N": "lat", "S": "lat", "E": "lon", "W": "lon", "O": "lon"}
# Spanish uses O for west.
_NEGATIVE = "SWO"


def read_coordinates(text: str) -> tuple[float, float] | None:
    """Parse `51.08, -2.96`, `N51.08 W2.96` or `51°04'48"N 2°57'36"W` to latitude and longitude; else None.

    None also for numbers off the globe, and for letters that contradict each other.
    """
    plain = " ".join(_NAMES.sub(" ", text.upper()).split())
    for notation in _NOTATIONS:
        match = notation.fullmatch(plain)
        pair = _read(match.groupdict()) if match else None
        if pair:
            return pair
    return None


def _read(groups: dict[str, str | None]) -> tuple[float, float] | None:
    first, second = _side(groups, "one"), _side(groups, "two")
    if first is None or second is None:
        return None
    if first[0] == "lon" or second[0] == "lat":
        first, second = second, first
    (axis, lat), (other_axis, lon) = first, second
    if axis == "lon" or other_axis == "lat" or not is_on_globe(lat=lat, lon=lon):
        return None
    return rounded(lat, places=PLACES_EXACT), rounded(lon, places=PLACES_EXACT)


def _side(groups: dict[str, str | None], name: str) -> tuple[str, float] | None:
    """Return the axis that a number names, if any, and its value; None if a letter and a sign contradict each other."""
    before, after, sign = (groups.get(f"{name}_{part}") for part in ("before", "after", "sign"))
    letter = before or after
    if letter and sign:
        return None
    degrees, minutes, seconds = (_number(groups.get(f"{name}_{part}")) for part in ("degrees", "minutes", "seconds"))
    if minutes >= 60 or seconds >= 60:
        return None
    value = degrees + minutes / 60 + seconds / 3600
    return _AXES[letter], -value if sign == "-" or (letter and letter in _NEGATIVE) else value


def _number(text: str | None) -> float:
    return float(text.replace(",", ".")) if text else 0.0


def precision_km(text: str) -> float:
    """Return the possible error in km of a position typed with few decimals."""
    numbers = re.findall(r"\d+(?:[.,](\d+))?", text)
    unit_km = {2: 80.0, 4: 1.5}.get(len(numbers), 0.05)
    return unit_km / 10.0 ** min((len(decimals) for decimals in numbers), default=0)
