"""Find places whose latitude and longitude are swapped, or that lack a sign or a number. Pure.

The file's other places tell it, and land and sea.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import accumulate
from math import floor

IsAtSea = Callable[..., bool]  # lat=, lon=
# Empty degrees that part a file's main region from what lies elsewhere.
_GAP_DEGREES = 4
_GAP_OF_GRID = 2  # a national grid spans ten degrees: there a smaller gap parts
_NEAR_DIAGONAL = 2.0  # degrees: swapped, such a place stays where it was
_WIDEST_COUNTRY = (30, 60)  # degrees of latitude and longitude: of the United States without Alaska, and more
_NEAR_DATE_LINE = 165.0  # degrees: from there on both signs are neighbours
_LOOKED_AROUND = 0.3  # degrees around a place that must be sea, too: 30 km of rough coast
_SHARE_NEAR = 0.05  # of a file's places, around the swapped place
_SHARE_OF_WHOLE, _SAMPLE = 0.5, 200  # squares; from that share on the whole file counts as swapped
_AROUND = [(up, along) for up in (-1, 0, 1) for along in (-1, 0, 1)]
OUTSIDE = "latitude and longitude look swapped: it lies outside the file's other places, and swapped among them"
NO_SIGN = "a minus looks lost: it lies outside the file's other places, and with the other sign among them"
NO_NUMBER = "its 0 looks like a number that is missing: it lies outside the file's other places"
_MOST_OUTSIDE = 0.3  # of a file's places; more of them are no slips, but a file from all over the world
IN_SEA = "latitude and longitude look swapped: it lies in the sea, and swapped on land"


def nowhere_at_sea(*, lat: float, lon: float) -> bool:
    """Return False: where land and sea are not known."""
    return False


@dataclass
class PlacesSeen:
    """Counts of a file's places in each square degree: 64,800 numbers at most."""

    squares: Counter[tuple[int, int]] = field(default_factory=Counter)

    def see(self, lat: float, lon: float) -> None:
        """Take the place of one row into account."""
        self.squares[floor(lat), floor(lon)] += 1


class SwapJudge:
    """Tells of each place whether it was swapped."""

    def __init__(self, seen: PlacesSeen, is_at_sea: IsAtSea = nowhere_at_sea) -> None:
        self._squares = seen.squares
        self._ranges = cache(lambda gap: (_main_range(seen, 0, gap), _main_range(seen, 1, gap)))
        self._is_open_sea = lru_cache(maxsize=4096)(_open_sea(is_at_sea))
        self._near = cache(self._count_near)
        self._outside = cache(self._count_outside)
        self._enough_near = max(1, seen.squares.total() * _SHARE_NEAR)
        self._is_whole = _share_swapped(seen, is_at_sea) >= _SHARE_OF_WHOLE

    def reason(self, lat: float, lon: float, mirror: tuple[float, float] | None = None) -> str:
        """Return why a place counts as swapped; "" if it does not.

        `mirror` is the latitude and longitude that the swapped numbers of a projected place come to.
        """
        if not mirror and (slip := self._slip(lat, lon)):
            return slip
        there = mirror or (lon, lat)
        if abs(there[0]) > 90 or max(abs(lat - there[0]), abs(lon - there[1])) < _NEAR_DIAGONAL:
            return ""
        if self._is_among_others((lat, lon), there, _GAP_OF_GRID if mirror else _GAP_DEGREES):
            return _worded(OUTSIDE, mirror)
        if not self._is_whole and self._near(floor(there[0]), floor(there[1])) < self._enough_near:
            return ""  # of places all over the world, some in the sea have land at their mirror by chance
        is_here_wet, is_there_wet = (
            self._is_open_sea(round(place[0], 1), round(place[1], 1)) for place in ((lat, lon), there)
        )
        return _worded(IN_SEA, mirror) if is_here_wet and not is_there_wet else ""

    def _slip(self, lat: float, lon: float) -> str:
        """Return whether a minus is lost, or a number stands as 0; "" where the places lie all over the world."""
        lats, lons = self._ranges(_GAP_DEGREES)
        is_outside = floor(lat) not in lats or floor(lon) not in lons
        is_wide = len(lats) > _WIDEST_COUNTRY[0] or len(lons) > _WIDEST_COUNTRY[1]
        if not is_outside or is_wide or self._outside() > max(1, self._squares.total() * _MOST_OUTSIDE):
            return ""
        signs = ((lat, -lon), (-lat, lon), (-lat, -lon)) if abs(lon) < _NEAR_DATE_LINE else ((-lat, lon),)
        far = [each for each in signs if max(abs(lat - each[0]), abs(lon - each[1])) >= _NEAR_DIAGONAL]
        if any(self._is_among_others((lat, lon), each, _GAP_DEGREES) for each in far):
            return NO_SIGN
        others = self._squares.total() - self._near(floor(lat), floor(lon))
        return NO_NUMBER if 0 in (lat, lon) and others > self._near(floor(lat), floor(lon)) else ""

    def _count_outside(self) -> int:
        lats, lons = self._ranges(_GAP_DEGREES)
        return sum(count for (lat, lon), count in self._squares.items() if lat not in lats or lon not in lons)

    def _is_among_others(self, here: tuple[float, float], there: tuple[float, float], gap: int) -> bool:
        """Return whether a place lies outside the file's others, and more of them around it when it is swapped."""
        lats, lons = self._ranges(gap)
        is_outside = floor(here[0]) not in lats or floor(here[1]) not in lons
        if not is_outside or floor(there[0]) not in lats or floor(there[1]) not in lons:
            return False
        return self._near(floor(there[0]), floor(there[1])) > self._near(floor(here[0]), floor(here[1]))

    def _count_near(self, lat: int, lon: int) -> int:
        return sum(self._squares[lat + up, lon + along] for up, along in _AROUND)


