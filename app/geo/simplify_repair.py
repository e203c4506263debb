"""An outline with fewer places that is sound again. Pure; loads what app.geo.repair loads."""

from app.geo.polygon import Shape
from app.geo.repair import repaired
from app.geo.simplify import thinned


def simplified(shape: Shape, tolerance_m: float) -> Shape:
    """What is left out lies within the tolerance of what is kept."""
    return repaired(thinned(shape, tolerance_m))
