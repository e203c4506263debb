"""Build the outlines by which a source states where it speaks:
`python -m infra.coverage --borders FILE --settlements FILE [--zones FILE]`, with

- borders: `npm pack @rapideditor/country-coder@5.6.1`, in it `package/src/data/borders.json`;
- settlements: a table of settlements with `lat`, `lon` and `country`, such as one made of OS Open Names;
- zones: the tz database's `zone1970.tab`; the system's own by default.

What comes out is committed: `coverage.zip` in app/gazetteer/data holds each country's outline by its ISO 3166-1
code, those of the nations of the United Kingdom by theirs (GB-ENG), and `index.json` with the boxes around them and the
time zones in them. The same input gives the same bytes. Sources and licences: NOTICE; why it is so:
docs/decisions/0025.

England is drawn finer than all others, because its own agency ends at its border: the land that is nearer to a
settlement of England than to one of Wales or Scotland, to within the tolerance; and the sea before it.
"""

import argparse
import csv
import json
import zipfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from math import cos, radians
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import shapely  # type: ignore[import-untyped]
from shapely.geometry import shape as read_shape  # type: ignore[import-untyped]

from app.geo.box_circle import Box
from app.geo.encode import pack
from app.geo.polygon_geojson import read_geojson
from app.geo.repair import make_valid

FILE = Path(__file__).parents[1] / "app" / "gazetteer" / "data" / "coverage.zip"
ZONES = Path("/usr/share/zoneinfo/zone1970.tab")
DATE = (1980, 1, 1, 0, 0, 0)
# Degrees of latitude: the tolerance of England's border line between settlements, the reach of land around them, and of
# the sea.
TOLERANCE, ON_LAND, AT_SEA = 0.0015, 0.15, 0.5
MIDDLE_LAT = 53.0
SEAWARD_NEIGHBOURS = ("GB-SCT", "GB-WLS", "GB-NIR", "IE", "IM", "FR", "BE", "NL", "JE", "GG")
# Reserved codes of parts, with the country whose code ISO 3166-1 has; codes of unions of countries.
PART_OF = {"FX": "FR", "CP": "FR", "IC": "ES", "EA": "ES", "CQ": "GG", "AC": "SH", "TA": "SH", "DG": "IO"}
UNIONS = ("EU", "UN")
Outlines = dict[str, Any]


def build(borders: Path, settlements: Path) -> Outlines:
    """Build the outlines by code, as shapely geometries."""
    outlines = read_countries(borders)
    outlines["GB-ENG"] = england(settlements, shapely.union_all([outlines[code] for code in SEAWARD_NEIGHBOURS]))
    return outlines


def read_countries(borders: Path) -> Outlines:
    """Read each country with all its parts without a code of their own; parts of the United Kingdom separately."""
    features = json.loads(borders.read_text(encoding="utf-8"))["features"]
    codes = {code for feature in features if (code := feature["properties"].get("iso1A2")) and code not in UNIONS}
    parts = defaultdict(list)
    for feature in features:
        if feature["geometry"] is None:
            continue
        properties = feature["properties"]
        group = next((group for group in properties.get("groups", []) if group in codes), properties.get("country"))
        code = properties.get("iso1A2", group)
        drawn = shapely.make_valid(read_shape(feature["geometry"]))
        for one in {
            PART_OF.get(code, code),
            *(name for name in properties.get("aliases", []) if name.startswith("GB-")),
        } - {None}:
            parts[one].append(drawn)
    return {code: shapely.union_all(shapes) for code, shapes in parts.items()}


def england(settlements: Path, others: Any) -> Any:
    """Return the land nearer to a settlement of England than to any other, and the sea that is not a neighbour's."""
    narrowing = cos(radians(MIDDLE_LAT))
    with settlements.open(encoding="utf-8", newline="") as file:
        countries = {(float(row["lon"]), float(row["lat"])): row["country"] for row in csv.DictReader(file)}
    places = list(countries)
    points = shapely.points([(lon * narrowing, lat) for lon, lat in places])
    cells = shapely.voronoi_polygons(shapely.multipoints(points)).geoms
    cell_of = zip(*shapely.STRtree(cells).query(points, predicate="within"), strict=True)
    own = shapely.union_all([cells[cell] for place, cell in cell_of if countries[places[place]] == "England"])
    english = points[[countries[place] == "England" for place in places]]
    land, sea = (
        shapely.union_all(shapely.buffer(english, reach, quad_segs=4)).intersection(own) for reach in (ON_LAND, AT_SEA)
    )
    drawn = land.union(sea.difference(_scaled(others, narrowing))).simplify(TOLERANCE)
    return _scaled(drawn, 1 / narrowing)


def _scaled(drawn: Any, factor: float) -> Any:
    return shapely.transform(drawn, lambda places: np.column_stack([places[:, 0] * factor, places[:, 1]]))


def write(outlines: Outlines, zones: Mapping[str, Any], file: Path) -> None:
    """Write the archive: a packed outline for each code, and the index."""
    index = {}
    file.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        for code, drawn in sorted(outlines.items()):
            shape = make_valid(read_geojson(json.loads(shapely.to_geojson(shapely.set_precision(drawn, 1e-4)))))
            index[code] = {
                "boxes": [_rounded(box) for box in shape.boxes],
                "zones": zones.get(code.partition("-")[0], []),
            }
            archive.writestr(zipfile.ZipInfo(code, DATE), pack(shape))  # packed already
        index_json = json.dumps(index, separators=(",", ":")).encode()
        archive.writestr(zipfile.ZipInfo("index.json", DATE), index_json, zipfile.ZIP_DEFLATED, 9)


def _rounded(box: Box) -> list[float]:
    return [round(edge, 4) for edge in box]


def read_zones(file: Path) -> dict[str, list[tuple[str, float, float, float]]]:
    """Read the time zones of each country, with the place that each is named after."""
    zones = defaultdict(list)
    for codes, place, name in _rows(file):
        for code in codes.split(","):
            zones[code].append((name, *place, _standard_hours(name)))
    return zones


def _standard_hours(zone: str) -> float:
    """Return a zone's UTC offset in hours, without summer time."""
    offsets = [datetime(2026, month, 1, tzinfo=ZoneInfo(zone)).utcoffset() for month in (1, 7)]
    return min(offset.total_seconds() for offset in offsets if offset is not None) / 3600


def _rows(file: Path) -> Iterator[tuple[str, tuple[float, float], str]]:
    for line in file.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            codes, place, name, *_ = line.split("\t")
            end = max(place.rfind("+"), place.rfind("-"))
            yield codes, (_degrees(place[:end], 2), _degrees(place[end:], 3)), name


def _degrees(text: str, digits: int) -> float:
    """Convert `+DDMM` or `+DDDMMSS` to degrees."""
    whole, minutes, seconds = text[1 : digits + 1], text[digits + 1 : digits + 3], text[digits + 3 :] or "0"
    value = int(whole) + int(minutes) / 60 + int(seconds) / 3600
    return round(-value if text[0] == "-" else value, 2)


def main() -> None:
    """Build and write the outlines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--borders", type=Path, required=True)
    parser.add_argument("--settlements", type=Path, required=True)
    parser.add_argument("--zones", type=Path, default=ZONES)
    asked = parser.parse_args()
    write(build(asked.borders, asked.settlements), read_zones(asked.zones), FILE)
    print(f"{FILE}: {FILE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
