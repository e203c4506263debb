"""Geometry of the plots on the page of figures, in units of a phone's pixel. Pure: numbers in, rectangles out."""

from collections.abc import Sequence
from typing import NamedTuple

WIDTH = 328  # of the text on a phone of 360
HEIGHT = 120  # of columns
LEFT = 28  # of the numbers beside them
ROW = 44  # of one bar with its words
_GAP = 3
_NICE = (1, 2, 4, 6, 10)


class Rect(NamedTuple):
    """A rectangle; `kind` is its class in the style sheet."""

    kind: str
    x: float
    y: float
    width: float
    height: float


class Line(NamedTuple):
    """A line of the grid, and its number."""

    y: float
    number: int


class Columns(NamedTuple):
    """Stacked columns with the lines of a grid; `middles`: the middle of each column."""

    rects: list[Rect]
    lines: list[Line]
    middles: list[float]


class Bar(NamedTuple):
    """A row of a plot of bars: its words, its number in words, the width of its bar, and its class."""

    label: str
    value: str
    width: float
    kind: str


def columns(stacks: Sequence[Sequence[tuple[str, int]] | None]) -> Columns:
    """Draw a column for each stack of kinds and numbers; for an unknown one an empty frame."""
    top = nice_top(max((sum(number for _, number in stack) for stack in stacks if stack), default=0))
    step = (WIDTH - LEFT) / len(stacks)
    rects = list[Rect]()
    for place, stack in enumerate(stacks):
        x, y = LEFT + place * step + _GAP / 2, float(HEIGHT)
        if stack is None:
            rects.append(Rect("unknown", round(x, 1), 1, round(step - _GAP, 1), HEIGHT - 1))
        for kind, number in stack or ():
            height = number * (HEIGHT - 1) / top
            y -= height
            if number:
                rects.append(Rect(kind, round(x, 1), round(y, 1), round(step - _GAP, 1), round(height, 1)))
    lines = [Line(round(HEIGHT - number * (HEIGHT - 1) / top, 1), number) for number in sorted({top, top // 2, 0})]
    return Columns(rects, lines, [round(LEFT + (place + 0.5) * step, 1) for place in range(len(stacks))])


def nice_top(most: int) -> int:
    """Return a round number at or above the most, at least 2, half of which is whole."""
    unit = 1
    while True:
        for factor in _NICE:
            if (top := factor * unit) >= max(most, 2) and top % 2 == 0:
                return top
        unit *= 10


def bars(rows: Sequence[tuple[str, str, float, str]], *, most: float = 0) -> list[Bar]:
    """Draw a bar for each of its words, number in words, number and class; `most` and more is as wide as the plot.

    By default the longest is.
    """
    most = most or max((number for _, _, number, _ in rows), default=0) or 1
    return [Bar(label, value, round(WIDTH * min(1, number / most), 1), kind) for label, value, number, kind in rows]
