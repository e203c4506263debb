"""Pieces of outlines: box in box, they say of every place what the whole outline says."""

import random
from math import cos, pi, sin

import pytest

from app.geo.box_circle import Box
from app.geo.nested_clip import clip_to_box
from app.geo.polygon import MultiPolygon, contains, covers_box, touches_box
from app.geo.repair import union
from app.geo.tiles import tile_at
from tests.warning_making import square

ZOOMS = (0, 4, 6, 8, 10, 13)
STEP = 1 / 64  # of a degree: places, corners and rims meet often


def ragged(chance: random.Random) -> MultiPolygon:
    """Rings with corners on a coarse grid, and a hole; each is a square or a star."""
    west, south = chance.randrange(-20, 20) * STEP, 51 + chance.randrange(-20, 20) * STEP
    around = square(west, south, side=chance.randrange(3, 40) * STEP)
    corners = chance.randint(3, 40)
    size = chance.choice([0.01, 0.2, 0.5])
    ring = [
        (west + cos(2 * pi * n / corners) * size * chance.uniform(0.5, 1), south + sin(2 * pi * n / corners) * size)
        for n in range(corners)
    ]
    return union([around, MultiPolygon((((*ring, ring[0]),),))])


@pytest.mark.parametrize("seed", range(12))
def test_piece_of_a_piece_says_what_the_whole_outline_says(seed: int) -> None:
    chance = random.Random(seed)
    shape = ragged(chance)
    inside = 0
    for _ in range(150):
        lon, lat = chance.choice(shape.polygons[0][0])
        if chance.random() < 0.9:
            lat, lon = chance.gauss(lat, 0.02), chance.choice([lon, chance.gauss(lon, 0.02)])
        boxes = [Box(*tile_at(lat=lat, lon=lon, z=zoom).bounds()) for zoom in ZOOMS]
        piece = clip_to_box(shape, boxes[chance.randrange(3)])
        for box in boxes[3:]:
            piece = piece.within(box)
            assert piece.contains(lat=lat, lon=lon) == contains(shape, lat=lat, lon=lon)
            assert piece.touches == touches_box(shape, box)
            assert not piece.covers or covers_box(shape, box)
        inside += contains(shape, lat=lat, lon=lon)

    assert 0 < inside < 150


@pytest.mark.parametrize(("lon", "lat"), [(0, 51), (0.2, 51.2), (0, 51.1), (0.1, 51.2), (0.2, 51)])
def test_rim_is_inside(lon: float, lat: float) -> None:
    piece = clip_to_box(square(0, 51), Box(-1, 50, 1, 52))

    assert piece.contains(lat=lat, lon=lon)
    assert not piece.contains(lat=lat, lon=lon + 0.3)


def test_box_that_is_the_outline_is_touched_and_not_surely_covered() -> None:
    piece = clip_to_box(square(0, 51), Box(0, 51, 0.2, 51.2))

    assert (piece.touches, piece.covers) == (True, False)
    assert clip_to_box(square(0, 51), Box(0.05, 51.05, 0.1, 51.1)).covers
