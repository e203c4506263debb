"""Convert references of the British National Grid (EPSG:27700) to and from latitude and longitude. Pure.

Formulas and constants: Ordnance Survey, "A guide to coordinate systems in Great Britain", annexes B and C. The shift
between the datums is the seven-parameter one, accurate to about 5 m.
"""

import re
from math import atan2, cos, degrees, radians, sin, sqrt, tan
from typing import NamedTuple

_AIRY_A, _AIRY_B = 6377563.396, 6356256.909
_WGS_A, _WGS_B = 6378137.0, 6356752.3142
_SCALE, _NORTH_0, _EAST_0 = 0.9996012717, -100000.0, 400000.0
_LAT_0, _LON_0 = radians(49), radians(-2)
_SHIFT = (446.448, -125.157, 542.060)
_TURN = tuple(radians(seconds / 3600) for seconds in (0.1502, 0.2470, 0.8421))
_STRETCH = 1 - 20.4894e-6
_E2 = 1 - _AIRY_B**2 / _AIRY_A**2
_N = (_AIRY_A - _AIRY_B) / (_AIRY_A + _AIRY_B)
_REFERENCE = re.compile(r"([HNOST])([A-HJ-Z]) ?(\d{2,10}|\d{1,5} \d{1,5})", re.ASCII)
_EAST, _NORTH = (0.0, 700_000.0), (0.0, 1_300_000.0)


class Square(NamedTuple):
    """A square of the grid: its south-west corner and its side, in metres."""

    east: float
    north: float
    side_m: float

    def middle(self) -> tuple[float, float]:
        """Return latitude and longitude of its middle."""
        return to_degrees(self.east + self.side_m / 2, self.north + self.side_m / 2)


def read_reference(text: str) -> Square | None:
    """Parse `ST 39 30`, `ST3930` or `ST 35731 30488` to a square; None if it is not a reference in Great Britain."""
    match = _REFERENCE.fullmatch(text.upper())
    if not match:
        return None
    digits = match[3].replace(" ", "")
    half = len(digits) // 2
    if len(digits) % 2 or " " in match[3] and match[3].index(" ") != half:
        return None
    first, second = (ord(letter) - ord("A") - (letter > "I") for letter in (match[1], match[2]))
    column = ((first - 2) % 5) * 5 + second % 5
    row = 19 - first // 5 * 5 - second // 5
    side_m = 10.0 ** (5 - half)
    square = Square(column * 1e5 + int(digits[:half]) * side_m, row * 1e5 + int(digits[half:]) * side_m, side_m)
    is_inside = _EAST[0] <= square.east < _EAST[1] and _NORTH[0] <= square.north < _NORTH[1]
    return square if is_inside else None


def _arc(lat: float) -> float:
    """Return the metres along the meridian from the true origin."""
    less, more = lat - _LAT_0, lat + _LAT_0
    return (
        _AIRY_B
        * _SCALE
        * (
            (1 + _N + 5 / 4 * _N**2 + 5 / 4 * _N**3) * less
            - (3 * _N + 3 * _N**2 + 21 / 8 * _N**3) * sin(less) * cos(more)
            + (15 / 8 * _N**2 + 15 / 8 * _N**3) * sin(2 * less) * cos(2 * more)
            - 35 / 24 * _N**3 * sin(3 * less) * cos(3 * more)
        )
    )


def to_degrees(east: float, north: float) -> tuple[float, float]:
    """Convert grid metres to latitude and longitude (WGS 84)."""
    lat = _LAT_0
    while abs(remainder := north - _NORTH_0 - _arc(lat)) > 1e-4:
        lat += remainder / (_AIRY_A * _SCALE)
    squared = 1 - _E2 * sin(lat) ** 2
    nu = _AIRY_A * _SCALE / sqrt(squared)
    rho = nu * (1 - _E2) / squared
    eta2, t, d = nu / rho - 1, tan(lat), east - _EAST_0
    on_airy_lat = (
        lat - t / (2 * rho * nu) * d**2 + t / (24 * rho * nu**3) * (5 + 3 * t**2 + eta2 * (1 - 9 * t**2)) * d**4
    )
    secant = 1 / cos(lat)
    on_airy_lon = (
        _LON_0
        + secant / nu * d
        - secant / (6 * nu**3) * (nu / rho + 2 * t**2) * d**3
        + secant / (120 * nu**5) * (5 + 28 * t**2 + 24 * t**4) * d**5
    )
    return _to_wgs84(on_airy_lat, on_airy_lon)


def _to_wgs84(lat: float, lon: float) -> tuple[float, float]:
    nu = _AIRY_A / sqrt(1 - _E2 * sin(lat) ** 2)
    x, y, z = nu * cos(lat) * cos(lon), nu * cos(lat) * sin(lon), nu * (1 - _E2) * sin(lat)
    turn_x, turn_y, turn_z = _TURN
    moved_x = _SHIFT[0] + x * _STRETCH - y * turn_z + z * turn_y
    moved_y = _SHIFT[1] + x * turn_z + y * _STRETCH - z * turn_x
    moved_z = _SHIFT[2] - x * turn_y + y * turn_x + z * _STRETCH
    e2 = 1 - _WGS_B**2 / _WGS_A**2
    across = sqrt(moved_x**2 + moved_y**2)
    lat = atan2(moved_z, across * (1 - e2))
    for _ in range(4):
        nu = _WGS_A / sqrt(1 - e2 * sin(lat) ** 2)
        lat = atan2(moved_z + e2 * nu * sin(lat), across)
    return degrees(lat), degrees(atan2(moved_y, moved_x))
