"""Find the parts of the table of subscriptions that hold all whom an event may concern. Pure.

A subscription lies under the quadkeys of the squares that cover its place. One of these meets a square of the event's
cover if it lies inside it (their keys follow its own) or above it (its key begins the other). So each square of zoom 7
needs some ranges of keys; the nearest ones are joined until there are at most MOST_RANGES.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from app.alerts.cover import COARSEST, FINEST, partition_of, stored_square
from app.alerts.subscription_models import SHARDS
from app.geo.tiles import Tile

MOST_TILES = 4_096
MOST_RANGES = 32
_LAST = "~"  # beyond every key that begins the same
_END_OF_KEY = "#"
Ranges = tuple[tuple[str, str], ...]


class _Piece(NamedTuple):
    """A range of keys, and the part of a square of zoom 7 that it stands for, in squares of zoom FINEST."""

    low: str
    high: str
    start: int
    end: int


def ranges_of(tiles_at: Callable[[int], list[Tile]], count_at: Callable[[int], int]) -> dict[str, Ranges]:
    """Return the ranges of keys in each partition where an event's cover lies, in order.

    `tiles_at` and `count_at`: the squares of a zoom that the event touches, and the most that there may be. Its cover
    is of the finest zoom that takes at most MOST_TILES.
    """
    z = next((z for z in range(FINEST, COARSEST, -1) if count_at(z) <= MOST_TILES), COARSEST)
    by_square: dict[Tile, set[str]] = defaultdict(set)
    for tile in map(stored_square, tiles_at(z)):
        by_square[tile.parent(COARSEST)].add(tile.quadkey)
    ranges = {square: _joined(quadkeys) for square, quadkeys in sorted(by_square.items())}
    return {partition_of(square, shard): ranges[square] for square in ranges for shard in range(SHARDS)}


def _joined(quadkeys: Iterable[str]) -> Ranges:
    pieces = sorted({piece for quadkey in quadkeys for piece in _pieces(quadkey)})
    gaps = sorted(
        (earlier.end - later.start, number)
        for number, (earlier, later) in enumerate(pairwise(pieces), 1)
        if later.start > earlier.end
    )
    cuts = sorted(number for _, number in gaps[: MOST_RANGES - 1])
    bounds = zip([0, *cuts], [*cuts, len(pieces)], strict=True)
    return tuple((pieces[first].low, max(piece.high for piece in pieces[first:last])) for first, last in bounds)


def _pieces(quadkey: str) -> Iterator[_Piece]:
    """Yield the range of a square with all inside it, and one of each square above."""
    start = _position(quadkey)
    yield _Piece(quadkey, quadkey + _LAST, start, start + 4 ** (FINEST - len(quadkey)))
    for length in range(COARSEST, len(quadkey)):
        above = quadkey[:length]
        yield _Piece(above + _END_OF_KEY, above + _END_OF_KEY + _LAST, _position(above), _position(above))


def _position(quadkey: str) -> int:
    """Return the number of squares of zoom FINEST before the first one inside a square."""
    return int(quadkey.ljust(FINEST, "0"), 4)
