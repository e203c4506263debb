"""Places of rows: degrees as people write them, systems other than degrees, and swapped places."""

import csv
import json
from math import dist
from pathlib import Path
from typing import Any

import pytest

from app.core.parse_time import UnreadableTime
from app.geo.coordinates import distance_km
from app.reports.importer.places import degrees
from app.reports.importer.projection import READ, converter_of
from app.reports.importer.row import RefusedRow, Row, Unreadable
from app.reports.importer.swapped import IN_SEA, OUTSIDE
from tests import importing

TIME = "2020-02-18T12:00:00Z"


def rows(table: str, **options: Any) -> list[Row | RefusedRow]:
    return importing.read(table.encode(), "csv", **options).rows


def reasons(table: str, **options: Any) -> list[str]:
    return [row.reason if isinstance(row, RefusedRow) else "" for row in rows(table, **options)]


def place(table: str, **options: Any) -> tuple[float, float]:
    (row,) = rows(table, **options)
    assert isinstance(row, Row), row
    return row.lat, row.lon


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("51.5", 51.5),
        ("51,5 N", 51.5),
        ("51°30'N", 51.5),
        ("51° 30' 36\" N", 51.51),
        ("51°30′36″N", 51.51),
        ("51 30 36 N", 51.51),
        ("51:30:36", 51.51),
        ("51d30m36sS", -51.51),
        ("N 51° 30.6'", 51.51),
        ("-51 30 36", -51.51),
        ("-0° 30' 0\"", -0.5),
        ("−51.5", -51.5),
        ("-.5", -0.5),
        ("S 51.5°", -51.5),
        ("51.5° North", 51.5),
        ("51 deg 30 min 36 sec S", -51.51),
    ],
)
def test_degrees_are_read_in_the_usual_notations(written: str, read: float) -> None:
    assert degrees(written, "lat") == pytest.approx(read)


@pytest.mark.parametrize("written", ["51 61 0", "51 30 61", "Mill Lane 5", "51 30 36 10", "0x10"])
def test_what_is_no_notation_of_degrees_stays_as_it_is_written(written: str) -> None:
    assert degrees(written, "lat") == written


def test_letter_of_the_other_axis_is_refused() -> None:
    with pytest.raises(UnreadableTime, match="swapped"):
        degrees("2°49'W", "lat")


@pytest.mark.parametrize(
    ("header", "lon"),
    [("Breite;Länge", 3.7), ("latitud;longitud", -3.7), ("latitudine;longitudine", -3.7), ("lat;lon", None)],
)
def test_o_is_east_or_west_by_the_language_of_the_header_and_refused_without_a_proof(
    header: str, lon: float | None
) -> None:
    table = f"{header};date\n40°25'00\"N;3°42'00\"O;2024-01-01\n"

    if lon is None:
        assert "write E or W" in reasons(table)[0]
    else:
        assert place(table)[1] == pytest.approx(lon)


@pytest.mark.parametrize(
    "header",
    ["centroid_y,centroid_x", "LATITUD,Longitud", "Breite,Länge", "lintang,bujur", "緯度,経度", "Y_COORD,X_COORD"],
)
def test_columns_of_place_are_known_in_several_languages(header: str) -> None:
    assert place(f"{header},date\n51.05,-2.85,2020-02-18") == (51.05, -2.85)


def test_columns_without_a_name_that_tells_are_found_by_their_values() -> None:
    table = f"id,a,b,n,c\n1,51.0375,-2.8290,3,{TIME}\n2,51.0376,-120.8291,4,{TIME}\n"
    reading = importing.read(table.encode(), "csv")

    assert [(row.lat, row.lon) for row in reading.rows if isinstance(row, Row)] == [
        (51.0375, -2.829),
        (51.0376, -120.8291),
    ]


def test_values_that_may_be_either_are_decided_by_land_and_sea_or_asked_for() -> None:
    table = f"a,b,c\n51.0375,-2.8290,{TIME}\n"

    assert reasons(table) == ["no usable place: there is none"]
    assert reasons(table, is_at_sea=lambda *, lat, lon: lat < 0) == [""]


def test_sheet_of_eastings_and_northings_is_refused_with_the_likely_system_and_read_when_it_is_named() -> None:
    table = f"easting,northing,time\n341987,126763,{TIME}\n"

    (reason,) = reasons(table)
    assert "if you know that it is EPSG:27700" in reason and "--crs" in reason
    assert "project other grids (Irish, UTM, ...) to EPSG:4326 first" in reason and READ in reason
    assert place(table, crs="EPSG:27700") == pytest.approx((51.03727, -2.82877), abs=1e-4)
    assert place(f"BNG_Easting,BNG_Northing,time\n341987,126763,{TIME}") == pytest.approx(
        (51.03727, -2.82877), abs=1e-4
    )


@pytest.mark.parametrize(
    ("crs", "x", "y", "lat", "lon"),
    [
        ("EPSG:3857", -314_922.58, 6_628_995.0, 51.04352, -2.82900),
        ("urn:ogc:def:crs:EPSG::900913", 20_037_508.34, 0.0, 0.0, 180.0),
        ("EPSG:27700", 651_409.903, 313_177.270, 52.65800, 1.71607),  # Ordnance Survey's guide, annex: Caister
    ],
)
def test_projected_systems_come_to_the_published_places(crs: str, x: float, y: float, lat: float, lon: float) -> None:
    convert = converter_of(crs)

    assert convert
    assert convert(x, y) == pytest.approx((lon, lat), abs=6e-5)


