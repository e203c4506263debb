"""Build the map's coast: `npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz`, then
`python -m infra.coast package [--box W,S,E,N ...]`; without a folder the package is looked for in node_modules.

What comes out is committed in app/pages/static/coast: web-mercator squares with the land in them, from Natural Earth
(public domain). The whole world at 1:110m for zoom 0 to 2 and at 1:50m from zoom 3 on; and at 1:10m from zoom 5 on
the squares that a box touches. Great Britain and Ireland are always among them; a deployment elsewhere adds its own
box (Java: `--box 105,-9,115,-5`), builds, and commits.

A square's file is a list of rings, each a text: steps from point to point in whole units of the square, the first
from its north-western corner; x and y by turns, zigzag, in digits of five bits, the lowest first, 32 added where more
follow. Squares reach a margin beyond their edges, so that no seam shows. app/pages/static/coast.js reads all this.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import accumulate, pairwise
from math import asinh, pi, radians, tan
from pathlib import Path

import shapely  # type: ignore[import-untyped]
from shapely import Polygon, STRtree
from shapely.affinity import affine_transform, translate  # type: ignore[import-untyped]

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "node_modules" / "world-atlas"
FOLDER = ROOT / "app" / "pages" / "static" / "coast"
DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
DIGEST_CHARACTERS = 16  # as in app/pages/frame/assets.py
MARGIN_SHARE = 128
# Beyond this latitude a web-mercator map shows nothing.
POLAR_LAT = 86.0
GREAT_BRITAIN_AND_IRELAND = (-10.9, 49.8, 2.0, 60.9)
Box = tuple[float, float, float, float]
Square = tuple[int, int]


@dataclass(frozen=True)
class Level:
    """One scale of the coast: the zoom of its squares, its source file, and the resolution of a square."""

    z: int
    source: str
    units: int
    is_everywhere: bool


LEVELS = (
    Level(0, "land-110m.json", 4096, is_everywhere=True),
    Level(3, "land-50m.json", 4096, is_everywhere=True),
    Level(5, "land-10m.json", 8192, is_everywhere=False),
)


def build(package: Path, folder: Path, boxes: Sequence[Box]) -> dict[str, object]:
    """Write all squares and the index into a folder, replacing its content. Returns the index."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.json"):
        old.unlink()
    index: dict[str, object] = {"levels": [_write_level(level, package, folder, boxes) for level in LEVELS]}
    (folder / "index.json").write_text(json.dumps(index, separators=(",", ":")) + "\n", encoding="ascii")
    return index