def _worded(reason: str, mirror: tuple[float, float] | None) -> str:
    return reason.replace("latitude and longitude", "easting and northing") if mirror else reason


def _main_range(seen: PlacesSeen, axis: int, gap: int) -> range:
    """Return the degrees around the median of all places, as far as no gap parts them."""
    counts: Counter[int] = Counter()
    for square, count in seen.squares.items():
        counts[square[axis]] += count
    if not counts:
        return range(0)
    degrees, half = sorted(counts), counts.total() / 2
    passed = list(accumulate(counts[degree] for degree in degrees))
    first = last = next(at for at, so_far in enumerate(passed) if so_far >= half)
    while first > 0 and degrees[first] - degrees[first - 1] <= gap:
        first -= 1
    while last < len(degrees) - 1 and degrees[last + 1] - degrees[last] <= gap:
        last += 1
    return range(degrees[first], degrees[last] + 1)


def _share_swapped(seen: PlacesSeen, is_at_sea: IsAtSea) -> float:
    """Return which share of the places lies in squares of sea that are land when they are swapped, by a sample."""
    swapped = total = 0
    squares = sorted(seen.squares.items())
    for (lat, lon), count in squares[:: len(squares) // _SAMPLE + 1]:
        total += count
        if -90 <= lon < 90 and is_at_sea(lat=lat + 0.5, lon=lon + 0.5):
            swapped += count * (not is_at_sea(lat=lon + 0.5, lon=lat + 0.5))
    return swapped / total if total else 0.0


def _open_sea(is_at_sea: IsAtSea) -> Callable[[float, float], bool]:
    """Return what tells whether there is sea all around a place, so that no rough place or coast explains it.

    Where the middle of the square degree is land, no place in it counts as open sea: that is asked once a square.
    """
    is_wet = cache(lambda lat, lon: is_at_sea(lat=lat + 0.5, lon=lon + 0.5))

    def is_open_sea(lat: float, lon: float) -> bool:
        return is_wet(min(floor(lat), 89), floor(lon)) and all(
            is_at_sea(lat=min(max(lat + up * _LOOKED_AROUND, -90), 90), lon=lon + along * _LOOKED_AROUND)
            for up, along in ((0, 0), *_AROUND)
        )

    return is_open_sea
