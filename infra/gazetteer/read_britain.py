"""Read Great Britain: OS Open Names' settlements, counties and districts made from them, and islands."""

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.gazetteer.national_grid import to_degrees
from app.gazetteer.place import size_of
from app.gazetteer.typed_text import folded
from app.geo.box_circle import Box
from app.geo.coordinates import distance_km
from infra.gazetteer import areas_of_britain as areas
from infra.gazetteer.rows import Row, box_around, read_csv, read_lines

# The official file's own columns; the download has no header (Doc/OS_Open_Names_Header.csv).
OFFICIAL = (
    "ID NAMES_URI NAME1 NAME1_LANG NAME2 NAME2_LANG TYPE LOCAL_TYPE GEOMETRY_X GEOMETRY_Y MOST_DETAIL_VIEW_RES "
    "LEAST_DETAIL_VIEW_RES MBR_XMIN MBR_YMIN MBR_XMAX MBR_YMAX POSTCODE_DISTRICT POSTCODE_DISTRICT_URI "
    "POPULATED_PLACE POPULATED_PLACE_URI POPULATED_PLACE_TYPE DISTRICT_BOROUGH DISTRICT_BOROUGH_URI "
    "DISTRICT_BOROUGH_TYPE COUNTY_UNITARY COUNTY_UNITARY_URI COUNTY_UNITARY_TYPE REGION REGION_URI COUNTRY COUNTRY_URI "
    "RELATED_SPATIAL_OBJECT SAME_AS_DBPEDIA SAME_AS_GEONAMES"
).split()
KINDS = {
    "City": ("city", 51), "Town": ("town", 40), "Village": ("village", 30), "Suburban Area": ("suburb", 32),
    "Hamlet": ("hamlet", 20), "Other Settlement": ("locality", 18),
}  # fmt: skip
# A GeoNames point this near with the same name is the same settlement.
SAME_KM = 6.0
_JOINS = ("upon", "on", "under", "in", "by", "super", "le", "next")


def read_settlements(source: Path, geonames: Iterable[dict[str, str]]) -> list[Row]:
    """Read the settlements, with inhabitants and further names of the same settlement in GeoNames."""
    known = defaultdict(list)
    for row in geonames:
        for name in (row["name"], *row["alternate_names"].split(",")):
            known[folded(name)].append(row)
    rows = (_settlement(row, known) for row in _rows(source))
    return list({(row.name, row.lat, row.lon): row for row in rows}.values())


def _rows(source: Path) -> Iterator[dict[str, str]]:
    files = sorted(source.rglob("*.csv")) if source.is_dir() else [source]
    for file in files:
        with file.open(encoding="utf-8-sig", newline="") as text:
            header = next(csv.reader(text), [])
        if "type" in header:
            yield from read_csv(file)
        elif "NAME1" in header:
            yield from _official(read_csv(file))
        else:
            yield from _official(dict(zip(OFFICIAL, line, strict=False)) for line in read_lines(file))


