"""Read lines, areas and points of a vector tile. Pure.

https://github.com/mapbox/vector-tile-spec/tree/master/2.1, in the encoding of Protocol Buffers.
"""

import struct
from collections.abc import Callable, Iterator
from typing import NamedTuple

from app.geo.pmtiles import Unreadable, read_number

POINT, LINE, AREA = 1, 2, 3
USUAL_EXTENT = 4096
_TEXT = 1  # the field of a value that is text
_VARINT, _EIGHT_BYTES, _LENGTH, _FOUR_BYTES = 0, 1, 2, 5
_MOVE, _DRAW, _CLOSE = 1, 2, 7
Line = list[tuple[int, int]]


class Feature(NamedTuple):
    """One object: `kind` and `name` as the tile says, `shape` a POINT, LINE or AREA, `lines` in the tile's units."""

    layer: str
    kind: str
    name: str
    shape: int
    extent: int
    lines: list[Line]


class Layer(NamedTuple):
    """A layer of a tile, with its objects still packed."""

    name: str
    extent: int
    keys: list[str]
    values: list[str]
    packed_features: list[bytes]


def features(content: bytes, is_wanted: Callable[[str, str, int], bool]) -> Iterator[Feature]:
    """Yield the objects whose layer, kind and shape are wanted; others are not unpacked. Raises Unreadable."""
    try:
        for number, value in _fields(content):
            if number == 3 and isinstance(value, bytes):
                yield from _of_layer(_layer(value), is_wanted)
    except (IndexError, TypeError, struct.error) as error:
        raise Unreadable("no vector tile, or a cut one") from error


def _fields(content: bytes) -> Iterator[tuple[int, int | bytes]]:
    at, end = 0, len(content)
    while at < end:
        tag, at = read_number(content, at)
        form = tag & 7
        if form == _VARINT:
            value, at = read_number(content, at)
            yield tag >> 3, value
            continue
        if form == _LENGTH:
            length, at = read_number(content, at)
        elif form in (_EIGHT_BYTES, _FOUR_BYTES):
            length = 8 if form == _EIGHT_BYTES else 4
        else:
            raise Unreadable("a field of no known form")
        if at + length > end:
            raise Unreadable("a field is cut")
        yield tag >> 3, content[at : at + length]
        at += length


def _layer(content: bytes) -> Layer:
    layer = Layer("", USUAL_EXTENT, [], [], [])
    for number, value in _fields(content):
        if number == 1:
            layer = layer._replace(name=_text(value))
        elif number == 2 and isinstance(value, bytes):
            layer.packed_features.append(value)
        elif number == 3:
            layer.keys.append(_text(value))
        elif number == 4 and isinstance(value, bytes):
            layer.values.append(_words(value))
        elif number == 5 and isinstance(value, int) and value > 0:
            layer = layer._replace(extent=value)
    return layer


def _text(value: int | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""


def _words(content: bytes) -> str:
    """Return a value that is text; "" for numbers, which nothing here needs."""
    return next((_text(value) for number, value in _fields(content) if number == _TEXT), "")


def _of_layer(layer: Layer, is_wanted: Callable[[str, str, int], bool]) -> Iterator[Feature]:
    for packed in layer.packed_features:
        tags, shape, geometry = b"", 0, b""
        for number, value in _fields(packed):
            if number == 2 and isinstance(value, bytes):
                tags = value
            elif number == 3 and isinstance(value, int):
                shape = value
            elif number == 4 and isinstance(value, bytes):
                geometry = value
        said = _said(layer, tags)
        kind = said.get("kind", "")
        if is_wanted(layer.name, kind, shape):
            lines = _lines(_numbers(geometry), shape)
            yield Feature(layer.name, kind, said.get("name", ""), shape, layer.extent, lines)


def _said(layer: Layer, packed: bytes) -> dict[str, str]:
    numbers = _numbers(packed)
    pairs = zip(numbers[::2], numbers[1::2], strict=False)
    return {layer.keys[key]: layer.values[value] for key, value in pairs}


def _numbers(content: bytes) -> list[int]:
    numbers, at, end = [], 0, len(content)
    while at < end:
        value, at = read_number(content, at)
        numbers.append(value)
    return numbers


def _lines(numbers: list[int], shape: int) -> list[Line]:
    """Follow the commands of a geometry: each move begins a line, or is a point."""
    lines: list[Line] = []
    line: Line = []
    x = y = at = 0
    while at < len(numbers):
        command, count = numbers[at] & 7, numbers[at] >> 3
        at += 1
        if command == _CLOSE:
            continue
        if command not in (_MOVE, _DRAW):
            raise Unreadable("a command of no known kind")
        for _ in range(count):
            x += numbers[at] >> 1 ^ -(numbers[at] & 1)
            y += numbers[at + 1] >> 1 ^ -(numbers[at + 1] & 1)
            at += 2
            if command == _MOVE and (not lines or shape != POINT):
                line = []
                lines.append(line)
            line.append((x, y))
    return lines
