"""Find room for names in a picture: waters and roads have theirs along their lines, places at a point."""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from math import atan2, cos, degrees, hypot, radians, sin
from typing import NamedTuple

from app.pages.frame.picture import HEIGHT, WIDTH

Point = tuple[float, float]
Line = list[Point]
MOST_NAMES = 16
_LONGEST = 40  # characters; a longer name has no room
_LETTER = 6.6  # approximate width in pixels of a letter
_APART = 14  # pixels between the middles of two names' letters
_STEP = 8
_STRAIGHT = 0.97  # distance of a piece's ends, as a share of its length
_EDGE = 6
_MOST_CORNERS = 60  # of a line, that are looked at
# Kinds that are named first come first; all others follow in their own order.
_RANKS = (
    "river",
    "water",
    "lake",
    "canal",
    "city",
    "town",
    "village",
    "locality",
    "highway",
    "major_road",
    "medium_road",
)


class Candidate(NamedTuple):
    """A name and the line along which it may stand, or a single point."""

    text: str
    is_water: bool
    kind: str
    line: Line


class Name(NamedTuple):
    """A name with its middle in pixels, turned by some degrees."""

    text: str
    x: int
    y: int
    turn: int = 0
    is_water: bool = False
    is_settlement: bool = False


def placed(candidates: Iterable[Candidate], taken: Iterable[Name]) -> Iterator[Name]:
    """Yield the names that have room, the most important first, each once."""
    before = list(taken)
    texts = {name.text for name in before}
    spots = [spot for name in before for spot in _spots(name)]
    ranked = sorted(candidates, key=lambda one: (_rank(one.kind), -_length(one.line), one.text, one.line))
    shown = 0
    for candidate in ranked:
        text = plain(candidate.text)
        if not text or text in texts or shown == MOST_NAMES:
            continue
        for name in _ways(candidate, text):
            mine = _spots(name)
            if _is_inside(mine) and not _meet(mine, spots):
                texts.add(text)
                spots += mine
                shown += 1
                yield name
                break


def plain(text: str, longest: int = _LONGEST) -> str:
    """Return a text as one line without signs that XML or a reader's eye cannot take; "" if it is too long."""
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text[: 2 * longest]).split())
    return line if len(line) <= longest else ""


def _rank(kind: str) -> int:
    return _RANKS.index(kind) if kind in _RANKS else len(_RANKS)


def _length(line: Sequence[Point]) -> float:
    return sum(hypot(x - from_x, y - from_y) for (from_x, from_y), (x, y) in itertools.pairwise(line))


def _ways(candidate: Candidate, text: str) -> Iterator[Name]:
    """Yield the places where a name may stand: at its point, or along straight pieces of its line."""
    line = candidate.line[:_MOST_CORNERS]
    if len(line) == 1:
        (x, y), is_water = line[0], candidate.is_water
        yield Name(text, round(x), round(y), is_water=is_water, is_settlement=not is_water)
        return
    wanted = len(text) * _LETTER + 4
    for first, (from_x, from_y) in enumerate(line):
        along = 0.0
        for (before_x, before_y), (x, y) in zip(line[first:], line[first + 1 :], strict=False):
            along += hypot(x - before_x, y - before_y)
            apart = hypot(x - from_x, y - from_y)
            if apart < _STRAIGHT * along:
                break
            if apart >= wanted:
                turn = round(degrees(atan2(y - from_y, x - from_x)))
                turn = turn - 180 if turn > 90 else turn + 180 if turn < -90 else turn
                yield Name(text, round((x + from_x) / 2), round((y + from_y) / 2), turn, candidate.is_water)
                break


def _spots(name: Name) -> list[Point]:
    """Return points along a name, by which two are compared."""
    half = len(name.text) * _LETTER / 2
    number = max(int(half // _STEP), 1)
    by_x, by_y = cos(radians(name.turn)), sin(radians(name.turn))
    return [
        (name.x + by_x * half * step / number, name.y + by_y * half * step / number)
        for step in range(-number, number + 1)
    ]


def _is_inside(spots: Iterable[Point]) -> bool:
    return all(_EDGE <= x <= WIDTH - _EDGE and 2 * _EDGE <= y <= HEIGHT - 2 * _EDGE for x, y in spots)


def _meet(mine: Iterable[Point], others: Sequence[Point]) -> bool:
    return any(abs(x - to_x) < _APART and abs(y - to_y) < _APART for x, y in mine for to_x, to_y in others)
