"""Areas as lines of text, one for each, as forms hold them: written so that they are read back as the same areas."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import NamedTuple

from app.accounts import area_input
from app.accounts.area_input import NotAnExtent, SeveralPlaces
from app.accounts.areas import MOST_AREAS, Area
from app.gazetteer.place import Place
from app.geo.box_circle import Box, Circle

LONGEST_LINE = 6000  # a polygon of 200 corners
LONGEST_TEXT = MOST_AREAS * LONGEST_LINE


class WrongLine(NamedTuple):
    """A line that is no area: its text, and why, as a code."""

    text: str
    code: str


class Read(NamedTuple):
    """Lines that were read: the areas by their lines, the wrong ones, and those that may be several places."""

    areas: list[tuple[str, Area]]
    wrong: list[WrongLine]
    several: list[tuple[str, Sequence[Place]]]

    @property
    def is_whole(self) -> bool:
        """Return whether every line is an area."""
        return not (self.wrong or self.several)


def write(some_areas: Iterable[Area]) -> list[tuple[str, Area]]:
    """Return the areas with a line for each, no two alike."""
    lines = dict[str, Area]()
    for area in some_areas:
        wanted, number = _line(area), 2
        if wanted in lines and area.place:
            wanted = f"{area.name}={area.place}"
        line = wanted
        while line in lines:
            line, number = f"{wanted} ({number})", number + 1
        lines[line] = area
    return list(lines.items())


def read(text: str, known: Sequence[Area] = ()) -> Read:
    """Read lines; those that `write` makes of `known` areas are these, whatever the gazetteer says by now.

    Of too many lines one more than there may be is read, so that the list is refused.
    """
    kept, found = dict(write(known)), Read([], [], [])
    lines = list(filter(None, (line.strip() for line in text[:LONGEST_TEXT].splitlines())))
    for line in islice(dict.fromkeys(lines), MOST_AREAS + 1):
        try:
            if len(line) > LONGEST_LINE:
                raise NotAnExtent("corners|")
            found.areas.append((line, kept[line] if line in kept else area_input.typed(line)))
        except SeveralPlaces as error:
            found.several.append((line, error.places))
        except NotAnExtent as error:
            found.wrong.append(WrongLine(line, str(error).partition("|")[0]))
    return found


def _line(area: Area) -> str:
    """Return what a person would type for an area; its name alone for a place and for what cannot be typed."""
    if area.place or isinstance(area.extent, Circle):
        return area.name
    corners = _corners(area)
    if not corners:
        return area.name
    is_its_name = area.name.replace(" ", "") == corners.replace(" ", "")
    return area.name if is_its_name else f"{area.name}={corners}"


def _corners(area: Area) -> str:
    """Return the corners of a box, or of a polygon with one outer ring; "" for any other."""
    if isinstance(area.extent, Box):
        return ",".join(_degrees(edge) for edge in area.extent)
    assert not isinstance(area.extent, Circle)
    rings = [ring for polygon in area.extent.polygons for ring in polygon]
    if len(rings) != 1:
        return ""
    return " ".join(f"{_degrees(lon)},{_degrees(lat)}" for lon, lat in rings[0][:-1])


def _degrees(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")
