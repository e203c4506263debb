"""Encode and decode the blocks of the gazetteer, and build their keys. Pure.

A block is at most 64 kB; most have 4 kB, which half a read unit brings. Keys, without the version before them:

| key | holds |
|---|---|
| `d` | the directory: the first name of each block of names |
| `n/<number>` | names in order, with their places |
| `s/<prefix>` | the largest places whose name begins so, where that is too many blocks |
| `f/<letter><number>` | names by first letter and half their length, to find a slip |
| `e/<three letters>` | names by their second to fourth letters, to find a slip in the first |
| `p/<sector>` | the postcodes of a sector |
| `o/<area>` | the sectors of a postcode area |
| `z/<three digits>` | ZIP codes |
| `t/<zoom>/<x>/<y>` | settlements in a map square |
| `h/<x>/<y>` | where homes stand close together in a map square (`homes.py`) |
"""

import json
import zlib
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from app.gazetteer.place import KINDS, SOURCES, Place, radius_km_of
from app.gazetteer.typed_text import folded
from app.geo.box_circle import Box
from app.geo.tiles import Tile

MOST_BYTES = 64_000
# Longer prefixes have no suggestions of their own.
LONGEST_PREFIX = 8
DIRECTORY = "d"
# Squares are finer where settlements are dense (the British Isles).
DENSE_ZOOM, WORLD_ZOOM = 10, 8
SETTLEMENT_AREA = Box(-11.0, 49.0, 2.2, 61.2)
# Positions are accurate enough for finding a place: 1/10,000 of a degree is 11 m.
_PER_DEGREE = 10_000
_PER_KM = 10
GRID_M = 10
_LETTERS = 26


class BlockEntry(NamedTuple):
    """A normalised name, and the place with that name."""

    key: str
    place: Place


def names_key(number: int) -> str:
    return f"n/{number}"


def suggestions_key(prefix: str) -> str:
    return f"s/{prefix}"


def slips_key(name: str, *, length: int) -> str:
    return f"f/{name[:1]}{length // 2}"


def inner_key(letters: str) -> str:
    """Return the key of the block of names with these second to fourth letters."""
    return f"e/{letters}"


def zip_key(code: str) -> str:
    return f"z/{code[:3]}"


def sector_key(sector: str) -> str:
    return f"p/{sector}"


def area_key(code: str) -> str:
    """Return the key of the postcode area of a postcode, sector or district."""
    return f"o/{code[:2] if code[1:2].isalpha() else code[:1]}"


def tile_key(tile: Tile) -> str:
    return f"t/{tile.key}"


def pack_entries(entries: Sequence[BlockEntry]) -> bytes:
    """Compress names and places as columns."""
    withins = sorted({entry.place.within for entry in entries})
    number_of = {within: number for number, within in enumerate(withins)}
    places = [entry.place for entry in entries]
    columns = [
        ["" if entry.key == folded(entry.place.name) else entry.key for entry in entries],
        [place.name for place in places],
        [KINDS.index(place.kind) for place in places],
        [number_of[place.within] for place in places],
        [round(place.lat * _PER_DEGREE) for place in places],
        [round(place.lon * _PER_DEGREE) for place in places],
        [place.size for place in places],
        [SOURCES.index(place.source) for place in places],
        [0 if place.radius_km == radius_km_of(place.size) else round(place.radius_km * _PER_KM) for place in places],
        [[round(edge * 1000) for edge in place.box] if place.box else 0 for place in places],
    ]
    return _packed([withins, columns])


def read_entries(body: bytes) -> list[BlockEntry]:
    """Read the rows of a block of names, suggestions or a map square. Columns of a later format are ignored."""
    withins, columns, *_ = _read(body)
    within_of = [tuple(within) for within in withins]
    entries = []
    for key, name, kind, within, lat, lon, size, source, radius, box, *_ in zip(*columns, strict=False):
        place = Place(
            name,
            KINDS[kind] if kind < len(KINDS) else "locality",
            within_of[within],
            lat / _PER_DEGREE,
            lon / _PER_DEGREE,
            radius / _PER_KM if radius else radius_km_of(size),
            Box(*(edge / 1000 for edge in box)) if box else None,
            SOURCES[source] if source < len(SOURCES) else "",
            size,
        )
        entries.append(BlockEntry(key or folded(name), place))
    return entries


def pack_words(words: Iterable[str]) -> bytes:
    return zlib.compress("\n".join(words).encode(), 9)


def read_words(body: bytes) -> list[str]:
    return zlib.decompress(body).decode().split("\n")


def pack_rows(rows: Any) -> bytes:
    """Compress plain lists: sectors of an area, or ZIP codes."""
    return _packed(rows)


def read_rows(body: bytes) -> Any:
    return _read(body)


def _packed(value: Any) -> bytes:
    return zlib.compress(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def _read(body: bytes) -> Any:
    return json.loads(zlib.decompress(body))


class PostcodeUnit(NamedTuple):
    """A unit postcode: its last two letters, its position in grid metres, and the index of its label in the sector."""

    letters: str
    east: int
    north: int
    label: int


def pack_units(units: Sequence[PostcodeUnit], labels: Sequence[Sequence[str]]) -> bytes:
    """Compress the postcodes of a sector in order of their letters: columns of differences."""
    numbers = [[_number(unit.letters), unit.east // GRID_M, unit.north // GRID_M] for unit in units]
    before = [[0, 0, 0], *numbers]
    steps = [
        array("i", (now[column] - then[column] for now, then in zip(numbers, before, strict=False)))
        for column in range(3)
    ]
    planes = b"".join(_plane(column, byte) for column in steps for byte in range(4))
    return zlib.compress(
        json.dumps([len(units), labels]).encode() + b"\n" + planes + bytes(unit.label for unit in units), 9
    )


def read_units(body: bytes) -> tuple[list[PostcodeUnit], list[tuple[str, ...]]]:
    """Read the postcodes of a sector, and the labels."""
    head, _, data = zlib.decompress(body).partition(b"\n")
    count, labels = json.loads(head)
    columns = []
    for column in range(3):
        planes = [data[(column * 4 + byte) * count : (column * 4 + byte + 1) * count] for byte in range(4)]
        columns.append([int.from_bytes(bytes(four), "little", signed=True) for four in zip(*planes, strict=True)])
    units, number, east, north = [], 0, 0, 0
    for index, (step, step_east, step_north) in enumerate(zip(*columns, strict=True)):
        number, east, north = number + step, east + step_east, north + step_north
        letters = chr(65 + number // _LETTERS) + chr(65 + number % _LETTERS)
        units.append(PostcodeUnit(letters, east * GRID_M, north * GRID_M, data[12 * count + index]))
    return units, [tuple(label) for label in labels]


def _number(letters: str) -> int:
    return (ord(letters[0]) - 65) * _LETTERS + ord(letters[1]) - 65


def _plane(column: "array[int]", byte: int) -> bytes:
    return bytes((value >> (8 * byte)) & 255 for value in column)
