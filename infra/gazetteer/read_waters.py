"""Read the Environment Agency's flood areas, and the rivers of areas and gauges."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from app.geo.box_circle import Box
from app.geo.coordinates import distance_km
from infra.gazetteer.rows import Row, box_around, read_csv

SOURCE = "environment_agency"
_AREA_SIZE, _RIVER_SIZE = 22, 34
_NO_RIVER = re.compile(r"coast|sea$|estuary|groundwater|catchment|various|\d", re.IGNORECASE)
_WATER = ("River ", "Afon ")
# Places on one river of one name form a chain with links no longer than this.
_LINK_KM = 35.0


def read_flood_areas(file: Path) -> Iterator[Row]:
    """Read each area with its box; `others` are the parts of a name that lists several places."""
    for row in read_csv(file):
        name = row["name"].strip()
        box = Box(*(float(row[edge]) for edge in ("min_lon", "min_lat", "max_lon", "max_lat")))
        lat, lon = float(row["inside_lat"] or row["lat"]), float(row["inside_lon"] or row["lon"])
        radius_km = max(
            distance_km(lat=lat, lon=lon, to_lat=y, to_lon=x)
            for x in (box.west, box.east)
            for y in (box.south, box.north)
        )
        within = (*dict.fromkeys(part.strip() for part in row["local_authority"].split(",")[:2]), "England")
        rounded = Box(*(round(edge, 3) for edge in box))
        yield Row(
            name,
            "flood_area",
            within,
            lat,
            lon,
            _AREA_SIZE,
            SOURCE,
            _parts(name),
            rounded,
            radius_km=max(0.5, round(radius_km, 1)),
        )


def _parts(name: str) -> frozenset[str]:
    """Return `Lower Test` for `River Lower Test`, and the text after `at` or `from`."""
    bare = next((name[len(water) :] for water in _WATER if name.startswith(water)), "")
    return frozenset(filter(None, {bare}))


def read_rivers(stations: Path, areas: Path) -> Iterator[Row]:
    """Build each river with the box around its gauges and areas; rivers of one name are separated by their place."""
    points: dict[str, list[tuple[float, float, str]]] = defaultdict(list)
    for row in read_csv(stations):
        if row["lat"] and row["river"] and not _NO_RIVER.search(row["river"]):
            points[row["river"].strip()].append((float(row["lat"]), float(row["lon"]), row["catchment"]))
    for row in read_csv(areas):
        for river in re.split(r",|;| and ", row["river_sea"]):
            if river.strip() and not _NO_RIVER.search(river):
                points[river.strip()].append(
                    (float(row["lat"]), float(row["lon"]), row["local_authority"].split(",")[0])
                )
    for river, places in points.items():
        for group in _chains(places):
            yield _river(river, group)


def _chains(places: Iterable[tuple[float, float, str]]) -> list[list[tuple[float, float, str]]]:
    chains: list[list[tuple[float, float, str]]] = []
    for one in places:
        near = [
            chain
            for chain in chains
            if any(distance_km(lat=one[0], lon=one[1], to_lat=other[0], to_lon=other[1]) <= _LINK_KM for other in chain)
        ]
        chains = [chain for chain in chains if chain not in near]
        chains.append([place for chain in near for place in chain] + [one])
    return chains


def _river(name: str, group: list[tuple[float, float, str]]) -> Row:
    box = box_around([(lat, lon) for lat, lon, _ in group])
    middle_lat, middle_lon = (box.south + box.north) / 2, (box.west + box.east) / 2
    lat, lon, where = min(
        group, key=lambda one: distance_km(lat=middle_lat, lon=middle_lon, to_lat=one[0], to_lon=one[1])
    )
    corner = (box.north, box.east) if lat <= middle_lat else (box.south, box.west)
    radius_km = max(3.0, round(distance_km(lat=lat, lon=lon, to_lat=corner[0], to_lon=corner[1]) + 1, 1))
    others = {name[len(water) :] for water in _WATER if name.startswith(water)}
    others |= {
        f"{water}{name}" for water in _WATER[:1] if not re.search(r"river|brook|beck|burn|stream|water", name, re.I)
    }
    within = tuple(filter(None, (where, "England")))
    rounded = Box(*(round(edge, 3) for edge in box))
    return Row(name, "river", within, lat, lon, _RIVER_SIZE, SOURCE, frozenset(others), rounded, radius_km=radius_km)
