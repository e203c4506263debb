"""Draw the pictures of link previews and the icons: `python -m infra.pictures`; what comes out is committed.

The sign is app/pages/static/icon.svg, the colours are those of site.css, the shape of each rank is the map's. A picture
holds no word but the product's name: a rank is said only together with its place, which is in the preview's title.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from math import atan2, cos, hypot, pi, sin
from pathlib import Path

from defusedxml import ElementTree
from PIL import Image, ImageDraw, ImageFont

from app.pages.frame.preview import HEIGHT, SHAPES, WIDTH, file_of
from app.situation.plain_words import Standing

FOLDER = Path(__file__).parents[1] / "app" / "pages" / "static"
FINER = 4  # drawn so many times larger, then reduced: smooth edges
STEPS = 24  # straight pieces of a curve
COLOURS = 16  # of a picture's palette
ICON_UNITS = 32  # the width of icon.svg
FAVICON_SIZES = (16, 32, 48)
TOUCH_SIZE = 180
NAME = "FloodManager"
# As in app/pages/static/markers.js, in units of its 28 by 28.
OUTLINES = {
    Standing.EXTREME: (
        (9.2, 2.5),
        (18.8, 2.5),
        (25.5, 9.2),
        (25.5, 18.8),
        (18.8, 25.5),
        (9.2, 25.5),
        (2.5, 18.8),
        (2.5, 9.2),
    ),
    Standing.SEVERE: ((14, 3), (26, 24.5), (2, 24.5)),
    Standing.MODERATE: ((14, 2.5), (25.5, 14), (14, 25.5), (2.5, 14)),
    Standing.MINOR: tuple((14 + 9.5 * cos(turn * pi / 60), 14 + 9.5 * sin(turn * pi / 60)) for turn in range(120)),
}
SIGNS = {Standing.SEVERE: ((14, 11, 17.5), (14, 20.5, 21.5)), Standing.EXTREME: ((14, 8, 15.5), (14, 19, 20.2))}
Point = tuple[float, float]


class Canvas:
    """A picture in the making, in units of its own that begin at `corner`."""

    def __init__(self, width: int, height: int, colour: str) -> None:
        self.size = (width, height)
        self.image = Image.new("RGBA", (width * FINER, height * FINER), colour)
        self.draw = ImageDraw.Draw(self.image)
        self.place_at((0, 0), 1)

    def place_at(self, corner: Point, scale: float) -> None:
        """Set where the units begin, and how many pixels one of them has."""
        self._corner, self._scale = corner, scale

    def fill(self, points: Sequence[Point], colour: str) -> None:
        """Fill a polygon."""
        self.draw.polygon([self._pixel(point) for point in points], fill=colour)

    def stroke(self, points: Sequence[Point], width: float, colour: str) -> None:
        """Draw a line with round ends and corners."""
        radius = width * self._scale * FINER / 2
        pixels = [self._pixel(point) for point in points]
        self.draw.line(pixels, fill=colour, width=round(radius * 2))
        for x, y in pixels:
            self.draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)

    def write(self, text: str, middle: Point, size: float, colour: str) -> None:
        """Write a line around a point."""
        font = ImageFont.load_default(size * FINER)
        self.draw.text(self._pixel(middle), text, fill=colour, font=font, anchor="mm", stroke_width=FINER)

    def reduced(self) -> Image.Image:
        """Return the picture in its own size."""
        return self.image.resize(self.size, Image.Resampling.BOX)

    def _pixel(self, point: Point) -> Point:
        x, y = (start + value * self._scale for start, value in zip(self._corner, point, strict=True))
        return x * FINER, y * FINER


def outline(path: str) -> list[Point]:
    """Return the points of an SVG path of M, c, s, half circles a, and z: what icon.svg has."""
    at: Point = (0, 0)
    control = at
    points = []
    for letter, text in re.findall(r"([Mcsa])([^Mcsaz]*)", path):
        numbers = [float(number) for number in re.findall(r"-?\d*\.?\d+", text)]
        if letter == "M":
            at = control = (numbers[0], numbers[1])
        elif letter == "a":
            end = (at[0] + numbers[5], at[1] + numbers[6])
            points += _half_circle(at, end)
            at = control = end
        else:
            for relative in _sixes(letter, numbers, (at[0] - control[0], at[1] - control[1])):
                first, second, end = (
                    (at[0] + x, at[1] + y) for x, y in zip(relative[::2], relative[1::2], strict=True)
                )
                points += _curve(at, first, second, end)
                at, control = end, second
    return points


def _sixes(letter: str, numbers: list[float], mirrored: Point) -> Iterator[list[float]]:
    """Yield the six numbers of each curve; `s` leaves out the first two, which mirror the curve before."""
    if letter == "c":
        yield from (numbers[start : start + 6] for start in range(0, len(numbers), 6))
        return
    for start in range(0, len(numbers), 4):
        given = numbers[start : start + 4]
        yield [*mirrored, *given]
        mirrored = (given[2] - given[0], given[3] - given[1])


def _curve(start: Point, first: Point, second: Point, end: Point) -> list[Point]:
    def at(share: float, axis: int) -> float:
        rest = 1 - share
        return (
            rest**3 * start[axis]
            + 3 * rest**2 * share * first[axis]
            + 3 * rest * share**2 * second[axis]
            + share**3 * end[axis]
        )

    return [(at(step / STEPS, 0), at(step / STEPS, 1)) for step in range(STEPS + 1)]


def _half_circle(start: Point, end: Point) -> list[Point]:
    """Return a half circle, clockwise on a screen."""
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    radius, begin = hypot(start[0] - middle[0], start[1] - middle[1]), atan2(start[1] - middle[1], start[0] - middle[0])
    turns = (begin + pi * step / STEPS for step in range(STEPS + 1))
    return [(middle[0] + radius * cos(turn), middle[1] + radius * sin(turn)) for turn in turns]


def _icon() -> Iterator[dict[str, str]]:
    """Yield the attributes of each element of icon.svg: the ground, the drop, the wave."""
    yield from (dict(element.attrib) for element in ElementTree.fromstring((FOLDER / "icon.svg").read_text()))


def draw_sign(canvas: Canvas, corner: Point, size: float) -> None:
    """Draw the icon without its ground."""
    canvas.place_at(corner, size / ICON_UNITS)
    _, drop, wave = _icon()
    canvas.fill(outline(drop["d"]), drop["fill"])
    canvas.stroke(outline(wave["d"]), float(wave["stroke-width"]), wave["stroke"])
    canvas.place_at((0, 0), 1)


def ground() -> str:
    """Return the colour behind the icon."""
    return next(_icon())["fill"]


def colour_of(rank: Standing) -> str:
    """Return a rank's colour on a light page."""
    found = re.search(rf"--{rank}: (#[0-9a-f]{{6}});", (FOLDER / "site.css").read_text())
    assert found
    return found[1]


