"""Build the places of the demo: `python -m infra.demo_places --areas FILE --streets FILE`, with

- areas: the Environment Agency's flood areas as GeoJSON, with code, name and outline, packed by gzip;
- streets: one GeoJSON feature a line of OS Open Map - Local, with the name of each street, packed by gzip.

What comes out is committed as app/cli/data/demo.json: the outlines of the demo's warnings, and of each street of the
demo some points that lie in its flood area. The same input gives the same bytes. Sources and licences: NOTICE.
"""

import argparse
import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from math import ceil
from pathlib import Path
from typing import Any

from app.cli.demo_scenes import SCENES
from app.cli.demo_warnings import AREAS
from app.geo import polygon
from app.geo.coordinates import distance_km
from app.geo.polygon import MultiPolygon
from app.geo.polygon_geojson import read_geojson, to_geojson
from app.geo.repair import make_valid
from app.geo.simplify import rounded, simplified_to_budget

FILE = Path(__file__).parents[1] / "app" / "cli" / "data" / "demo.json"
EACH_M = 15.0  # between two points of a street
MOST_POINTS = 16  # of a street
TOLERANCE_M, MOST_POSITIONS = 4.0, 1500  # of the outline of an area: a street on the map is five metres wide
PLACES = 5
Points = list[tuple[float, float]]


def build(areas: Path, streets: Path) -> dict[str, Any]:
    """Return the demo's flood areas and streets. Raises SystemExit if one is missing in the files."""
    outlines = {code: (name, shape) for code, name, shape in _read_areas(areas)}
    lines = _read_streets(streets)
    missing = [area.code for area in AREAS if area.code not in outlines]
    found = {}
    for scene in SCENES:
        points = _within(lines[scene.street], outlines[scene.area][1])
        missing += [] if points else [f"{scene.street} in {scene.area}"]
        found[f"{scene.area}/{scene.street}"] = points
    if missing:
        raise SystemExit(f"The files lack {', '.join(missing)}.")
    return {
        "areas": {area.code: _drawn(*outlines[area.code]) for area in AREAS},
        "streets": found,
    }


def _read_areas(file: Path) -> Iterator[tuple[str, str, MultiPolygon]]:
    wanted = {area.code for area in AREAS} | {scene.area for scene in SCENES}
    for feature in json.loads(gzip.decompress(file.read_bytes()))["features"]:
        if (code := feature["properties"]["code"]) in wanted:
            yield code, feature["properties"]["name"], make_valid(read_geojson(feature["geometry"]))


def _read_streets(file: Path) -> dict[str, list[Points]]:
    """Return the lines of each wanted street, as (lat, lon)."""
    wanted = {scene.street for scene in SCENES}
    lines: dict[str, list[Points]] = defaultdict(list)
    for text in gzip.decompress(file.read_bytes()).decode().splitlines():
        feature = json.loads(text)
        geometry, name = feature["geometry"], feature["properties"].get("name")
        if name in wanted and geometry["type"] in ("LineString", "MultiLineString"):
            parts = [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]
            lines[name] += [[(lat, lon) for lon, lat in part] for part in parts]
    return lines


def _within(lines: Iterable[Points], shape: MultiPolygon) -> list[list[float]]:
    """Return points along the lines inside an area, evenly spaced, at most 16."""
    points = [point for line in lines for point in _along(line) if polygon.contains(shape, lat=point[0], lon=point[1])]
    step = max(1, ceil(len(points) / MOST_POINTS))
    return [[round(lat, PLACES), round(lon, PLACES)] for lat, lon in points[::step]]


def _along(line: Points) -> Iterator[tuple[float, float]]:
    for (lat, lon), (to_lat, to_lon) in pairwise(line):
        length_m = distance_km(lat=lat, lon=lon, to_lat=to_lat, to_lon=to_lon) * 1000
        steps = max(1, round(length_m / EACH_M))
        for number in range(steps):
            yield lat + (to_lat - lat) * number / steps, lon + (to_lon - lon) * number / steps


def _drawn(name: str, shape: MultiPolygon) -> dict[str, Any]:
    [simple] = simplified_to_budget([shape], TOLERANCE_M, most=MOST_POSITIONS)
    return {"name": name, "outline": to_geojson(rounded(make_valid(simple), PLACES))}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m infra.demo_places", description="Build the places of the demo.")
    parser.add_argument("--areas", type=Path, required=True)
    parser.add_argument("--streets", type=Path, required=True)
    asked = parser.parse_args()
    text = json.dumps(build(asked.areas, asked.streets), separators=(",", ":"))
    FILE.write_text(text.replace('},"', '},\n"') + "\n", encoding="utf-8")
    print(f"{FILE.name}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