def _official(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    """Read the official columns under our names; settlements only."""
    for row in rows:
        if row.get("TYPE") != "populatedPlace":
            continue
        east, north = float(row.get("GEOMETRY_X") or row["X"]), float(row.get("GEOMETRY_Y") or row["Y"])
        lat, lon = to_degrees(east, north)
        yield {
            "name": row["NAME1"], "name_lang": row["NAME1_LANG"], "name2": row["NAME2"], "type": row["LOCAL_TYPE"],
            "name2_lang": row["NAME2_LANG"], "lat": str(lat), "lon": str(lon), "near": row["POPULATED_PLACE"],
            "district": row["DISTRICT_BOROUGH"], "county": row["COUNTY_UNITARY"], "country": row["COUNTRY"],
        }  # fmt: skip


def _settlement(given: dict[str, str], known: dict[str, list[dict[str, str]]]) -> Row:
    name, other = given["name"], given["name2"]
    if other and given["name2_lang"] == "eng" and given["name_lang"] != "eng":
        name, other = other, name
    lat, lon = float(given["lat"]), float(given["lon"])
    kind, size = KINDS.get(given["type"], ("locality", 18))
    same = next((row for row in known.get(folded(name), []) if _km(row, lat, lon) < SAME_KM), None)
    others = {other} if other else set()
    if same and kind != "hamlet":
        size = size_of(int(same["population"] or 0)) or size
        if kind in ("city", "town"):
            others |= {one for one in same["alternate_names"].split(",") if _is_part(one, name)}
    others |= set(filter(None, areas.SETTLEMENTS_OTHERWISE.get(name, "").split("|")))
    if kind in ("city", "town"):
        others |= _short_names(name)
    return Row(
        name,
        kind,
        _within(given, name),
        lat,
        lon,
        size,
        "os_open_names",
        frozenset(others - {name}),
        district=given["district"],
    )


def _short_names(name: str) -> set[str]:
    """Return short names such as `Stoke` for Stoke-on-Trent."""
    words = name.replace("-", " ").split()
    at = next((number for number, word in enumerate(words[1:], 1) if word.casefold() in _JOINS), 0)
    return {" ".join(words[:at])} if at else set()


def _within(given: dict[str, str], name: str) -> tuple[str, ...]:
    county, _ = areas.english(given["county"])
    district = given["district"]
    parts = [given["near"]] if given["near"] != name else []
    if county in ("", "Greater London"):
        parts.append(district)
    if county:
        parts.append(county)
    parts += [areas.COUNTY_OF.get(district, ""), areas.COUNTY_OF.get(county, ""), given["country"]]
    return tuple(dict.fromkeys(part for part in parts if part and part != name))


def _is_part(other: str, name: str) -> bool:
    """Accept a GeoNames name only if it is part of the official one (`Hull`): its language is unknown."""
    words = folded(other).split()
    return bool(words) and len(words[0]) > 3 and set(words) < set(folded(name).split())


def _km(row: dict[str, str], lat: float, lon: float) -> float:
    return distance_km(lat=lat, lon=lon, to_lat=float(row["lat"]), to_lon=float(row["lon"]))


def areas_of(settlements: Iterable[Row], districts: Iterable[dict[str, str]]) -> list[Row]:
    """Build counties, districts, countries and islands, each with the box around its settlements."""
    points = defaultdict(list)
    within_of: dict[str, tuple[str, ...]] = {}
    for row in settlements:
        for area in dict.fromkeys((*row.within[-4:], row.district)):
            points[area].append((row.lat, row.lon))
            within_of[area] = row.within[-2:] if area == row.district else row.within[-1:]
    towns = {row.name for row in settlements if row.kind in ("city", "town")}
    for union, members in areas.UNIONS.items():
        points[union] = [point for member in members.split("|") for point in points[member]]
        within_of[union] = ("England",)
    welsh = _other_names(districts)
    found = []
    for area, inside in points.items():
        if len(inside) < 3 or not area or area in towns:
            continue
        within = tuple(part for part in within_of[area] if part != area)
        others = set(filter(None, areas.ALSO.get(area, "").split("|"))) | welsh.get(area, set())
        kind = "island" if area in areas.ISLAND_DISTRICTS else ("country", "county", "district")[min(len(within), 2)]
        found.append(_area(area, kind, within, box_around(inside), frozenset(others)))
    return found + list(_by_hand())


def _other_names(districts: Iterable[dict[str, str]]) -> dict[str, set[str]]:
    """Return Welsh names of districts."""
    names = defaultdict(set)
    for row in districts:
        if row["name_cy"]:
            names[row["name"]].add(row["name_cy"])
    return names


def _by_hand() -> Iterator[Row]:
    drawn = [(name, "island", box) for name, box in areas.ISLANDS.items()]
    drawn += [(name, "region", box) for name, box in areas.LANDSCAPES.items()]
    for name, kind, (west, south, east, north, within) in drawn:
        others = frozenset(filter(None, areas.OTHERWISE.get(name, "").split("|")))
        parts = tuple(filter(None, within.split(", ")))
        yield _area(name, kind, parts, Box(west, south, east, north), others, source="floodmanager")


def _area(
    name: str, kind: str, within: tuple[str, ...], box: Box, others: frozenset[str], *, source: str = "os_open_names"
) -> Row:
    lat, lon = (box.south + box.north) / 2, (box.west + box.east) / 2
    radius_km = distance_km(lat=lat, lon=lon, to_lat=box.north, to_lon=box.east)
    box = Box(*(round(edge, 3) for edge in box))
    return Row(name, kind, within, lat, lon, 54, source, others, box, radius_km=max(1.0, round(radius_km, 1)))
