"""A place for any geometry, checked against shapely."""

import json
from math import cos, nan, sin
from typing import Any

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core.parse_time import UnreadableTime
from app.reports.importer.geometry import point_of
from app.reports.importer.geometry_text import parse_geometry

LONS, LATS = st.floats(-179, 179), st.floats(-80, 80)
HORSESHOE = [[0, 0], [10, 0], [10, 10], [8, 10], [8, 2], [2, 2], [2, 10], [0, 10], [0, 0]]


def shape(kind: str, coordinates: Any) -> dict[str, Any]:
    return {"type": kind, "coordinates": coordinates}


def test_point_is_its_own_place_whatever_its_height() -> None:
    assert point_of(shape("Point", [1.5, 2.5, 300])) == (1.5, 2.5)


def test_zero_zero_is_a_place() -> None:
    assert point_of(shape("Point", [0, 0])) == (0, 0)


def test_line_gives_the_middle_of_its_length_and_not_of_its_corners() -> None:
    assert point_of(shape("LineString", [[0, 0], [1, 0], [2, 0], [10, 0]])) == pytest.approx((5, 0))


def test_horseshoe_gives_a_place_inside_and_not_its_centre_of_mass() -> None:
    lon, lat = point_of(shape("Polygon", [HORSESHOE]))

    assert shapely.Polygon(HORSESHOE).contains(shapely.Point(lon, lat))


def test_place_in_a_polygon_is_not_in_its_hole() -> None:
    outer = [[0, 0], [10, 0], [10, 10], [0, 10], [0, 0]]
    hole = [[1, 1], [9, 1], [9, 9], [1, 9], [1, 1]]
    lon, lat = point_of(shape("Polygon", [outer, hole]))

    assert shapely.Polygon(outer, [hole]).contains(shapely.Point(lon, lat))


def test_largest_polygon_of_many_counts() -> None:
    small, large = [[0, 0], [1, 0], [1, 1], [0, 0]], [[20, 0], [30, 0], [30, 10], [20, 0]]

    assert point_of(shape("MultiPolygon", [[small], [large]]))[0] > 20


def test_collection_prefers_its_polygon() -> None:
    square = [[20, 0], [30, 0], [30, 10], [20, 10], [20, 0]]
    parts = [shape("Point", [1, 1]), shape("LineString", [[0, 0], [1, 1]]), shape("Polygon", [square])]

    assert point_of({"type": "GeometryCollection", "geometries": parts}) == (25, 5)


def test_middle_one_of_many_points_counts() -> None:
    assert point_of(shape("MultiPoint", [[0, 0], [4, 0], [10, 0]])) == (4, 0)


@pytest.mark.parametrize(
    "crossing",
    [
        shape("LineString", [[178, 0], [-176, 0]]),
        shape("LineString", [[178, 0], [184, 0]]),
        shape("Polygon", [[[178, -1], [-176, -1], [-176, 1], [178, 1], [178, -1]]]),
        shape("Polygon", [[[178, -1], [184, -1], [184, 1], [178, 1], [178, -1]]]),
    ],
)
def test_shape_across_the_antimeridian_keeps_its_place_there(crossing: dict[str, Any]) -> None:
    assert point_of(crossing) == pytest.approx((-179, 0))


def test_polygon_without_area_gives_a_place_on_it() -> None:
    assert point_of(shape("Polygon", [[[0, 1], [4, 1], [0, 1]]]))[1] == 1


