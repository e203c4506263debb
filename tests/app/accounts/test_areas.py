"""Areas of a responder: what may be one, how small it is stored, and which places it holds."""

import random
from typing import Any

import pytest

from app.accounts import area_input, areas
from app.accounts.area_input import BadAreas
from app.accounts.areas import MOST_AREAS, MOST_CORNERS, Area
from app.core import packed_json
from app.gazetteer import search
from app.geo.box_circle import Box, Circle

BATH = {"name": "Bath", "bbox": [-2.45, 51.35, -2.3, 51.42]}
TRIANGLE = {"type": "Polygon", "coordinates": [[[0, 50], [2, 50], [1, 52], [0, 50]]]}
WITH_HOLE = {
    "type": "Polygon",
    "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]], [[3, 3], [6, 3], [6, 6], [3, 6], [3, 3]]],
}
TWO = {"type": "MultiPolygon", "coordinates": [TRIANGLE["coordinates"], WITH_HOLE["coordinates"]]}


def ring_of(corners: int) -> dict[str, Any]:
    """A polygon like a comb, with some corners."""
    ring = [[number / 1000, number % 2] for number in range(corners - 2)] + [[1, 5], [0, 5]]
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def covers(area: dict[str, Any], lat: float, lon: float) -> bool:
    return areas.covers(areas.unpack(areas.pack(area_input.read([area]))), lat=lat, lon=lon)


@pytest.mark.parametrize(
    ("extent", "inside", "outside"),
    [
        ({"bbox": [-2.45, 51.35, -2.3, 51.42]}, [(51.38, -2.36), (51.35, -2.45)], [(51.38, -2.2), (51.3, -2.36)]),
        ({"bbox": [179, -1, -179, 1]}, [(0, 179.5), (0, -179.5), (0, 180)], [(0, 0), (2, 180)]),
        ({"polygon": TRIANGLE}, [(50.5, 1), (50, 1)], [(51.9, 0.2), (50.5, -1)]),
        ({"polygon": WITH_HOLE}, [(1, 1), (3, 4)], [(4, 4), (10, 10)]),
        ({"polygon": TWO}, [(50.5, 1), (8, 8)], [(4, 4), (30, 1)]),
        ({"polygon": {"type": "Feature", "properties": {}, "geometry": TRIANGLE}}, [(51, 1)], [(53, 1)]),
    ],
)
def test_area_covers_what_lies_in_it(extent: dict[str, Any], inside: Any, outside: Any) -> None:
    area = {"name": "here", **extent}

    assert [covers(area, lat, lon) for lat, lon in inside] == [True] * len(inside)
    assert [covers(area, lat, lon) for lat, lon in outside] == [False] * len(outside)


def test_no_area_covers_nothing() -> None:
    assert not areas.covers([], lat=51.38, lon=-2.36)
    assert area_input.read(None) == area_input.read([]) == []
    assert areas.pack([]) is None and areas.unpack(None) == ()


@pytest.mark.parametrize(
    ("area", "pointers"),
    [
        ("Bath", {0: ["type"]}),
        ({"bbox": BATH["bbox"]}, {0: {"name": ["required"]}}),
        ({"name": "Bath"}, {0: {"_schema": ["extent"]}}),
        ({**BATH, "polygon": TRIANGLE}, {0: {"bbox": ["conflict"], "polygon": ["conflict"]}}),
        ({**BATH, "name": "", "colour": "red"}, {0: {"name": ["length"], "colour": ["unknown"]}}),
        ({**BATH, "name": "<b>Bath</b>"}, {0: {"name": ["markup"]}}),
        ({**BATH, "name": 7}, {0: {"name": ["type"]}}),
        ({"name": "a", "bbox": "-2,51,-1,52"}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "bbox": [-2, 51, -1]}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "bbox": [-2, 52, -1, 51]}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "bbox": [-2, 51, -2, 52]}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "bbox": [-200, 51, -1, 52]}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "bbox": [-2, 51, -1, 91]}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "bbox": [-2, 51, True, 52]}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "bbox": [-2, 51, None, 52]}, {0: {"bbox": ["box"]}}),
        ({"name": "a", "polygon": {"type": "Point", "coordinates": [0, 50]}}, {0: {"polygon": ["polygon"]}}),
        ({"name": "a", "polygon": {"type": "Polygon", "coordinates": []}}, {0: {"polygon": ["polygon"]}}),
        ({"name": "a", "polygon": {"type": "Polygon", "coordinates": [[[0, 50]]]}}, {0: {"polygon": ["polygon"]}}),
        ({"name": "a", "polygon": {"type": "Polygon", "coordinates": "x"}}, {0: {"polygon": ["polygon"]}}),
        ({"name": "a", "polygon": None}, {0: {"polygon": ["polygon"]}}),
        ({"name": "a", "polygon": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}},
         {0: {"polygon": ["flat"]}}),
        ({"name": "a", "polygon": {"type": "Polygon", "coordinates": [[[179, 0], [-179, 0], [-179, 1], [179, 0]]]}},
         {0: {"polygon": ["antimeridian"]}}),
        ({"name": "a", "polygon": ring_of(MOST_CORNERS + 1)}, {0: {"polygon": ["corners"]}}),
        ({"name": "Bath", "place": 7}, {0: {"place": ["type"]}}),
    ],
    ids=str,
)  # fmt: skip
def test_area_that_is_none_is_told_at_its_place(area: Any, pointers: dict[Any, Any]) -> None:
    with pytest.raises(BadAreas) as refused:
        area_input.read([area])

    assert codes_of(refused.value.messages) == pointers