def test_national_grid_agrees_with_a_list_of_postcode_areas(shared_data: Path) -> None:
    convert = converter_of("EPSG:27700")
    assert convert
    with (shared_data / "gazetteer" / "uk-outward-postcodes.csv").open(newline="", encoding="utf-8") as file:
        lines = [line for line in csv.DictReader(file) if line["eastings"] not in ("", "0")]
    away_km = []
    for line in lines:
        try:
            lon, lat = convert(float(line["eastings"]), float(line["northings"]))
        except UnreadableTime:
            continue  # Northern Ireland has a grid of its own
        away_km.append(distance_km(lat=lat, lon=lon, to_lat=float(line["latitude"]), to_lon=float(line["longitude"])))

    assert len(away_km) > 2000
    assert sorted(away_km)[len(away_km) * 9 // 10] < 0.15  # the list rounds to 0.001 degrees and 100 m


@pytest.mark.parametrize(("x", "y"), [(0, 0), (530047, 0), (0, 180422)])
def test_zero_of_the_national_grid_is_no_place(x: int, y: int) -> None:
    assert "stands for no place" in reasons(f"bng_easting,bng_northing,date\n{x},{y},2024-01-01\n")[0]
    point = {"type": "Point", "coordinates": [x, y]}
    feature = {"type": "Feature", "properties": {"date": "2020-02-18"}, "geometry": point}
    (row,) = importing.read(json.dumps(feature).encode(), crs="EPSG:27700").rows
    assert isinstance(row, RefusedRow) and "stands for no place" in row.reason


def test_geojson_in_a_system_that_is_read_is_converted_and_another_one_is_refused_with_its_name() -> None:
    point = {"type": "Point", "coordinates": [341987, 126763]}
    feature = {"type": "Feature", "properties": {"date": "2020-02-18"}, "geometry": point}
    for last in (False, True):  # the member may stand behind the features
        crs = {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::27700"}}}
        document = {"type": "FeatureCollection", "features": [feature]} | (crs if last else {})
        document = document if last else crs | document
        (row,) = importing.read(json.dumps(document).encode()).rows
        assert isinstance(row, Row)
        assert dist((row.lat, row.lon), (51.03727, -2.82877)) < 1e-4
    document["crs"]["properties"]["name"] = "EPSG:29902"  # type: ignore[index]
    with pytest.raises(Unreadable, match=r"EPSG:29902.*ogr2ogr"):
        importing.read(json.dumps(document).encode())


def test_geometry_in_metres_without_a_named_system_is_refused_with_the_likely_one() -> None:
    polygon = {"type": "Polygon", "coordinates": [[[341987, 126763], [341990, 126763], [341990, 126770]]]}
    feature = {"type": "Feature", "properties": {"date": "2020-02-18"}, "geometry": polygon}
    (row,) = importing.read(json.dumps(feature).encode()).rows

    assert isinstance(row, RefusedRow)
    assert "EPSG:27700 (British National Grid)" in row.reason
    (row,) = importing.read(json.dumps(feature).encode(), crs="EPSG:27700").rows
    assert isinstance(row, Row)


def test_geometry_in_a_cell_is_read_in_the_system_that_it_names() -> None:
    table = "geom,time\nSRID={};POINT (341987 126763)," + TIME

    assert place(table.format(27700)) == pytest.approx((51.03727, -2.82877), abs=1e-4)
    assert "EPSG:29902" in reasons(table.format(29902))[0]


def test_row_outside_the_files_other_places_and_swapped_among_them_is_refused() -> None:
    right = "".join(f"13.{number:03d},80.2,{TIME}\n" for number in range(20))
    found = reasons(f"lat,lon,time\n{right}80.21,13.05,{TIME}\n14.5,79.9,{TIME}\n-33.9,18.4,{TIME}\n")

    assert found == [""] * 20 + [f"no usable place: at 80.21, 13.05 {OUTSIDE}", "", ""]  # elsewhere alone is no reason


def test_easting_and_northing_that_are_swapped_are_refused_by_the_place_that_they_stand_for() -> None:
    right = "".join(f"53{number}047,18{number}422,{TIME}\n" for number in range(4))
    found = reasons(f"easting_27700,northing_27700,time\n180422,530047,{TIME}\n{right}325000,673000,{TIME}\n")

    assert "easting and northing look swapped" in found[0]
    assert found[1:] == [""] * 5  # Edinburgh alone is no reason


def test_row_in_the_sea_and_swapped_on_land_is_refused_where_the_rest_is_on_land() -> None:
    def is_at_sea(*, lat: float, lon: float) -> bool:
        return lat < 0  # as if all the south were water

    right = f"40.1,12.1,{TIME}\n41.2,-3.5,{TIME}\n" * 3
    everywhere = "".join(f"{lat}.5,{lon}.5,{TIME}\n" for lat in range(-60, 60, 4) for lon in range(-60, 60, 4))

    assert reasons(f"lat,lon,time\n{right}-3.6,41.1,{TIME}\n", is_at_sea=is_at_sea)[-1].endswith((IN_SEA, OUTSIDE))
    assert not any(reasons(f"lat,lon,time\n{everywhere}", is_at_sea=is_at_sea))  # the world has such places by chance


def test_file_that_is_swapped_as_a_whole_is_refused() -> None:
    table = "lat,lon,time\n" + f"-2.85,51.05,{TIME}\n" * 3

    assert reasons(table, is_at_sea=lambda *, lat, lon: lat < 0) == [f"no usable place: at -2.85, 51.05 {IN_SEA}"] * 3
