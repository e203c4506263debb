"""Numbered marks on a picture of several reports: each at its place, moved aside where two would lie on each other."""

from collections.abc import Mapping, Sequence
from math import cos, hypot, radians
from typing import Any, NamedTuple

from app.geo.coordinates import M_PER_DEGREE
from app.pages.frame import picture
from app.pages.frame.picture import HEIGHT, WIDTH, Frame, Picture

RADIUS = 22  # of a mark that can be pressed; about 23 px across on the narrowest phones, 40 px on a desk
SMALL_RADIUS = 13
_STEP = 12
_LEAST_METRES = 400.0
_MARGIN = 1.3  # times the extent of all places


class Mark(NamedTuple):
    """A report's number in the list beside the picture, its place, and where the number stands, in pixels."""

    number: int
    severity: str
    at_x: int
    at_y: int
    x: int
    y: int


class MarkedPicture(NamedTuple):
    """A picture with the marks on it."""

    drawn: Picture
    marks: list[Mark]
    radius: int


def draw_all(forms: Sequence[Mapping[str, Any]]) -> MarkedPicture | None:
    """Draw all reports of a list, at the places that their short forms give; None for an empty list."""
    if not forms:
        return None
    lat, lon, metres_across = _extent([_place(form) for form in forms])
    drawn = picture.around(lat=lat, lon=lon, metres_across=metres_across)
    return MarkedPicture(drawn, place(forms, Frame(lat=lat, lon=lon, metres_across=metres_across), RADIUS), RADIUS)


def around(drawn: Picture, forms: Sequence[Mapping[str, Any]]) -> list[Mark]:
    """Return small marks of a report's neighbours, at their public places, on a picture of it."""
    return place(forms, drawn.frame, SMALL_RADIUS, kept=[(drawn.x, drawn.y)])


def place(
    forms: Sequence[Mapping[str, Any]], frame: Frame, radius: int, *, kept: Sequence[tuple[int, int]] = ()
) -> list[Mark]:
    """Return a mark for each report whose place is on the picture, numbered from 1. `kept`: places to leave free."""
    taken, marks = list(kept), list[Mark]()
    for number, form in enumerate(forms, 1):
        lat, lon = _place(form)
        at = round(frame.nearest_x(lon)), round(frame.y(lat))
        if not (0 <= at[0] <= WIDTH and 0 <= at[1] <= HEIGHT):
            continue
        stands = _free(at, taken, radius)
        taken.append(stands)
        marks.append(Mark(number, str(form["severity"]), *at, *stands))
    return marks


def _place(form: Mapping[str, Any]) -> tuple[float, float]:
    return float(form["location"]["lat"]), float(form["location"]["lon"])


def _extent(places: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the middle of some places, and how many metres a picture of all of them is wide."""
    first = places[0][1]
    lats = [lat for lat, _ in places]
    lons = [first + (lon - first + 180) % 360 - 180 for _, lon in places]  # the short way round the globe
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    wide_m = (max(lons) - min(lons)) * max(cos(radians(lat)), 0.01) * M_PER_DEGREE
    high_m = (max(lats) - min(lats)) * M_PER_DEGREE * WIDTH / HEIGHT
    return lat, (lon + 180) % 360 - 180, max(wide_m, high_m, _LEAST_METRES) * _MARGIN


def _free(at: tuple[int, int], taken: Sequence[tuple[int, int]], radius: int) -> tuple[int, int]:
    """Return the nearest point to a place where a mark meets no other; within the picture if none is free."""
    edge = radius + 2
    inside = min(max(at[0], edge), WIDTH - edge), min(max(at[1], edge), HEIGHT - edge)
    if _is_free(inside, taken, radius):
        return inside
    points = [(x, y) for x in range(edge, WIDTH - edge + 1, _STEP) for y in range(edge, HEIGHT - edge + 1, _STEP)]
    points.sort(key=lambda point: hypot(point[0] - at[0], point[1] - at[1]))
    return next((point for point in points if _is_free(point, taken, radius)), inside)


def _is_free(point: tuple[int, int], taken: Sequence[tuple[int, int]], radius: int) -> bool:
    least = 2 * radius + 2
    return all(hypot(point[0] - x, point[1] - y) >= least for x, y in taken)