def codes_of(messages: Any) -> Any:
    if isinstance(messages, dict):
        return {name: codes_of(inside) for name, inside in messages.items()}
    return [message.partition("|")[0] for message in messages]


def test_every_mistake_is_told_at_once() -> None:
    with pytest.raises(BadAreas) as refused:
        area_input.read([{"name": "a", "bbox": []}, BATH, "x"])

    assert refused.value.messages.keys() == {0, 2}


@pytest.mark.parametrize("value", ["Bath", {"name": "Bath"}, [BATH] * (MOST_AREAS + 1)])
def test_what_is_no_list_of_at_most_twenty_is_refused(value: Any) -> None:
    with pytest.raises(BadAreas):
        area_input.read(value)


def test_areas_come_back_as_they_may_be_sent_again() -> None:
    sent = [BATH, {"name": "t", "polygon": TRIANGLE}]

    stored = areas.unpack(areas.pack(area_input.read(sent)))

    again = areas.form(stored)
    assert areas.unpack(areas.pack(area_input.read(again))) == stored
    assert again[0] == BATH
    assert [area.code for area in stored] == [area.code for area in area_input.read(again)]


def test_the_largest_areas_stay_small() -> None:
    """Twenty outlines of two hundred corners, each up to a kilometre from the one before, in one row of 400 KB."""
    chance, most = random.Random(7), []
    for number in range(MOST_AREAS):
        ring = [[chance.uniform(0, 0.01) + number, 51 + at / 10_000] for at in range(MOST_CORNERS)]
        most.append({"name": f"area {number}", "polygon": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}})

    packed = areas.pack(area_input.read(most)) or b""

    assert len(packed) < 24_000
    assert len(areas.unpack(packed)) == MOST_AREAS


def test_unreadable_areas_give_no_right() -> None:
    later = packed_json.pack({"format": 2, "areas": [["world", "", "box", [-180, -90, 180, 90]]]})
    rows = [["disc", "", "ellipse", []], ["world", "", "box", [-180, -90, 180, 90], "of a later release"]]
    partly = packed_json.pack({"format": 1, "areas": rows})

    assert [areas.unpack(packed) for packed in (b"damaged", later)] == [(), ()]
    assert areas.unpack(partly) == (Area("world", Box(-180, -90, 180, 90)),)


def test_place_is_stored_as_its_extent(tables: None) -> None:
    town = search.search("Bath").places[0]

    (area,) = areas.unpack(areas.pack(area_input.read([{"name": "Bath", "place": town.id}])))

    assert (area.name, area.place, area.code) == (town.name, town.id, town.id)
    assert area.extent == (town.box or Circle(town.lat, town.lon, town.radius_km))
    assert area.contains(lat=town.lat, lon=town.lon) and not area.contains(lat=0, lon=0)
    assert areas.form([area]) == [{"name": "Bath", "place": town.id}]


def test_place_of_another_name_is_refused(tables: None) -> None:
    town = search.search("Bath").places[0]

    with pytest.raises(BadAreas) as refused:
        area_input.read([{"name": "Bristol", "place": town.id}, {"name": "Bath", "place": "plc_0"}])

    assert codes_of(refused.value.messages) == {0: {"place": ["place"]}, 1: {"place": ["place"]}}


def test_names_stay_out_of_the_codes() -> None:
    codes = [area.code for area in area_input.read([BATH, BATH | {"name": "Elsewhere"}, {"name": "b", "polygon": TWO}])]

    assert codes[0] == codes[1] != codes[2]
    assert all(code.startswith("area_") and len(code) == 25 for code in codes)
