"""Row: a place before packing, with all its names."""

import csv
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.gazetteer.place import Place, radius_km_of
from app.geo.box_circle import Box


class Row(NamedTuple):
    """`others` are further names; `is_home`: in the British Isles, where names go down to the hamlet.
    `district`: the council's, where `within` names the county instead."""

    name: str
    kind: str
    within: tuple[str, ...]
    lat: float
    lon: float
    size: int
    source: str
    others: frozenset[str] = frozenset()
    box: Box | None = None
    is_home: bool = True
    radius_km: float = 0.0
    district: str = ""

    def place(self) -> Place:
        """Return the place to be packed."""
        radius_km = self.radius_km or radius_km_of(self.size)
        lat, lon = round(self.lat, 4), round(self.lon, 4)
        return Place(self.name, self.kind, self.within, lat, lon, radius_km, self.box, self.source, self.size)


def read_csv(file: Path) -> Iterator[dict[str, str]]:
    """Read the rows of a CSV file with a header, compressed by gzip or not."""
    with _open(file) as text:
        yield from csv.DictReader(text)


def read_lines(file: Path) -> Iterator[list[str]]:
    """Read the rows of a CSV file without a header."""
    with _open(file) as text:
        yield from csv.reader(text)


def _open(file: Path):  # type: ignore[no-untyped-def]  # gzip and open give two types of one kind
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def box_around(points: list[tuple[float, float]]) -> Box:
    """Return the box around (lat, lon) pairs."""
    lats, lons = zip(*points, strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))
