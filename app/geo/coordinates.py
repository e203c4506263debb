"""Coordinates: rounding, validity, great-circle distance. Pure."""

from math import asin, cos, isfinite, radians, sin, sqrt

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
M_PER_DEGREE = 111_195.0  # along a meridian of that sphere
PLACES_EXACT = 5
PLACES_GRID = 3
PLACES_AREA = 2


def rounded(degrees_: float, *, places: int) -> float:
    """Round half to even; never returns minus zero."""
    return round(degrees_, places) + 0.0


def distance_km(*, lat: float, lon: float, to_lat: float, to_lon: float) -> float:
    """Return the great-circle distance in km (haversine) on the sphere of mean radius."""
    half_lat = radians(to_lat - lat) / 2
    half_lon = radians(to_lon - lon) / 2
    chord = sin(half_lat) ** 2 + cos(radians(lat)) * cos(radians(to_lat)) * sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(chord)))


def is_on_globe(*, lat: float, lon: float) -> bool:
    """Return whether the coordinates are finite and on the globe."""
    return isfinite(lat) and isfinite(lon) and -90 <= lat <= 90 and -180 <= lon <= 180
