"""Write a PMTiles file of few vector tiles: what the format allows, and what it forbids."""

import gzip
import struct
from collections.abc import Sequence
from typing import NamedTuple

from app.geo import pmtiles
from app.geo.tiles import Tile

Points = Sequence[tuple[int, int]]


class Thing(NamedTuple):
    """An object of a tile: `shape` 1 for a point, 2 for a line, 3 for an area; points in 4096ths of the tile."""

    layer: str
    kind: str
    shape: int
    points: Points
    name: str = ""


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def zigzag(value: int) -> int:
    return value << 1 if value >= 0 else (-value << 1) - 1


def geometry(shape: int, points: Points) -> bytes:
    numbers, before = [], (0, 0)
    for at, (x, y) in enumerate(points):
        if at == 0:
            numbers.append(1 | 1 << 3)
        elif at == 1:
            numbers.append(2 | len(points) - 1 << 3)
        numbers += [zigzag(x - before[0]), zigzag(y - before[1])]
        before = (x, y)
    return b"".join(map(varint, [*numbers, *([7 | 1 << 3] if shape == 3 else [])]))


def tile_of(things: Sequence[Thing]) -> bytes:
    """One vector tile; each object is a layer of its own, which the format allows."""
    layers = []
    for thing in things:
        said = {"kind": thing.kind} | ({"name": thing.name} if thing.name else {})
        tags = b"".join(varint(number) * 2 for number in range(len(said)))
        feature = field(2, tags) + field(3, thing.shape) + field(4, geometry(thing.shape, thing.points))
        words = b"".join(field(3, key.encode()) for key in said)
        words += b"".join(field(4, field(1, value.encode())) for value in said.values())
        layers.append(field(3, field(15, 2) + field(1, thing.layer.encode()) + field(2, feature) + words))
    return b"".join(layers)


def directory(entries: Sequence[tuple[int, int, int, int]]) -> bytes:
    """Entries of number, run, position and length, as the format writes them."""
    numbers = [entry[0] for entry in entries]
    steps = [number - before for number, before in zip(numbers, [0, *numbers], strict=False)]
    columns = [steps, *([entry[column] for entry in entries] for column in (1, 3)), [entry[2] + 1 for entry in entries]]
    return gzip.compress(b"".join(map(varint, [len(entries), *(value for column in columns for value in column)])))


def file_of(tiles: dict[Tile, bytes], *, zooms: tuple[int, int] = (0, 14), has_leaves: bool = False) -> bytes:
    """A whole file; with leaves the root directory names one other directory, which has the tiles."""
    entries, packed = [], b""
    for tile in sorted(tiles, key=pmtiles.number_of):
        content = gzip.compress(tiles[tile])
        entries.append((pmtiles.number_of(tile), 1, len(packed), len(content)))
        packed += content
    leaf = directory(entries) if has_leaves else b""
    root = directory([(0, 0, 0, len(leaf))]) if has_leaves else directory(entries)
    leaves_at = pmtiles.HEADER_BYTES + len(root)
    tiles_at = leaves_at + len(leaf)
    places = (pmtiles.HEADER_BYTES, len(root), leaves_at, 0, leaves_at, len(leaf), tiles_at, len(packed), 0, 0, 0)
    head = pmtiles.SIGNATURE + struct.pack("<11Q", *places) + bytes([1, 2, 2, 1, *zooms])
    return head.ljust(pmtiles.HEADER_BYTES, b"\0") + root + leaf + packed
