"""Near and covering, against every stored warning asked one by one, and against another library's geometry."""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import pytest
import shapely
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import shape as read

from app.core import clock
from app.core.severity import Severity
from app.geo.box_circle import Box, Circle
from app.geo.distance import shape_distance_km
from app.geo.polygon import MultiPolygon, contains, touches_box
from app.geo.polygon_geojson import from_rings, to_geojson
from app.warnings.ingest import outlines
from app.warnings.ingest.run import store_answer
from app.warnings.models import MOST_TILES, TILE_ZOOM, WIDE, OfficialWarning, SourceMemory, WarningTile
from app.warnings.search import WarningQuery, find_near, find_page
from app.warnings.sources.nws import alerts
from app.warnings.sources.nws import zones as nws_zones
from app.warnings.sources.registry import Source
from tests.warning_making import announce, ids_covering, message, place

MIDDLES = [(51.5, -0.12), (0.0, 179.95), (-17.0, -179.9), (84.9, 30.0), (-88.0, 5.0), (39.0, -98.0)]
RECORDED = datetime(2025, 12, 15, 21, 54, tzinfo=UTC)  # its own stamp
EDGE_DEGREES = 1e-5


def star(chance: random.Random) -> MultiPolygon:
    """From a street's size to a continent's, some over the antimeridian."""
    lat, lon = chance.choice(MIDDLES)
    lat, lon = lat + chance.uniform(-1, 1), lon + chance.uniform(-1, 1)
    size, corners = chance.choice([0.003, 0.1, 0.8, 3, 30]), chance.randint(3, 12)
    ring = []
    for number in range(corners):
        turn, reach = 2 * pi * number / corners, size * chance.uniform(0.4, 1)
        ring.append((lon + cos(turn) * reach, max(-89.9, min(89.9, lat + sin(turn) * reach))))
    return from_rings([[((x + 180) % 360 - 180, y) for x, y in ring]])


def spots(chance: random.Random, count: int) -> Iterator[tuple[float, float]]:
    for _ in range(count):
        lat, lon = chance.choice(MIDDLES)
        spread = chance.choice([0.01, 0.5, 4])
        yield max(-90.0, min(90.0, chance.gauss(lat, spread))), (chance.gauss(lon, spread) + 180) % 360 - 180


