"""The positions of tiles in a PMTiles file of version 3. Pure: bytes in, positions out.

https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md
"""

import struct
import zlib
from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from app.geo.tiles import Tile

SIGNATURE = b"PMTiles\x03"  # the first bytes of each file of version 3
HEADER_BYTES = 127
_NUMBERS = struct.Struct("<11Q")  # from byte 8 on
_NUMBERS_AT, _PACKING_AT = 8, 97
_PLAIN, _GZIP = 1, 2
_VECTOR = 1
_ANY_FORM = 47  # zlib's number for gzip and zlib
_MOST_DIRECTORY_BYTES = 1_000_000  # unpacked
_LONGEST_NUMBER = 70  # bits


class Unreadable(ValueError):
    """Error: bytes are not what the format says."""


class Header(NamedTuple):
    """Positions and lengths of a file's parts, and how they are packed."""

    root_at: int
    root_bytes: int
    leaves_at: int
    tiles_at: int
    directories_packed: int
    tiles_packed: int
    least_zoom: int
    most_zoom: int


class Entry(NamedTuple):
    """A run of tiles with one content, or, without a run, a leaf directory."""

    first: int
    run: int
    at: int
    length: int


def read_header(head: bytes) -> Header:
    """Read the first bytes of a file of vector tiles. Raises Unreadable."""
    if len(head) < HEADER_BYTES or not head.startswith(SIGNATURE):
        raise Unreadable("no PMTiles of version 3")
    root_at, root_bytes, _, _, leaves_at, _, tiles_at, *_ = _NUMBERS.unpack_from(head, _NUMBERS_AT)
    directories, tiles, kind, least, most = head[_PACKING_AT : _PACKING_AT + 5]
    if kind != _VECTOR or not {directories, tiles} <= {_PLAIN, _GZIP}:
        raise Unreadable("neither plain nor gzip, or no vector tiles")
    return Header(root_at, root_bytes, leaves_at, tiles_at, directories, tiles, least, min(most, 22))


def unpacked(content: bytes, packing: int, most: int) -> bytes:
    """Return content as it was before it was packed. Raises Unreadable, also for more than `most` bytes."""
    if packing == _PLAIN:
        return content[:most]
    try:
        unpacker = zlib.decompressobj(_ANY_FORM)
        plain = unpacker.decompress(content, most)
    except zlib.error as error:
        raise Unreadable("not packed as the file says") from error
    if not unpacker.eof:
        raise Unreadable("cut, or too large")
    return plain


def read_directory(content: bytes, packing: int) -> list[Entry]:
    """Read a directory. Raises Unreadable."""
    plain = unpacked(content, packing, _MOST_DIRECTORY_BYTES)
    try:
        number, at = read_number(plain, 0)
        if number > len(plain):
            raise Unreadable("a directory is cut")
        columns = []
        for _ in range(4):
            column = []
            for _ in range(number):
                value, at = read_number(plain, at)
                column.append(value)
            columns.append(column)
    except IndexError as error:
        raise Unreadable("a directory is cut") from error
    entries: list[Entry] = []
    first = 0
    for step, run, length, place in zip(*columns, strict=True):
        first += step
        position = place - 1 if place else entries[-1].at + entries[-1].length if entries else 0
        entries.append(Entry(first, run, position, length))
    return entries


def read_number(content: bytes, at: int) -> tuple[int, int]:
    """Read a variable-length number and return it with the position after it. Raises IndexError at the end."""
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > _LONGEST_NUMBER:
            raise Unreadable("a number is too long")


def find(entries: Sequence[Entry], number: int) -> Entry | None:
    """Return the entry with a tile of this number, or the leaf directory that may have it; else None."""
    position = bisect_right(entries, number, key=lambda entry: entry.first) - 1
    if position < 0:
        return None
    entry = entries[position]
    return entry if entry.run == 0 or number < entry.first + entry.run else None


def number_of(tile: Tile) -> int:
    """Return a tile's number: all coarser tiles come before it, and those of its zoom along Hilbert's curve."""
    number = ((1 << 2 * tile.z) - 1) // 3
    x, y = tile.x, tile.y
    side = 1 << tile.z >> 1
    while side:
        right, lower = x & side, y & side
        number += side * (3 * (right > 0) ^ (lower > 0)) * side
        if not lower:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        side >>= 1
    return number
