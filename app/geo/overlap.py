"""Overlap of two polygons. Only the ingest of warnings needs this; it loads pyclipper. Pure."""

import pyclipper

from app.geo.box_circle import Box
from app.geo.polygon import MultiPolygon

_PER_DEGREE = 10_000_000


def intersection_over_union(one: MultiPolygon, other: MultiPolygon) -> float:
    """Return the part of the larger polygon that is in both: 1 for equal ones, 0 for two that only touch."""
    if one.is_empty or other.is_empty or not _may_meet(one.box, other.box):
        return 0.0
    areas = [_area(shape, shape) for shape in (one, other)]
    return _area(one, other) / max(areas) if max(areas) else 0.0


def _area(one: MultiPolygon, other: MultiPolygon) -> float:
    clipper = pyclipper.Pyclipper()
    for shape, kind in ((one, pyclipper.PT_SUBJECT), (other, pyclipper.PT_CLIP)):
        for polygon in shape.polygons:
            for ring in polygon:
                path = [(round(lon * _PER_DEGREE), round(lat * _PER_DEGREE)) for lon, lat in ring]
                try:
                    clipper.AddPath(path, kind, True)
                except pyclipper.ClipperException:  # a ring without area
                    continue
    try:
        parts = clipper.Execute(pyclipper.CT_INTERSECTION, pyclipper.PFT_EVENODD, pyclipper.PFT_EVENODD)
    except pyclipper.ClipperException:
        return 0.0
    return float(abs(sum(pyclipper.Area(part) for part in parts)))


def _may_meet(one: Box, other: Box) -> bool:
    return one.south <= other.north and other.south <= one.north
