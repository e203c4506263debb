"""Unwrap rings that cross the antimeridian or go around a pole. Pure.

Input longitudes are -180 to 180; an unwrapped ring has no jumps and may reach beyond. A step of more than half a turn
is read as the short way round (RFC 7946 §3.1.9 asks for rings to be cut, but few senders do so).
"""

from collections.abc import Callable
from itertools import pairwise

from app.geo.polygon import NotAPolygon, Ring

_TURN = 360.0


def unwrapped(ring: Ring) -> Ring:
    """Unwrap and close a ring, through a pole if it goes around one; raises NoShape if it goes round more than once."""
    flat = _unwrapped_by(ring, _short_way)
    if _is_closed(flat) and len({lon for lon, _ in flat}) > 1:
        return flat
    # A step of exactly one turn is intended: the edge of a band around the globe.
    plain = _unwrapped_by(ring, _short_way_but_whole_turns)
    if _is_closed(plain):
        return plain
    if abs(abs(flat[-1][0] - flat[0][0]) - _TURN) > 1e-6:
        raise NotAPolygon("a ring goes round the globe more than once")
    pole = 90.0 if sum(lat for _, lat in flat) > 0 else -90.0
    return (*flat, (flat[-1][0], pole), (flat[0][0], pole), flat[0])


def _unwrapped_by(ring: Ring, step_of: Callable[[float], float]) -> Ring:
    lon = ring[0][0]
    walked = [ring[0]]
    for (before, _), (after, lat) in pairwise(ring):
        lon += step_of(after - before)
        walked.append((lon, lat))
    return tuple(walked)


def _short_way(step: float) -> float:
    if abs(step) <= _TURN / 2:
        return step
    return step - _TURN if step > 0 else step + _TURN


def _short_way_but_whole_turns(step: float) -> float:
    return step if abs(step) == _TURN else _short_way(step)


def _is_closed(flat: Ring) -> bool:
    return abs(flat[-1][0] - flat[0][0]) < 1e-6


def shifted_beside(ring: Ring, other: Ring) -> Ring:
    """Shift a ring by whole turns so that its middle is nearest to the other's: a hole to its outer ring."""
    shift = round((_middle(other) - _middle(ring)) / _TURN) * _TURN
    return tuple((lon + shift, lat) for lon, lat in ring) if shift else ring


def _middle(ring: Ring) -> float:
    lons = [lon for lon, _ in ring]
    return (min(lons) + max(lons)) / 2
