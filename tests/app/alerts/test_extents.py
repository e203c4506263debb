"""A place that an event touches is always among those that are looked at, wherever on the globe."""

import json
import random

import pytest
import time_machine

from app.alerts import asked_place, cover, extents
from app.alerts.extents import Extent, Named, Outlined, Spot
from app.alerts.reach import MOST_RANGES
from app.geo.box_circle import Box, Circle
from app.geo.repair import circle
from app.geo.touching import outline_of
from app.warnings.area_models import Area
from app.warnings.models import OfficialWarning
from tests.alerting import LONDON

NEAR = [(51.5, 0.0), (0.0, 180.0), (-17.0, -179.9), (84.0, 20.0), (89.0, 0.0), (-89.5, 179.0), (70.0, 179.5)]
HERE = Outlined(outline_of(Box(-0.2, 51.4, 0.0, 51.6)))


def is_looked_at(extent: Extent, squares: list[tuple[str, str]]) -> bool:
    return any(low <= sort <= high for partition, sort in squares for low, high in extent.ranges.get(partition, ()))


def asked(place: dict) -> tuple[list, list[tuple[str, str]]]:
    """The shape of a place and the keys of its squares, as they are stored."""
    values = asked_place.attributes_of(place, f"sub_{'0' * 26}")
    return json.loads(values["packed_shape"]), [tuple(one) for one in json.loads(values["packed_squares"])]


@pytest.mark.parametrize("lat_lon", NEAR, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_touched_circle_is_looked_at(lat_lon: tuple[float, float], seed: int) -> None:
    dice = random.Random(seed)
    lat, lon = lat_lon
    outlined = Outlined(circle(lat=lat, lon=lon, radius_km=dice.choice([0.3, 5, 60, 400]), corners=48))
    spot = Spot(Circle(lat, lon, dice.choice([0, 5])))
    touched = 0
    for _ in range(25):
        away = dice.choice([0.05, 0.6, 4])
        there = max(-90.0, min(90.0, lat + dice.uniform(-away, away)))
        round_lon = (lon + dice.uniform(-away, away) + 180) % 360 - 180
        shape, squares = asked({"lat": there, "lon": round_lon, "radius_km": dice.choice([0.1, 2, 50])})
        for extent in (outlined, spot):
            if extent.touches(shape):
                touched += 1
                assert is_looked_at(extent, squares)

    assert touched


def test_what_is_far_away_is_hardly_looked_at() -> None:
    extent = Outlined(circle(lat=51.5, lon=-0.1, radius_km=3, corners=48))
    ranges = [one for some in extent.ranges.values() for one in some]

    assert len(ranges) <= 2 * 4 * 12
    assert not is_looked_at(extent, asked({"lat": 52.5, "lon": -0.1, "radius_km": 1})[1])


def test_square_has_few_ranges_however_the_outline_winds() -> None:
    comb = [Box(-0.2 + number / 20, 51.0, -0.19 + number / 20, 52.0) for number in range(40)]
    rings = tuple(polygon for box in comb for polygon in outline_of(box).polygons)
    extent = Outlined(type(HERE.outline)(rings))

    assert max(map(len, extent.ranges.values())) == MOST_RANGES
    assert is_looked_at(extent, asked({"lat": 51.5, "lon": 0.856, "radius_km": 0.1})[1])


@pytest.mark.usefixtures("tables")
def test_official_area_is_touched_by_its_outline_its_name_or_its_middle() -> None:
    extents.forget()
    for name, outline, centre in (
        ("ea-beside", outline_of(Box(0.0, 51.5, 0.1, 51.55)), None),
        ("ea-far", outline_of(Box(3.0, 51.5, 3.1, 51.55)), None),
        ("ea-middle", None, (51.5, -0.1)),
    ):
        area = Area(name, source="ea", code=name, name="-")
        area.put_outline(outline, reason="-", centre=centre)
        area.save()
    shapes = {name: asked({"area": name})[0] for name in ("ea-beside", "ea-far", "ea-middle")}

    assert {name for name, shape in shapes.items() if HERE.touches(shape)} == {"ea-beside", "ea-middle"}
    assert Outlined(HERE.outline, frozenset(["ea-far"])).touches(shapes["ea-far"])
    assert {name for name, shape in shapes.items() if Spot(Circle(51.52, 0.05, 0)).touches(shape)} == {"ea-beside"}
    named = Named(frozenset(["ea-far"]))
    assert (named.touches(shapes["ea-far"]), named.touches(asked(LONDON)[0])) == (True, False)
    assert is_looked_at(named, asked({"area": "ea-far"})[1])
    extents.forget()


@pytest.mark.usefixtures("tables")
@pytest.mark.parametrize("before", [None, (51.5, 3.05)])
def test_area_that_a_process_did_not_know_is_read_again_after_a_minute(
    noon: time_machine.Traveller, before: tuple[float, float] | None
) -> None:
    area = Area("ea-late", source="ea", code="late", name="-")
    if before is not None:
        area.put_outline(None, reason="not fetched yet", centre=before)
        area.save()
    named = OfficialWarning("ea:late", areas='[["ea-late", "-"]]')
    there = [cover.key_of(square, "sub_1") for square in cover.squares_of(Box(0.0, 51.5, 0.1, 51.55).tiles)]
    assert not is_looked_at(extents.of_warning(named), there)
    area.put_outline(outline_of(Box(0.0, 51.5, 0.1, 51.55)), reason="-", centre=None)
    area.save()
    noon.shift(61)

    assert is_looked_at(extents.of_warning(named), there)
    assert HERE.touches((asked_place.AREA, "ea-late"))


def test_growth_is_looked_for_where_it_is_new() -> None:
    grown = Outlined(outline_of(Box(-0.6, 51.0, 0.6, 52.0)))
    inside, beyond = (
        asked({"lat": 51.5, "lon": -0.1, "radius_km": 0.2})[1],
        asked({"lat": 51.5, "lon": 0.4, "radius_km": 0.2})[1],
    )

    class _Beyond:
        ranges = grown.ranges_beyond(HERE)

    assert (is_looked_at(_Beyond, inside), is_looked_at(_Beyond, beyond)) == (False, True)
