"""Simplify an outline so that the result is valid. Pure; loads what app.geo.repair loads."""

from app.geo.polygon import MultiPolygon
from app.geo.repair import make_valid
from app.geo.simplify import simplified


def simplify_valid(shape: MultiPolygon, tolerance_m: float) -> MultiPolygon:
    """Return a valid outline with fewer points; every point left out lies within the tolerance of the result."""
    return make_valid(simplified(shape, tolerance_m))