@pytest.mark.parametrize(
    ("geometry", "reason"),
    [
        (None, "no geometry"),
        ("POINT", "not an object"),
        (shape("Point", [106.8]), "not a position"),
        (shape("Point", ["106.8", -6.2]), "not a number"),
        (shape("Point", [True, False]), "not a number"),
        (shape("Point", [None, 5]), "no longitude"),
        (shape("Point", [nan, 5]), "not a finite"),
        (shape("Point", [10**400, 5]), "not a finite"),
        (shape("Point", [0, 90.0000001]), "not on the globe"),
        (shape("Point", [180.0000001, 0]), "not on the globe"),
        (shape("Point", [-6.2, 106.8]), "swapped"),
        (shape("Point", [12129258.7, 3481752.7]), "not degrees"),
        (shape("Point", []), "empty"),
        (shape("MultiPolygon", []), "empty"),
        (shape("LineString", {}), "not a list"),
        (shape("MultiPoint", [0, 0]), "not a position"),
        (shape("FooBar", [0, 0]), "'FooBar'|FooBar"),
        ({"type": "GeometryCollection", "geometries": [False]}, "not an object"),
    ],
)
def test_geometry_without_a_usable_place_says_why(geometry: Any, reason: str) -> None:
    with pytest.raises(UnreadableTime, match=reason):
        point_of(geometry)


@given(st.lists(st.tuples(st.floats(0, 6.283), st.floats(0.05, 10)), min_size=3, max_size=14), LONS, LATS)
def test_place_of_any_polygon_is_in_it(star: list[tuple[float, float]], lon: float, lat: float) -> None:
    corners = [[lon / 2 + r * cos(angle), lat / 2 + r * sin(angle)] for angle, r in sorted(star)]
    polygon = shapely.Polygon(corners)
    assume(polygon.is_valid and polygon.area > 1e-6)

    place = point_of(shape("Polygon", [[*corners, corners[0]]]))

    assert polygon.distance(shapely.Point(place)) < 1e-9


@given(
    st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=3), lambda some: st.lists(some, max_size=4))
)
def test_any_coordinates_are_a_place_or_refused(coordinates: Any) -> None:
    for kind in ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", [], None):
        try:
            lon, lat = point_of({"type": kind, "coordinates": coordinates})
        except UnreadableTime:
            continue
        assert -180 <= lon <= 180
        assert -90 <= lat <= 90


@pytest.mark.parametrize(
    "cell",
    [
        '{"type": "Point", "coordinates": [5, 50]}',
        "{'type': 'Point', 'coordinates': (5, 50)}",
        "POINT (5 50)",
        "SRID=4326;POINT Z (5.0 50 7)",
        "MULTIPOINT ((5 50))",
        "multipoint(5 50)",
        "LINESTRING (4 50, 6 50)",
        "POLYGON ((4 49, 6 49, 6 51, 4 51, 4 49))",
        "<Point><coordinates>5,50,0</coordinates></Point>",
        "<kml:LineString><kml:coordinates> 4,50\n6,50 </kml:coordinates></kml:LineString>",
        "12 Mill Lane\n(50.0, 5.0)",
        "50.0, 5.0",
    ],
)
def test_geometry_in_a_cell_is_read_in_every_spelling(cell: str) -> None:
    assert point_of(parse_geometry(cell)) == pytest.approx((5, 50))


@pytest.mark.parametrize(
    "cell",
    [
        *("", "12 Mill Lane", "__import__('os')", "{'type': __import__('os')}", "{" * 50_000, "POINT (a b)", "POINT"),
        *(
            "<Polygon/>",
            "<Point><coordinates>x,y</coordinates></Point>",
            "<x>&lol;</x>",
            "POLYGON ((1 2, 3))",
            "1" * 99_999,
        ),
    ],
)
def test_cell_that_is_no_geometry_is_refused_and_never_run(cell: str) -> None:
    with pytest.raises(UnreadableTime, match=r"."):
        point_of(parse_geometry(cell))


def test_all_hostile_geometries_of_the_corpus_are_answered(shared_data: Any) -> None:
    for path in sorted((shared_data / "hostile" / "geojson" / "good").glob("*.geojson")):
        document = json.loads(path.read_text())
        geometries = [
            each["geometry"] for each in document.get("features", [document.get("geometry") and document]) if each
        ]
        for geometry in geometries or [document]:
            if geometry is None or "issue82" in path.name:  # no place; latitudes beyond the poles
                with pytest.raises(UnreadableTime):
                    point_of(geometry or document)
            else:
                assert len(point_of(geometry)) == 2
