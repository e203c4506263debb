"""Draw a ring with a limited number of positions, those that shape it most. Pure.

Visvalingam and Whyatt (1993): the position that spans the smallest triangle with its neighbours goes first. Unlike a
tolerance, this meets a number exactly, in one pass.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush

from app.geo.polygon import Ring

_LEAST = 3


class ThinnedRing:
    """A closed ring whose positions are in the order in which they may be left out."""

    def __init__(self, ring: Ring) -> None:
        self.ring = ring[:-1]
        self._left_out_first = _least_first(self.ring)

    def of(self, most: int) -> Ring:
        """Return the ring, closed, with at most `most` positions, the closing one included."""
        count = max(len(self.ring) - max(most - 1, _LEAST), 0)
        left_out = set(self._left_out_first[:count])
        kept = [position for number, position in enumerate(self.ring) if number not in left_out]
        return (*kept, kept[0])


def _least_first(positions: Sequence[tuple[float, float]]) -> list[int]:
    """Return the numbers of the positions, the least important first, down to a triangle."""
    count = len(positions)
    before, after = [number - 1 for number in range(count)], [number + 1 for number in range(count)]
    before[0], after[-1] = count - 1, 0
    areas = [_area(positions[before[number]], positions[number], positions[after[number]]) for number in range(count)]
    waiting = [(area, number) for number, area in enumerate(areas)]
    heapify(waiting)
    order: list[int] = []
    while len(order) < count - _LEAST:
        area, number = heappop(waiting)
        if area != areas[number]:
            continue
        order.append(number)
        areas[number] = -1.0
        left, right = before[number], after[number]
        after[left], before[right] = right, left
        for neighbour in (left, right):
            own = _area(positions[before[neighbour]], positions[neighbour], positions[after[neighbour]])
            areas[neighbour] = max(own, area)
            heappush(waiting, (areas[neighbour], neighbour))
    return order


def _area(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return abs((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
