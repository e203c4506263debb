"""An outline with fewer places that is sound again. Pure; loads what app.shape_repair loads."""

from app.shape_repair import repaired
from app.shape_thinning import thinned
from app.shapes import Shape


def simplified(shape: Shape, tolerance_m: float) -> Shape:
    """What is left out lies within the tolerance of what is kept."""
    return repaired(thinned(shape, tolerance_m))
