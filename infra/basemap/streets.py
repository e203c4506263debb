"""Join the pieces of a street, so that its name has room. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

Point = tuple[float, float]
Line = list[Point]
Key = TypeVar("Key", bound=Hashable)


def joined(pieces: Iterable[tuple[Key, Line]]) -> Iterator[tuple[Key, Line]]:
    """Join pieces of one key where the end of one is the end of another, and of no third: no way is walked twice."""
    lines_by_key: dict[Key, list[Line]] = defaultdict(list)
    for key, line in pieces:
        lines_by_key[key].append(line)
    for key, lines in lines_by_key.items():
        yield from ((key, line) for line in _join(lines))


def _join(lines: list[Line]) -> list[Line]:
    at: dict[Point, list[int]] = defaultdict(list)
    for number, line in enumerate(lines):
        for end in {line[0], line[-1]}:
            at[end].append(number)
    used: set[int] = set()
    whole = []
    for number, line in enumerate(lines):
        if number not in used:
            used.add(number)
            forward = _go_on(list(line), lines, at, used)
            whole.append(_go_on(forward[::-1], lines, at, used)[::-1])
    return whole


def _go_on(line: Line, lines: list[Line], at: Mapping[Point, list[int]], used: set[int]) -> Line:
    """Lengthen a line at its end as long as exactly one other piece begins there."""
    while len(here := at[line[-1]]) == 2:
        following = [number for number in here if number not in used]
        if len(following) != 1:
            break
        used.add(following[0])
        piece = lines[following[0]]
        line += piece[1:] if piece[0] == line[-1] else piece[-2::-1]
    return line
