"""Files as servers and programs answer them: blank lines, lists inside objects, Esri's JSON, pages of the web."""

import json
from typing import Any

import pytest

from app.reports.importer.row import RefusedRow, Row, Unreadable
from tests.importing import read

TIME = "2024-06-03T10:00:00Z"
FEATURE = {"type": "Feature", "properties": {"time": TIME}, "geometry": {"type": "Point", "coordinates": [-0.1, 51.5]}}
LINE = json.dumps(FEATURE)


def places(data: str) -> list[Any]:
    """Return latitude and longitude of each row, or why it is refused."""
    return [
        (round(row.lat, 3), round(row.lon, 3)) if isinstance(row, Row) else row.reason
        for row in read(data.encode()).rows
    ]


@pytest.mark.parametrize(
    "data",
    [
        f"\n\n{LINE}\n\n{LINE}\n\r\n  \n",
        f"\ufeff\n \n{LINE}\n\n{LINE}",
        f"\n\x1e{LINE}\n\x1e{LINE}\n",
        f"\x1e{LINE}\n\n\x1e{json.dumps(FEATURE, indent=1)}\n\n",
    ],
)
def test_blank_lines_among_features_are_none_of_them(data: str) -> None:
    assert places(data) == [(51.5, -0.1)] * 2


@pytest.mark.parametrize(
    ("crs", "point"),
    [
        ({"type": "EPSG", "properties": {"code": 27700}}, [530047, 180381]),
        ({"type": "EPSG", "properties": {"code": "3857"}}, [-14204, 6711544]),
    ],
)
def test_system_that_is_named_by_its_code_is_read(crs: Any, point: list[float]) -> None:
    feature = FEATURE | {"geometry": {"type": "Point", "coordinates": point}}

    assert places(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]})) == [(51.507, -0.128)]


@pytest.mark.parametrize(
    ("reference", "geometry"),
    [
        ({"wkid": 4326}, {"x": -0.128, "y": 51.507}),
        ({"wkid": 102100, "latestWkid": 3857}, {"x": -14204, "y": 6711544}),
        ({"wkid": 27700}, {"paths": [[[530047, 180381], [530047, 180381]]]}),
        ({"wkid": 4326}, {"rings": [[[-0.13, 51.506], [-0.126, 51.506], [-0.126, 51.508], [-0.13, 51.508]]]}),
    ],
)
def test_answer_of_an_esri_server_is_read_in_its_system(reference: Any, geometry: Any) -> None:
    answer = {"spatialReference": reference, "features": [{"attributes": {"date": TIME}, "geometry": geometry}]}

    assert places(json.dumps(answer)) == [(51.507, -0.128)]


@pytest.mark.parametrize(
    ("name", "place"),
    [
        *(
            ("location", {"latitude": "51.5", "longitude": "-0.1", "human_address": "x"}),
            ("position", {"lat": 51.5, "lng": -0.1}),
        ),
        *(("geo", {"type": "Point", "coordinates": [-0.1, 51.5]}), ("coordenadas", "51.5, -0.1")),
        *(("koordinaten", "51°30'N 0°6'W"), ("coordinates", "51.5° N, 0.1° W")),
    ],
)
def test_place_in_one_column_is_read(name: str, place: Any) -> None:
    assert places(json.dumps([{"time": TIME, name: place}])) == [(51.5, -0.1)]


def test_only_object_of_a_file_is_a_row() -> None:
    assert places(json.dumps({"lat": 51.5, "lon": -0.1, "time": TIME})) == [(51.5, -0.1)]


def test_place_in_a_column_is_no_title() -> None:
    table = f'Created Date,Latitude,Longitude,Location\n{TIME},51.5,-0.1,"(51.5, -0.1)"\n{TIME},51.5,-0.1,Mill Lane\n'

    assert [row.title for row in read(table.encode()).rows if isinstance(row, Row)] == [None, "Mill Lane"]


def test_number_that_is_none_gets_no_hint_of_a_grid() -> None:
    (reason,) = places(f'[{{"lat": 51.5, "lon": Infinity, "time": "{TIME}"}}]')

    assert reason == "no usable place: the longitude is not a finite number"


def test_list_inside_an_object_is_told_with_its_name() -> None:
    with pytest.raises(Unreadable, match="it holds data, a list inside an object"):
        read(json.dumps({"data": [{"lat": 51.5, "lon": -0.1, "time": TIME}]}).encode())


@pytest.mark.parametrize(
    "page",
    [
        "\n <!DOCTYPE html><html></html>",
        "\ufeff<HTML>\n<body>404",
        '<?xml version="1.0"?>\n<!-- x --><html xmlns="x"/>',
    ],
)
def test_page_of_the_web_is_told_however_it_begins(page: str) -> None:
    with pytest.raises(Unreadable, match="web page"):
        read(page.encode())


def test_object_without_a_place_is_still_refused() -> None:
    (row,) = read(json.dumps([{"time": TIME, "location": {"city": "York"}}]).encode()).rows

    assert isinstance(row, RefusedRow)
