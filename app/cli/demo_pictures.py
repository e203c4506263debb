"""Pictures for the demo's photos, drawn here: a terrace of houses at dusk, in water. None is anyone else's.

Each is drawn row by row and written as PNG, which needs the standard library only.
"""

import math
import random
import struct
import zlib
from typing import NamedTuple

WIDTH, HEIGHT = 1200, 800
SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB = 2  # the colour type of PNG
Colour = tuple[int, int, int]
_SKY: tuple[Colour, Colour] = (62, 74, 102), (196, 170, 150)
_STONE: tuple[Colour, ...] = (190, 168, 128), (178, 154, 114), (201, 180, 142), (168, 146, 110)
_ROOF, _GLASS, _LAMP, _POST, _SIGN = (74, 70, 76), (46, 52, 66), (246, 214, 138), (60, 62, 66), (196, 44, 44)
_WATER = (70, 76, 78)


class DemoPicture(NamedTuple):
    """One picture. `depth` is the share of the houses that is under water, in 0-1."""

    seed: int
    depth: float


def draw(picture: DemoPicture) -> bytes:
    """Return the picture as PNG, the same bytes each time."""
    chance = random.Random(picture.seed)  # nosec: a picture, no secret
    rows = [bytearray(_sky(y)) for y in range(HEIGHT)]
    street = HEIGHT * 3 // 4
    x = -chance.randrange(60)
    while x < WIDTH:
        width = chance.randrange(150, 230)
        _house(rows, chance, (x, x + width), (street - chance.randrange(330, 420), street))
        x += width
    _sign(rows, chance.randrange(WIDTH // 4, WIDTH * 3 // 4), street)
    _flood(rows, chance, street - int(picture.depth * 300))
    return _png(rows)


def _sky(y: int) -> bytes:
    share = y / HEIGHT
    return bytes(round(a + (b - a) * share) for a, b in zip(*_SKY, strict=True)) * WIDTH


def _fill(rows: list[bytearray], across: tuple[int, int], down: tuple[int, int], colour: Colour) -> None:
    left, right = (min(max(x, 0), WIDTH) for x in across)
    for row in rows[max(down[0], 0) : down[1]]:
        row[left * 3 : right * 3] = bytes(colour) * (right - left)


def _house(rows: list[bytearray], chance: random.Random, across: tuple[int, int], down: tuple[int, int]) -> None:
    """Draw one house: its wall, its roof and chimney, windows of which some are lit, and its door."""
    (left, right), (top, bottom) = across, down
    _fill(rows, across, down, chance.choice(_STONE))
    for step in range(60):
        _fill(rows, (left + step // 2, right - step // 2), (top - step - 1, top - step), _ROOF)
    _fill(rows, (left + 40, left + 66), (top - 96, top - 40), chance.choice(_STONE))
    for floor in range(3):
        for place in range(3):
            x, y = left + 18 + place * (right - left - 36) // 3, top + 26 + floor * 108
            is_door = floor == 2 and place == 0
            colour = _POST if is_door else chance.choice((_GLASS, _GLASS, _LAMP))
            _fill(rows, (x, x + 34), (y, bottom if is_door else y + 62), colour)
            _fill(rows, (x + 16, x + 18), (y, y + 62), _POST)


def _sign(rows: list[bytearray], middle: int, street: int) -> None:
    """Draw a round road sign on its post."""
    centre, radius = street - 190, 40
    _fill(rows, (middle - 4, middle + 4), (centre, HEIGHT), _POST)
    for inner, colour in ((radius, _SIGN), (radius - 10, (238, 238, 232))):
        for y in range(-inner, inner + 1):
            half = int(math.sqrt(inner**2 - y**2))
            _fill(rows, (middle - half, middle + half), (centre + y, centre + y + 1), colour)


def _flood(rows: list[bytearray], chance: random.Random, level: int) -> None:
    """Fill all below a level with water that mirrors what is above, moved by ripples and darker towards us."""
    waves = [(chance.uniform(0.08, 0.7), chance.uniform(0, math.tau)) for _ in range(3)]
    for y in range(level, HEIGHT):
        near = (y - level) / (HEIGHT - level)
        mirrored = rows[max(0, 2 * level - y - 1)]
        ripple = sum(math.sin(y * speed + phase) for speed, phase in waves)
        shift = round(ripple * (1 + 6 * near)) * 3
        clear, glint = 0.55 - 0.35 * near, 10 * ripple
        moved = mirrored[-shift:] + mirrored[:-shift] if shift else mirrored
        row = bytearray(WIDTH * 3)
        for channel, water in enumerate(_WATER):
            table = bytes(min(255, max(0, round(seen * clear + water * (1 - clear) + glint))) for seen in range(256))
            row[channel::3] = moved[channel::3].translate(table)
        rows[y] = row


def _png(rows: list[bytearray]) -> bytes:
    """Return rows of RGB as PNG ("Portable Network Graphics Specification", third edition)."""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, _RGB, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return SIGNATURE + b"".join(_chunk(*one) for one in ((b"IHDR", header), (b"IDAT", content), (b"IEND", b"")))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