def announce_stars(chance: random.Random, count: int) -> dict[str, MultiPolygon]:
    """Two sources' warnings, one in six of them over; the outlines of those in force, by id."""
    for source in ("ea", "nws"):
        shapes = [star(chance) for _ in range(count // 2)]
        now_ms = clock.now_ms()
        announce(
            *(
                message(f"{source}{n}", places=(place("x", shape),), ends_at_ms=now_ms - 1 if n % 6 == 0 else None)
                for n, shape in enumerate(shapes)
            ),
            source=source,
        )
    return {row.id: row.outline() or MultiPolygon(()) for row in rows_in_force()}


def rows_in_force() -> list[OfficialWarning]:
    rows = [row for row in OfficialWarning.scan() if row.id.startswith("wrn_")]
    return [row for row in rows if row.mark().is_in_force(clock.now_ms())]


def assert_equal_to_brute_force(drawn: dict[str, MultiPolygon], places: list[tuple[float, float]], chance: Any) -> int:
    hits = 0
    assert ids_covering(places) == [
        sorted(one for one, shape in drawn.items() if contains(shape, lat=lat, lon=lon)) for lat, lon in places
    ]
    for lat, lon in places:
        circle = Circle(lat, lon, chance.choice([0, 0.2, 5, 20, 50]))
        away = {one: shape_distance_km(shape, lat=lat, lon=lon) for one, shape in drawn.items()}
        wanted = {one: km for one, km in away.items() if km <= circle.radius_km}
        found = {met.warning.id: met.distance_km for met in find_near(circle)}
        assert found == pytest.approx(wanted)
        hits += len(wanted)
    return hits


@settings(max_examples=3, database=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_near_and_covering_find_what_brute_force_finds(tables: None, seed: int) -> None:
    chance = random.Random(seed)
    drawn = announce_stars(chance, 24)

    assert_equal_to_brute_force(drawn, list(spots(chance, 12)), chance)
    # Corners and rims are where a cover would miss a place.
    corners = [(lat, lon) for shape in drawn.values() for lon, lat in shape.polygons[0][0][:2]]
    assert assert_equal_to_brute_force(drawn, corners, chance) >= len(corners)


def test_lists_by_place_find_what_brute_force_finds(tables: None) -> None:
    chance = random.Random(5)
    drawn = announce_stars(chance, 40)
    assert any(shape.box.count_tiles(TILE_ZOOM) > MOST_TILES for shape in drawn.values())
    boxes = [Box(179.5, -18, -179.5, 1), Box(-180, -90, 180, 90), Box(-1, 51, 0, 52), Box(-10, -90, 60, -80)]
    boxes += [Box(-180, 80, 180, 90), Box(0, 0, 0, 0), Box(170, -20, 180, 5), Box(-180, -20, -175, 5)]

    for box in boxes:
        question = WarningQuery(("ea", "nws"), frozenset(Severity), box, in_force=True, limit=100)
        wanted = {one for one, shape in drawn.items() if touches_box(shape, box)}
        assert {met.warning.id for met in find_page(question).hits} == wanted
    for lat, lon in spots(chance, 15):
        question = WarningQuery(("ea", "nws"), frozenset(Severity), Circle(lat, lon, 100), in_force=True, limit=100)
        wanted = {one for one, shape in drawn.items() if shape_distance_km(shape, lat=lat, lon=lon) <= 100}
        assert {met.warning.id for met in find_page(question).hits} == wanted


def test_very_wide_outline_is_kept_once_and_found_everywhere(tables: None) -> None:
    announce(message("wide", places=(place("x", from_rings([[(-60, -40), (60, -40), (60, 60), (-60, 60)]])),)))

    assert [item.id for item in WarningTile.scan() if item.id.startswith("tile#")] == [WIDE]
    assert [len(ids) for ids in ids_covering([(0, 0), (51.5, -0.1), (-39.9, 59.9), (61, 0)])] == [1, 1, 1, 0]


@pytest.fixture
def recorded(tables: None, shared_data: Path) -> Iterator[list[dict[str, Any]]]:
    """The recording of the National Weather Service, taken in when it was made, with its zones."""
    raw = (shared_data / "nws" / "alerts-active-2025-12-15-floods.geojson").read_bytes()
    zones = nws_zones.read_outlines((shared_data / "nws" / "zones-ugc.geojson").read_bytes())
    with time_machine.travel(RECORDED, tick=False):
        outlines.store("nws", zones.outlines)
        store_answer(Source("nws", ""), alerts.parse(raw, now_ms=clock.now_ms()), SourceMemory.of("nws"))
        yield json.loads(raw)["features"]


def test_every_alert_of_the_recording_is_drawn_or_says_why(recorded: list[dict[str, Any]]) -> None:
    rows = [row for row in OfficialWarning.scan() if row.id.startswith("wrn_")]

    assert (len(rows), len(recorded)) == (27, 50)  # the others are of other hazards
    for row in rows:
        assert (row.geometry_status == "none") == (row.shape is None)
        assert row.shape is not None or row.geometry_reason
    assert {row.source_id for row in rows} <= {feature["properties"]["id"] for feature in recorded}


def test_recorded_warnings_cover_the_places_that_another_library_says(recorded: list[dict[str, Any]]) -> None:
    drawn = {feature["properties"]["id"]: read(feature["geometry"]) for feature in recorded if feature["geometry"]}
    chance = random.Random(50)
    places = [pick(chance, chance.choice(list(drawn.values()))) for _ in range(500)]
    ids = {row.source_id: row.id for row in rows_in_force() if row.source_id in drawn}
    assert len(ids) == len(drawn) == 19

    found = ids_covering([(lat, lon) for lon, lat in places])

    inside = 0
    for (lon, lat), covers in zip(places, found, strict=True):
        for source_id, warning_id in ids.items():
            spot = shapely.Point(lon, lat)
            if drawn[source_id].boundary.distance(spot) > EDGE_DEGREES:
                assert (warning_id in covers) == drawn[source_id].covers(spot)
                inside += warning_id in covers
    assert inside > 100


def pick(chance: random.Random, outline: Any) -> tuple[float, float]:
    """A place in or beside an outline."""
    west, south, east, north = outline.bounds
    reach = 0.3
    across, up = (chance.uniform(-reach, 1 + reach) for _ in range(2))
    return west + across * (east - west), south + up * (north - south)


def test_zones_draw_what_the_issuers_zones_cover(recorded: list[dict[str, Any]], shared_data: Path) -> None:
    features = json.loads((shared_data / "nws" / "zones-ugc.geojson").read_text())["features"]
    zones = {code: read(one["geometry"]) for one in features for code in one["properties"].values() if code}
    asked = {one["properties"]["id"]: one["properties"]["geocode"]["UGC"] for one in recorded if not one["geometry"]}
    compared = 0
    for row in OfficialWarning.scan():
        outline = row.outline() if row.id.startswith("wrn_") and row.geometry_status == "area" else None
        if outline is not None:
            wanted = shapely.union_all([zones[code].buffer(0) for code in asked[row.source_id] if code in zones])
            assert read(to_geojson(outline)).symmetric_difference(wanted).area < wanted.area * 0.001
            compared += 1

    assert compared >= 7
