"""Encode a polygon in few bytes that decode fast. Pure.

Coordinates are multiples of 1e-6 degrees (0.11 m), the grid of app.geo.repair, so that nothing is lost. Differences
between neighbours are small: their bytes, grouped by significance, compress well, and no loop in Python handles single
bytes.
"""

import struct
import zlib
from collections.abc import Iterator
from itertools import accumulate, chain, pairwise

from app.geo.polygon import MultiPolygon, Polygon, Position, Ring

PER_DEGREE = 1_000_000
_MARK = b"\x01"  # mark of this format


def pack(shape: MultiPolygon) -> bytes:
    """Encode a shape; the same shape gives the same bytes on one build of zlib."""
    counts = [len(shape.polygons), *chain.from_iterable(_counts(polygon) for polygon in shape.polygons)]
    positions = [position for polygon in shape.polygons for ring in polygon for position in ring[:-1]]
    steps = [*_steps([position[0] for position in positions]), *_steps([position[1] for position in positions])]
    numbers = struct.pack(f"<{len(counts) + len(steps)}i", *counts, *steps)
    head = struct.pack("<I", len(counts))
    return compressed(head + b"".join(numbers[plane::4] for plane in range(4)))


def compressed(plain: bytes) -> bytes:
    """Compress what `decompressed` has returned."""
    return _MARK + zlib.compress(plain, 9)


def decompressed(packed: bytes) -> bytes:
    """Return the bytes of a shape before compression: those of several shapes are smaller compressed together."""
    if packed[:1] != _MARK:
        raise ValueError("not a packed shape")
    try:
        return zlib.decompress(packed[1:])
    except zlib.error as error:
        raise ValueError("a damaged packed shape") from error


def _counts(polygon: Polygon) -> list[int]:
    return [len(polygon), *(len(ring) - 1 for ring in polygon)]


def _steps(degrees: list[float]) -> list[int]:
    whole = [0, *(round(value * PER_DEGREE) for value in degrees)]
    return [after - before for before, after in pairwise(whole)]


def unpack(packed: bytes) -> MultiPolygon:
    """Decode a shape; raises ValueError for bytes that `pack` has not made."""
    try:
        return MultiPolygon(tuple(_polygons(decompressed(packed))))
    except (struct.error, StopIteration, RuntimeError, IndexError) as error:
        raise ValueError("a damaged packed shape") from error


def _polygons(raw: bytes) -> Iterator[Polygon]:
    (head,) = struct.unpack_from("<I", raw)
    numbers = _numbers(raw[4:])
    counts, steps = iter(numbers[1:head]), numbers[head:]
    places = _places(steps)
    first = 0
    for rings in counts:
        polygon: list[Ring] = []
        for _ in range(rings):
            last = first + next(counts)
            polygon.append((*places[first:last], places[first]))
            first = last
        yield tuple(polygon)


def _numbers(planes: bytes) -> tuple[int, ...]:
    size = len(planes) // 4
    woven = bytearray(4 * size)
    for plane in range(4):
        woven[plane::4] = planes[plane * size : (plane + 1) * size]
    return struct.unpack(f"<{size}i", woven)


def _places(steps: tuple[int, ...]) -> list[Position]:
    half = len(steps) // 2
    lons, lats = accumulate(steps[:half]), accumulate(steps[half:])
    return [(lon / PER_DEGREE, lat / PER_DEGREE) for lon, lat in zip(lons, lats, strict=True)]
