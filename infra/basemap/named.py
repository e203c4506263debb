"""Count named streets and waters of a map file around fixed places: `python -m infra.basemap.named FILE TOWN`.

What is in view at zoom 16 on a phone. tests/pages/street_pictures.py takes the pictures of the same places.
"""

import sys
from collections.abc import Iterator, Sequence
from math import cos, radians
from pathlib import Path

from app.geo import pmtiles
from app.geo.tiles import Tile, tile_at
from app.geo.vector_tile import LINE, POINT, features

Place = tuple[float, float]  # latitude and longitude
# Twenty of each, chosen once: settlements of the file, and of Krems also the town's quarters, in a grid.
PLACES: dict[str, tuple[Place, ...]] = {
    "bath": (
        (51.3828, -2.3593), (51.3790, -2.3523), (51.3905, -2.3606), (51.3757, -2.3767), (51.3892, -2.4022),
        (51.3812, -2.3993), (51.3959, -2.3913), (51.3979, -2.3485), (51.3826, -2.3481), (51.3588, -2.3497),
        (51.4052, -2.3168), (51.3935, -2.3210), (51.4163, -2.4987), (51.4042, -2.4567), (51.3658, -2.6108),
        (51.3711, -2.5489), (51.3075, -2.5025), (51.2856, -2.4829), (51.2920, -2.4481), (51.3394, -2.3054),
    ),
    "krems": (
        (48.4108, 15.6004), (48.4116, 15.6235), (48.4111, 15.6636), (48.4042, 15.6011), (48.4080, 15.6050),
        (48.4100, 15.6100), (48.4080, 15.6150), (48.4110, 15.6180), (48.4060, 15.6200), (48.4090, 15.6300),
        (48.4040, 15.6300), (48.4110, 15.6350), (48.4070, 15.6400), (48.4030, 15.6450), (48.4100, 15.6500),
        (48.4050, 15.6550), (48.3950, 15.6100), (48.3930, 15.6250), (48.3900, 15.6400), (48.3990, 15.6050),
    ),
    "liechtenstein": (
        (47.1393, 9.5228), (47.1663, 9.5103), (47.0667, 9.5000), (47.1070, 9.5275), (47.1186, 9.5434),
        (47.2108, 9.5205), (47.2122, 9.5062), (47.2191, 9.5102), (47.2398, 9.5263), (47.2312, 9.5458),
        (47.1974, 9.5431), (47.1859, 9.5452), (47.1785, 9.5450), (47.1276, 9.5387), (47.2165, 9.5700),
        (47.1118, 9.5766), (47.1028, 9.6084), (47.0873, 9.5201), (47.1576, 9.5121), (47.2228, 9.5625),
    ),
}  # fmt: skip
ZOOM = 16
WIDTH, HEIGHT = 360, 330  # pixels of a phone's map
_DETAIL = 14
_TILE_PX = 256
_M_PER_PIXEL = 156_543.03
_M_PER_DEGREE = 111_195.0
_MOST_BYTES = 10_000_000


def names_in_view(content: bytes, place: Place) -> list[str]:
    """List the names of streets, watercourses and waters with a corner in the view of a place."""
    lat, lon = place
    half_m = _M_PER_PIXEL * cos(radians(lat)) / 2**ZOOM / 2
    north, east = half_m * HEIGHT / _M_PER_DEGREE, half_m * WIDTH / _M_PER_DEGREE / cos(radians(lat))
    first = tile_at(lat=lat + north, lon=lon - east, z=_DETAIL)
    last = tile_at(lat=lat - north, lon=lon + east, z=_DETAIL)
    names: set[str] = set()
    for tile in (Tile(_DETAIL, x, y) for x in range(first.x, last.x + 1) for y in range(first.y, last.y + 1)):
        names |= {
            name
            for name, corners in _named(content, tile)
            if any(abs(at[0] - lat) <= north and abs(at[1] - lon) <= east for at in corners)
        }
    return sorted(names)


def _named(content: bytes, tile: Tile) -> Iterator[tuple[str, list[Place]]]:
    """Yield the names of a tile with the corners of what they name. Between two corners a line is straight."""
    west, south, east, north = tile.bounds()
    for feature in features(_tile(content, tile), _is_wanted):
        if feature.name:
            steps = [
                (x, y)
                for line in feature.lines
                for (from_x, from_y), (to_x, to_y) in zip(line, [*line[1:], line[-1]], strict=True)
                for step in range(8)
                for x, y in [(from_x + (to_x - from_x) * step / 8, from_y + (to_y - from_y) * step / 8)]
            ]
            extent = feature.extent
            yield (
                feature.name,
                [(north - (north - south) * y / extent, west + (east - west) * x / extent) for x, y in steps],
            )


def _is_wanted(layer: str, kind: str, shape: int) -> bool:
    return layer in ("roads", "water") and shape == LINE or layer == "places" and shape == POINT and kind == "water"


def _tile(content: bytes, tile: Tile) -> bytes:
    """Return an unpacked tile; empty if the file has none there."""
    header = pmtiles.read_header(content)
    entries = pmtiles.read_directory(content[header.root_at :][: header.root_bytes], header.directories_packed)
    while entry := pmtiles.find(entries, pmtiles.number_of(tile)):
        if entry.run:
            packed = content[header.tiles_at + entry.at :][: entry.length]
            return pmtiles.unpacked(packed, header.tiles_packed, _MOST_BYTES)
        leaf = content[header.leaves_at + entry.at :][: entry.length]
        entries = pmtiles.read_directory(leaf, header.directories_packed)
    return b""


def main(arguments: Sequence[str]) -> int:
    if len(arguments) != 2 or arguments[1] not in PLACES:
        print(f"Name a map file and one of {', '.join(PLACES)}.", file=sys.stderr)
        return 2
    content = Path(arguments[0]).read_bytes()
    found = [names_in_view(content, place) for place in PLACES[arguments[1]]]
    for (lat, lon), names in zip(PLACES[arguments[1]], found, strict=True):
        print(f"{lat:.4f} {lon:.4f} {len(names):>3}  {', '.join(names[:4])}")
    print(f"{sum(map(bool, found))} of {len(found)} places have a named street or water in view.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