def _write_level(level: Level, package: Path, folder: Path, boxes: Sequence[Box]) -> dict[str, object]:
    land = Land(read_polygons(package / level.source))
    squares = _all_squares(level.z) if level.is_everywhere else _touched(boxes, level.z)
    names = {f"{x}-{y}": _write_square(level, land, (x, y), folder) for x, y in sorted(squares)}
    return {"z": level.z, "units": level.units, "margin": level.units // MARGIN_SHARE, "squares": names}


def _write_square(level: Level, land: "Land", square: Square, folder: Path) -> str:
    """Write a square's file and return its digest, or the word for a square that is all land or all water."""
    rings = land.rings(level, square)
    if not rings:
        return "sea"
    margin = level.units // MARGIN_SHARE
    if len(rings) == 1 and Polygon(rings[0]).area >= (level.units + 2 * margin) ** 2:
        return "land"
    content = (json.dumps([encoded(ring) for ring in rings], separators=(",", ":")) + "\n").encode()
    (folder / f"{level.z}-{square[0]}-{square[1]}.json").write_bytes(content)
    return sha256(content).hexdigest()[:DIGEST_CHARACTERS]


class Land:
    """The polygons of one scale on a plane: the world from 0 to 1, x eastwards, y southwards."""

    def __init__(self, polygons: Iterable[Polygon]) -> None:
        # Copies on both sides, for rings that continue beyond the world's edge.
        here = [shapely.make_valid(polygon) for polygon in polygons]
        self._parts = [translate(one, xoff=shift) for shift in (-1, 0, 1) for one in here]
        self._tree = STRtree(self._parts)

    def rings(self, level: Level, square: Square) -> list[list[tuple[int, int]]]:
        """Return the rings of a square in its own units, outer ones and holes: the even-odd rule tells them apart."""
        scale = 2**level.z * level.units
        margin = level.units // MARGIN_SHARE
        window = shapely.box(-margin, -margin, level.units + margin, level.units + margin)
        west, north = square[0] * level.units, square[1] * level.units
        on_plane = affine_transform(window, [1 / scale, 0, 0, 1 / scale, west / scale, north / scale])
        near = [shapely.intersection(self._parts[at], on_plane.envelope) for at in self._tree.query(on_plane)]
        within = affine_transform(shapely.union_all(near), [scale, 0, 0, scale, -west, -north])
        land = shapely.set_precision(within, 1).simplify(0)
        return [
            [(round(x), round(y)) for x, y in ring.coords[:-1]]
            for part in shapely.get_parts(land)
            if isinstance(part, Polygon)
            for ring in (part.exterior, *part.interiors)
        ]


def read_polygons(file: Path) -> Iterator[Polygon]:
    """Read the land of a TopoJSON file of world-atlas, on the plane."""
    topology = json.loads(file.read_text(encoding="utf-8"))
    step, start = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = [
        [on_plane(x * step[0] + start[0], y * step[1] + start[1]) for x, y in accumulate(arc, _moved)]
        for arc in topology["arcs"]
    ]
    for geometry in topology["objects"]["land"]["geometries"]:
        for outer, *holes in geometry["arcs"]:
            edge = _near(0.5, _joined(outer, arcs))
            yield Polygon(edge, [_near(_middle(edge), _joined(hole, arcs)) for hole in holes])


def on_plane(lon: float, lat: float) -> tuple[float, float]:
    """Project to web mercator, the world from 0 to 1."""
    held = radians(max(-POLAR_LAT, min(POLAR_LAT, lat)))
    return (lon + 180) / 360, 0.5 - asinh(tan(held)) / (2 * pi)


def encoded(ring: Sequence[tuple[int, int]]) -> str:
    """Encode a ring as text, without repeating the first point."""
    return "".join(_number(value) for a, b in pairwise([(0, 0), *ring]) for value in (b[0] - a[0], b[1] - a[1]))


def _number(value: int) -> str:
    rest = value * 2 if value >= 0 else -2 * value - 1
    digits = ""
    while rest >= 32:
        digits += DIGITS[rest % 32 + 32]
        rest //= 32
    return digits + DIGITS[rest]


def _moved(point: Sequence[int], by: Sequence[int]) -> tuple[int, int]:
    return point[0] + by[0], point[1] + by[1]


def _joined(numbers: Sequence[int], arcs: Sequence[list[tuple[float, float]]]) -> list[tuple[float, float]]:
    """Join the arcs of a ring; a negative number is an arc reversed. Neighbouring arcs share a point.

    A ring that crosses 180 degrees continues beyond the world's edge; Antarctica's, which goes round, ends at the pole.
    """
    ways = [arcs[number] if number >= 0 else arcs[~number][::-1] for number in numbers]
    ring = [ways[0][0]]
    for x, y in (point for way in ways for point in way[1:]):
        ring.append((x - round(x - ring[-1][0]), y))
    if abs(ring[-1][0] - ring[0][0]) > 0.5:
        pole = on_plane(0, -POLAR_LAT)[1]
        ring += [(ring[-1][0], pole), (ring[0][0], pole)]
    return ring


def _middle(ring: Sequence[tuple[float, float]]) -> float:
    return (min(x for x, _ in ring) + max(x for x, _ in ring)) / 2


def _near(middle: float, ring: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Shift a ring by whole worlds to where its middle is nearest: a hole to the land around it."""
    worlds = round(middle - _middle(ring))
    return [(x + worlds, y) for x, y in ring]


def _all_squares(z: int) -> set[Square]:
    return {(x, y) for x in range(2**z) for y in range(2**z)}


def _touched(boxes: Iterable[Box], z: int) -> set[Square]:
    squares: set[Square] = set()
    for west, south, east, north in boxes:
        (left, top), (right, bottom) = on_plane(west, north), on_plane(east, south)
        columns = range(int(left * 2**z), int(right * 2**z) + 1)
        squares |= {(x, y) for x in columns for y in range(int(top * 2**z), int(bottom * 2**z) + 1)}
    return squares & _all_squares(z)


def _box(text: str) -> Box:
    west, south, east, north = (float(part) for part in text.split(","))
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise ValueError
    return west, south, east, north


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description="Build the map's coast from the npm package world-atlas.")
    parser.add_argument("package", nargs="?", type=Path, default=PACKAGE, help="the unpacked package")
    parser.add_argument("--box", action="append", type=_box, default=[], metavar="W,S,E,N", help="draw it at 1:10m")
    asked = parser.parse_args(arguments)
    if not (asked.package / LEVELS[0].source).is_file():
        parser.error(f"{asked.package} is not world-atlas: npm pack world-atlas@2.0.2, unpack, and name the folder.")
    build(asked.package, FOLDER, [GREAT_BRITAIN_AND_IRELAND, *asked.box])
    files = sorted(FOLDER.glob("*.json"))
    print(f"{len(files)} files, {sum(file.stat().st_size for file in files):,} bytes, in {FOLDER.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
