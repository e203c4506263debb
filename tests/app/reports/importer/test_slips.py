"""Places that a slip has moved: a minus that is lost, a number that is missing, a side that only the header says."""

import re

import pytest

from app.reports.importer.row import RefusedRow, Row
from app.reports.importer.swapped import NO_NUMBER, NO_SIGN
from tests.importing import read

TIME = "2024-06-03T10:00:00Z"
HOUSTON = "".join(f"29.{number},-95.{number},{TIME}\n" for number in range(10, 20))


def reasons(rows: str, header: str = "lat,lon,time") -> list[str]:
    """Return for each row why it is refused, "" for a row that is taken."""
    found = read(f"{header}\n{rows}".encode()).rows
    said = [row.reason.removeprefix("no usable place: ") if isinstance(row, RefusedRow) else "" for row in found]
    return [re.sub(r"^at \S+, \S+ ", "", reason) for reason in said]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        *(("29.8,95.4", NO_SIGN), ("-29.8,-95.4", NO_SIGN), ("-29.8,95.4", NO_SIGN)),
        *(("29.8,0", NO_NUMBER), ("0,-95.4", NO_NUMBER), ("30.9,-96.2", ""), ("40.7,-74", "")),
    ],
)
def test_place_that_a_slip_has_moved_away_from_the_others_is_refused(place: str, reason: str) -> None:
    assert reasons(f"{HOUSTON}{place},{TIME}\n")[-1] == reason
    assert not any(reasons(f"{HOUSTON}{place},{TIME}\n")[:-1])


def test_both_sides_of_the_date_line_greenwich_and_equator_are_places() -> None:
    fiji = "".join(f"-17.{number},178.{number},{TIME}\n" for number in range(10, 20))
    london = "".join(f"51.{number},-0.{number},{TIME}\n" for number in range(10, 20))
    kampala = "".join(f"0.{number},32.{number},{TIME}\n" for number in range(10, 20))
    rows = (fiji + f"-17.2,-178.8,{TIME}\n", london + f"51.5,0,{TIME}\n", kampala + f"0,32.5,{TIME}\n")

    assert not any(reason for each in rows for reason in reasons(each))


def test_places_all_over_the_world_are_no_slips() -> None:
    places = "51.5,-0.1 29.7,-95.3 -33.8,151.2 35.6,139.7 -34.9,138.6 34.9,138.6 6.5,3.4 0,32.5 -23.5,-46.6".split()

    assert not any(reasons("".join(f"{place},{TIME}\n" for place in places)))


@pytest.mark.parametrize("header", ["lat,longitude_west,time", "lat,Longitude (W),time", "lat,lon w longitude,time"])
def test_number_without_a_minus_under_a_column_of_the_west_is_asked_about(header: str) -> None:
    said = reasons(f"29.7,95.3,{TIME}\n29.7,-95.3,{TIME}\n29.7,95.3 W,{TIME}\n", header)

    assert said[0].endswith("write -95.3, or 95.3 W")
    assert said[1:] == ["", ""]


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("latitude,lat_dir,longitude,lon_dir", "51.5075,N,0.125,W"),
        ("lat,NS,lon,EW", "51.5075,n,0.125,west"),
        ("lat_deg,lat_min,lat_sec,NS,long_deg,long_min,long_sec,EW", "51,30,27,N,0,7,30,W"),
        ("Latitude Degrees,Latitude Minutes,Longitude Degrees,Longitude Minutes", "51,30.45,-0,7.5"),
    ],
)
def test_degrees_in_several_columns_are_read_as_one_place(header: str, cells: str) -> None:
    (row,) = read(f"{header},time\n{cells},{TIME}\n".encode()).rows

    assert isinstance(row, Row), row
    assert (row.lat, row.lon) == (pytest.approx(51.5075), pytest.approx(-0.125))


def test_columns_that_are_mapped_go_before_parts() -> None:
    table = f"lat_deg,lat_min,lon_deg,lon_min,y,x,time\n51,30,0,7,52.5,1.5,{TIME}\n"
    (row,) = read(table.encode(), columns={"lat": "y", "lon": "x"}).rows

    assert isinstance(row, Row) and (row.lat, row.lon) == (52.5, 1.5)


def test_metres_whose_columns_name_their_system_or_unit_are_no_unknown_columns() -> None:
    (row,) = read(f"x_web_mercator,y_web_mercator,time\n-14204,6711544,{TIME}\n".encode()).rows

    assert isinstance(row, Row) and row.lat == pytest.approx(51.5074, abs=1e-3)
    assert "EPSG:27700" in reasons(f"530047,180381,{TIME}\n", "Easting (m),Northing (m),time")[0]


def test_filler_is_no_place_and_no_grid() -> None:
    assert reasons(f"-999,-999,{TIME}\n") == ["-999, -999 stands for no place"]
