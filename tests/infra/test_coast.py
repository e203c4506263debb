"""The coast that is committed: whole, in the right places, small, found by its index; and what builds it."""

import gzip
import json
import subprocess
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import pytest

from infra import coast

INDEX = json.loads((coast.FOLDER / "index.json").read_text())
LEVELS = {level["z"]: level for level in INDEX["levels"]}
FILES = sorted(path for path in coast.FOLDER.glob("*.json") if path.name != "index.json")
ALL_LEVELS = (0, 3)
Ring = list[tuple[int, int]]


def decoded(text: str) -> Ring:
    """Decode as app/pages/static/coast.js does; written independently."""
    values, value, weight = [], 0, 1
    for sign in text:
        digit = coast.DIGITS.index(sign)
        value, weight = value + digit % 32 * weight, weight * 32
        if digit < 32:
            values.append(-(value + 1) // 2 if value % 2 else value // 2)
            value, weight = 0, 1
    return list(zip(accumulate(values[::2]), accumulate(values[1::2]), strict=True))


def is_inside(rings: list[Ring], x: float, y: float) -> bool:
    """Even-odd, as the map fills."""
    crossings = 0
    for ring in rings:
        for (from_x, from_y), (to_x, to_y) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (from_y > y) != (to_y > y) and x < from_x + (y - from_y) / (to_y - from_y) * (to_x - from_x):
                crossings += 1
    return crossings % 2 == 1


@cache
def rings_of(z: int, x: int, y: int) -> list[Ring]:
    return [decoded(text) for text in json.loads((coast.FOLDER / f"{z}-{x}-{y}.json").read_text())]


def is_land(z: int, lon: float, lat: float) -> bool:
    level = LEVELS[z]
    x, y = (share * 2**z for share in coast.on_plane(lon, lat))
    what = level["squares"][f"{int(x)}-{int(y)}"]
    if what in ("land", "sea"):
        return bool(what == "land")
    return is_inside(rings_of(z, int(x), int(y)), x % 1 * level["units"], y % 1 * level["units"])


def seams(z: int) -> Iterator[tuple[str, str, int]]:
    """Neighbours that both have a file, with the axis along which they lie."""
    files = {name for name, what in LEVELS[z]["squares"].items() if what not in ("land", "sea")}
    for name in sorted(files):
        x, y = map(int, name.split("-"))
        for axis, other in ((0, f"{(x + 1) % 2**z}-{y}"), (1, f"{x}-{y + 1}")):
            if other in files:
                yield name, other, axis


def test_index_and_files_agree() -> None:
    named = {
        f"{z}-{name}.json": what
        for z, level in LEVELS.items()
        for name, what in level["squares"].items()
        if what not in ("land", "sea")
    }

    assert named == {path.name: sha256(path.read_bytes()).hexdigest()[:16] for path in FILES}


@pytest.mark.parametrize("z", ALL_LEVELS)
def test_coarse_levels_cover_the_world(z: int) -> None:
    assert set(LEVELS[z]["squares"]) == {f"{x}-{y}" for x in range(2**z) for y in range(2**z)}


@pytest.mark.parametrize("z", [3, 5])
@pytest.mark.parametrize(
    ("place", "lon", "lat", "expected"),
    [
        ("Bridgwater", -2.99, 51.12, True),
        ("the Bristol Channel", -4.2, 51.37, False),
        ("London, beside the seam of two squares", -0.05, 51.5, True),
        ("Cork", -8.47, 51.95, True),
        ("the Irish Sea", -5.3, 53.6, False),
        ("Inverness", -4.3, 57.45, True),
        ("the North Sea", 1.8, 55.5, False),
    ],
)
def test_land_around_great_britain_is_where_it_is(z: int, place: str, lon: float, lat: float, expected: bool) -> None:
    assert is_land(z, lon, lat) is expected, place


@pytest.mark.parametrize("z", ALL_LEVELS)
@pytest.mark.parametrize(
    ("place", "lon", "lat", "expected"),
    [
        ("Jakarta", 106.85, -6.4, True),
        ("the Java Sea", 110.0, -5.0, False),
        ("Kansas", -98.0, 38.5, True),
        ("the Caspian Sea, a hole in land that crosses 180 degrees", 51.0, 42.0, False),
        ("Chukotka east of 180 degrees", -176.0, 67.0, True),
        ("Chukotka west of 180 degrees", 176.0, 68.0, True),
        ("the Pacific at 180 degrees", -179.9, 10.0, False),
        ("Antarctica", 90.0, -80.0, True),
        ("the South Atlantic", -20.0, -40.0, False),
    ],
)
def test_land_of_the_world_is_where_it_is(z: int, place: str, lon: float, lat: float, expected: bool) -> None:
    assert is_land(z, lon, lat) is expected, place


@pytest.mark.parametrize("z", [3, 5])
def test_squares_meet_without_gaps(z: int) -> None:
    """Along an edge both squares say the same, and each reaches beyond it."""
    units, margin = LEVELS[z]["units"], LEVELS[z]["margin"]
    differ = total = 0
    for name, other, axis in seams(z):
        here, there = (rings_of(z, *map(int, one.split("-"))) for one in (name, other))
        for along in range(7, units, units // 40):
            for across in (-margin / 2, margin / 2):
                on_this = (units + across, along) if axis == 0 else (along, units + across)
                on_that = (across, along) if axis == 0 else (along, across)
                differ += is_inside(here, *on_this) != is_inside(there, *on_that)
                total += 1

    assert total > 300
    assert differ == 0


def test_coast_stays_small() -> None:
    packed = {path.name: len(gzip.compress(path.read_bytes())) for path in FILES}

    assert sum(path.stat().st_size for path in FILES) < 1_200_000
    assert sum(packed.values()) < 400_000
    assert packed["5-15-10.json"] + len(gzip.compress((coast.FOLDER / "index.json").read_bytes())) < 30_000


def test_rings_are_read_as_they_were_written() -> None:
    ring = [(0, 0), (-32, 4000), (8224, -1), (15, 16), (-17, 31)]

    assert decoded(coast.encoded(ring)) == ring


def test_browser_reads_every_square_as_it_was_written() -> None:
    """The script's own reading, in Node, of all that is committed."""
    script = """
      const fs = require('fs'), [file, folder] = process.argv.slice(1);
      const window = {FloodMap: {}};
      new Function('window', fs.readFileSync(file, 'utf8'))(window);
      const read = name => JSON.parse(fs.readFileSync(folder + '/' + name)).map(window.FloodMap.coast.decoded);
      const names = fs.readdirSync(folder).filter(name => name !== 'index.json');
      console.log(JSON.stringify(Object.fromEntries(names.map(name => [name, read(name)]))));
    """
    command = ["node", "-e", script, str(coast.FOLDER.parent / "coast.js"), str(coast.FOLDER)]

    said = subprocess.run(command, capture_output=True, text=True, timeout=300, check=True).stdout

    written = {path.name: [decoded(text) for text in json.loads(path.read_text())] for path in FILES}
    assert json.loads(said) == json.loads(json.dumps(written))


def test_another_box_is_drawn_finely(tmp_path: Path) -> None:
    """A triangle of land of our own at all three scales; the box beside it lies in open sea."""
    arc = [[100, 100], [40, 0], [-20, 30], [-20, -30]]
    land = {"land": {"geometries": [{"arcs": [[[0]]]}]}}
    topology = {"transform": {"scale": [1, 1], "translate": [0, -100]}, "arcs": [arc], "objects": land}
    for level in coast.LEVELS:
        (tmp_path / level.source).write_text(json.dumps(topology))

    index = coast.build(tmp_path, tmp_path / "out", [(105.0, 1.0, 115.0, 5.0), (-60.0, -5.0, -59.0, -4.0)])

    fine = index["levels"][2]["squares"]  # type: ignore[index]
    assert {name for name, what in fine.items() if what != "sea"} >= {"25-15", "26-15"}
    assert fine["10-16"] == "sea"
    assert sorted(path.stem for path in (tmp_path / "out").glob("5-*")) == sorted(
        f"5-{name}" for name, what in fine.items() if what not in ("land", "sea")
    )
