"""Divide warnings among sheets so that an answer near a place needs few of them. Pure."""

from collections.abc import Iterator, Sequence
from math import cos, radians
from typing import NamedTuple

from app.geo.box_circle import Box
from app.warnings.sheets import MOST_BYTES, MOST_SLOTS, Edges, Slot, pack

_AT_ONCE = 4  # so few stay in any order
_ROUND = 360.0


class Drawn(NamedTuple):
    """A warning to be put on a sheet."""

    id: str
    edges: Edges
    slot: Slot


def edges_of(box: Box) -> Edges:
    """Return a box as numbers that grow from west to east, also across the antimeridian."""
    return box.west, box.south, box.east + (_ROUND if box.east < box.west else 0.0), box.north


def joined(some: Sequence[Edges]) -> Edges:
    """Return the edges around all of these."""
    wests, souths, easts, norths = zip(*some, strict=True)
    return min(wests), min(souths), max(easts), max(norths)


def growth(edges: Edges, more: Edges) -> float:
    """Return how far edges grow, in degrees, by more."""
    west, south, east, north = joined([edges, more])
    return (east - west) + (north - south) - (edges[2] - edges[0]) - (edges[3] - edges[1])


def is_fitting(slots: Sequence[Slot]) -> bool:
    """Return whether one sheet holds so much."""
    return len(slots) <= MOST_SLOTS and len(pack(slots)) <= MOST_BYTES


def divided(drawn: Sequence[Drawn]) -> Iterator[list[Drawn]]:
    """Yield the contents of sheets that are full except for the last. Each warning fits into one."""
    ordered = list(_near_each_other(drawn))
    while ordered:
        count = _fitting(ordered)
        yield ordered[:count]
        ordered = ordered[count:]


def _near_each_other(drawn: Sequence[Drawn]) -> Iterator[Drawn]:
    """Order them so that those of similar place and size follow each other: by halves, along what differs most.

    Nearly all large ones around a place are in its answers, of the small ones only the nearest.
    """
    if len(drawn) <= _AT_ONCE:
        yield from drawn
        return
    spreads = [max(values) - min(values) for values in zip(*(_place_and_size(one.edges) for one in drawn), strict=True)]
    widest = spreads.index(max(spreads))
    ordered = sorted(drawn, key=lambda one: _place_and_size(one.edges)[widest])
    half = len(ordered) // 2
    yield from _near_each_other(ordered[:half])
    yield from _near_each_other(ordered[half:])


def _place_and_size(edges: Edges) -> tuple[float, float, float]:
    """Return the middle and the larger side, in degrees of latitude."""
    west, south, east, north = edges
    narrowing = cos(radians((south + north) / 2))
    return (west + east) / 2 * narrowing, (south + north) / 2, max(north - south, (east - west) * narrowing)


def _fitting(ordered: Sequence[Drawn]) -> int:
    """Return how many of the first fit into one sheet; at least one."""
    least, most = 1, min(len(ordered), MOST_SLOTS)
    while least < most:
        middle = (least + most + 1) // 2
        if is_fitting([one.slot for one in ordered[:middle]]):
            least = middle
        else:
            most = middle - 1
    return least
