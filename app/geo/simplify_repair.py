"""Simplify a polygon and make it valid again. Pure; loads what app.geo.repair loads."""

from app.geo.polygon import Shape
from app.geo.repair import repaired
from app.geo.simplify import thinned


def simplified(shape: Shape, tolerance_m: float) -> Shape:
    """Simplify; removed positions are within the tolerance of the simplified line."""
    return repaired(thinned(shape, tolerance_m))