def preview(rank: Standing | None = None) -> Image.Image:
    """Draw the preview's picture of a rank, or of none."""
    canvas = Canvas(WIDTH, HEIGHT, ground())
    if not rank:
        draw_sign(canvas, (WIDTH / 2 - 170, 50), 340)
        canvas.write(NAME, (WIDTH / 2, 470), 110, "#ffffff")
        return _small(canvas)
    canvas.place_at((60, 105), 15)
    canvas.fill(OUTLINES[rank], colour_of(rank))
    canvas.stroke([*OUTLINES[rank], OUTLINES[rank][0]], 0.9, "#ffffff")
    for x, top, bottom in SIGNS.get(rank, ()):
        canvas.stroke(((x, top), (x, bottom)), 2.4, "#ffffff")
    draw_sign(canvas, (700, 90), 240)
    canvas.write(NAME, (820, 400), 92, "#ffffff")
    return _small(canvas)


def _small(canvas: Canvas) -> Image.Image:
    return canvas.reduced().convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)


def icon(size: int, *, is_round: bool) -> Image.Image:
    """Draw the icon; phones cut its corners themselves, tabs do not."""
    canvas = Canvas(size, size, "#00000000" if is_round else ground())
    if is_round:
        edge = size * FINER
        radius = edge * float(next(_icon())["rx"]) / ICON_UNITS
        canvas.draw.rounded_rectangle((0, 0, edge - 1, edge - 1), radius, fill=ground())
    draw_sign(canvas, (0, 0), size)
    return canvas.reduced()


def favicon() -> bytes:
    """Return an icon file with all sizes that tabs and bookmarks show."""
    *others, largest = (icon(size, is_round=True) for size in FAVICON_SIZES)
    file = BytesIO()
    largest.save(file, "ICO", sizes=[(size, size) for size in FAVICON_SIZES], append_images=others)
    return file.getvalue()


def all_pictures() -> dict[str, Image.Image]:
    """Return every picture by its file's name, except favicon.ico."""
    previews = {file_of(rank): preview(rank) for rank in (None, *SHAPES)}
    return previews | {"apple-touch-icon.png": icon(TOUCH_SIZE, is_round=False).convert("RGB")}


def main(folder: Path = FOLDER) -> int:
    for name, picture in all_pictures().items():
        picture.save(folder / name, optimize=True)
    (folder / "favicon.ico").write_bytes(favicon())
    return 0


if __name__ == "__main__":
    sys.exit(main())
