"""Times of day that stand in a column of their own."""

from datetime import timedelta

import pytest

from app.core import clock
from app.reports.importer.row import Row
from tests import importing


def times(header: str, *cells: str, offset: timedelta | None = None) -> tuple[list[str], str]:
    """Return the times of rows with these cells behind a place, and what is remarked."""
    lines = "".join(f"51.05,-2.85,{cell}\n" for cell in cells)
    found = importing.read(f"lat,lon,{header}\n{lines}".encode(), "csv", utc_offset=offset)
    moments = [clock.rfc3339(row.observed_at_ms) if isinstance(row, Row) else row.reason for row in found.rows]
    return moments, " ".join(found.remarks)


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        *((names, "2024-05-01,14:30") for names in ("fecha,hora", "Datum,Uhrzeit", "date,heure", "tanggal,jam")),
        *((names, "2024-05-01,14:30") for names in ("data,ora", "data,hora", "Date Reported,Time Reported")),
        *((names, "2024-05-01,14:30") for names in ("incident_date,incident_time", "Time,Date Reported", "date,Time")),
        *(("date,time", f"2024-05-01,{time}") for time in ("14.30", "1430", "14:30 UTC", "14h30", "2:30 PM", "14:30Z")),
        ("date,time", "2024-05-01T00:00:00,14:30:00"),
        ("date,time", "45413,14:30"),
        ("date,time", "20240501,14:30"),
    ],
)
def test_day_and_time_of_day_are_joined(header: str, cells: str) -> None:
    if header.startswith("Time"):
        cells = ",".join(reversed(cells.split(",")))

    assert times(header, cells) == (["2024-05-01T14:30:00Z"], "")


def test_part_of_a_day_is_joined_with_a_spreadsheets_day() -> None:
    assert times("date,time", "45413,0.5", "45414,0.75")[0] == ["2024-05-01T12:00:00Z", "2024-05-02T18:00:00Z"]


def test_time_of_day_in_local_time_is_joined() -> None:
    assert times("date,time", "2024-05-01,14:30", offset=timedelta(hours=7)) == (["2024-05-01T07:30:00Z"], "")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("date,hour", "2024-05-01,15"),
        ("date,time", "2024-05-01,14:75"),
        ("date,time", "2024-05-01,noon"),
        ("date,response_time", "2024-05-01,0:15"),
        ("incident_date,report_time", "2024-05-01,14:30"),
    ],
)
def test_time_of_day_that_is_not_joined_is_remarked(header: str, cells: str) -> None:
    moments, remarks = times(header, cells)

    assert moments == ["2024-05-01T00:00:00Z"]
    assert f"times of day in the column {header.split(',')[1]} are not used in 1 rows" in remarks


@pytest.mark.parametrize(
    "cells",
    [
        "2024-05-01,",
        "2024-05-01,00:00",
        "2024-05-01,12:00 AM",
        "2024-05-01,24:00",
        "2024-05-01T10:00,14:30",
        "2024-05-01,2024-05-01",
    ],
)
def test_nothing_is_remarked_where_nothing_is_lost(cells: str) -> None:
    assert times("date,time", cells)[1] == ""
