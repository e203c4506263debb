"""Read Code-Point Open: the postcodes of Great Britain by sector, and data of sectors and districts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import hypot
from pathlib import Path

from app.gazetteer import blocks
from app.gazetteer.blocks import PostcodeUnit
from app.gazetteer.national_grid import to_degrees
from app.gazetteer.place import SETTLEMENTS
from app.geo.coordinates import distance_km
from infra.gazetteer.rows import Row, read_lines

NO_POSITION = "90"
# Postcodes in one square of this side share the label of its middle.
_SQUARE_M = 500
_MOST_LABELS = 255
# A postcode is named after a settlement, not after a county, whose middle may be far away.
_NAMES_A_POSTCODE = SETTLEMENTS - {"locality"}


class Nearest:
    """Index of settlements for labels: the nearest settlement's name and what contains it."""

    def __init__(self, settlements: Iterable[Row]) -> None:
        self.squares: dict[tuple[int, int], list[Row]] = defaultdict(list)
        self.known: dict[tuple[int, int], tuple[str, ...]] = {}
        for row in settlements:
            if row.kind in _NAMES_A_POSTCODE:
                self.squares[int(row.lat * 20), int(row.lon * 12)].append(row)

    def label(self, east: int, north: int) -> tuple[str, ...]:
        """Return a label such as `("Moorland", "Somerset", "England")`."""
        square = east // _SQUARE_M, north // _SQUARE_M
        if square not in self.known:
            middle = to_degrees((square[0] + 0.5) * _SQUARE_M, (square[1] + 0.5) * _SQUARE_M)
            self.known[square] = self._find(*middle)
        return self.known[square]

    def _find(self, lat: float, lon: float) -> tuple[str, ...]:
        y, x = int(lat * 20), int(lon * 12)
        near = [row for dy in (-1, 0, 1) for dx in (-1, 0, 1) for row in self.squares.get((y + dy, x + dx), ())]
        row = min(near, key=lambda one: distance_km(lat=lat, lon=lon, to_lat=one.lat, to_lon=one.lon), default=None)
        return (row.name, *(part for part in row.within if part != row.name)) if row else ()


def read_units(source: Path) -> Iterator[tuple[str, dict[str, list[tuple[str, int, int]]]]]:
    """Read each file, which is a postcode area: its sectors, with letters and grid metres of each postcode."""
    files = sorted(file for file in source.rglob("*.csv*") if file.name.endswith((".csv", ".csv.gz")))
    for file in files:
        sectors: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
        for code, quality, east, north, *_ in read_lines(file):
            if quality == NO_POSITION or not quality.isdigit():  # a header has words there
                continue
            joined = code.replace(" ", "")
            sectors[joined[:-2]].append((joined[-2:], int(east), int(north)))
        if sectors:
            yield file.name.partition(".")[0].upper(), sectors


def pack(source: Path, nearest: Nearest) -> Iterator[tuple[str, bytes]]:
    """Build the blocks of all postcodes: one for each sector, and one for each area."""
    for area, sectors in read_units(source):
        rows = []
        for sector, units in sorted(sectors.items()):
            yield blocks.sector_key(sector), _pack_sector(sorted(units), nearest)
            rows.append([sector, *_extent(units, nearest)])
        yield blocks.area_key(area), blocks.pack_rows(rows)


def _pack_sector(units: list[tuple[str, int, int]], nearest: Nearest) -> bytes:
    labels: dict[tuple[str, ...], int] = {}
    packed = []
    for letters, east, north in units:
        label = labels.setdefault(nearest.label(east, north), min(len(labels), _MOST_LABELS))
        packed.append(PostcodeUnit(letters, east, north, label))
    return blocks.pack_units(packed, list(labels)[: _MOST_LABELS + 1])


def _extent(units: list[tuple[str, int, int]], nearest: Nearest) -> tuple[int, int, int, tuple[str, ...], int]:
    """Return its most central postcode, its radius in metres from there, a label, and the number of postcodes."""
    mean_east, mean_north = (
        sum(metres) / len(units) for metres in zip(*((unit[1], unit[2]) for unit in units), strict=True)
    )
    _, east, north = min(units, key=lambda one: hypot(one[1] - mean_east, one[2] - mean_north))
    reach = max(hypot(unit[1] - east, unit[2] - north) for unit in units)
    return east, north, round(reach), nearest.label(east, north), len(units)
