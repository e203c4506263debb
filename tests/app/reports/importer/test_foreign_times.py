"""Times as people of many countries and programs write them: months by name, zones, spans, and times that are none."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from app.core import clock
from app.reports.importer.row import Row
from tests import importing


def times(header: str, *cells: str, **options: Any) -> list[str]:
    """Return the times of rows with these cells behind a place, or why they are refused."""
    lines = "".join(f"51.05;-2.85;{cell}\n" for cell in cells)
    found = importing.read(f"lat;lon;{header}\n{lines}".encode(), "csv", **options)
    return [clock.rfc3339(row.observed_at_ms) if isinstance(row, Row) else row.reason for row in found.rows]


def remarks(header: str, *cells: str, **options: Any) -> str:
    lines = "".join(f"51.05;-2.85;{cell}\n" for cell in cells)
    return " ".join(importing.read(f"lat;lon;{header}\n{lines}".encode(), "csv", **options).remarks)


@pytest.mark.parametrize(
    "written",
    [
        *("29 de octubre de 2024", "29 octubre 2024", "29-oct.-2024", "martes, 29 de octubre del 2024", "29 oct. 24"),
        *("29. Oktober 2024", "Dienstag, 29. Okt. 2024", "29 octobre 2024", "mardi 29 octobre 2024", "29 ottobre 2024"),
        *("29 de outubro de 2024", "29-out-2024", "29 oktober 2024", "29 Oktober 2024", "29 października 2024"),
        *("29 tháng 10, 2024", "ngày 29 tháng 10 năm 2024", "2024年10月29日", "29 октября 2024", "Oct 29, 2024"),
    ],
)
def test_month_may_have_its_name_in_many_languages(written: str) -> None:
    assert times("date", written) == ["2024-10-29T00:00:00Z"]


@pytest.mark.parametrize(
    "written",
    [
        *("3. März 2024 14:30 Uhr", "3 mars 2024 à 14h30", "3 de marzo de 2024 14:30", "3 maret 2024 14.30"),
        *("3 de março de 2024 às 14:30", "2024-03-03 02:30 p. m.", "3/03/2024, 2:30\u202fPM", "2024年3月3日 14:30"),
    ],
)
def test_time_of_day_behind_a_named_month_is_read(written: str) -> None:
    assert times("date", written) == ["2024-03-03T14:30:00Z"]


def test_name_of_two_months_is_none() -> None:
    assert "not a time" in times("date", "3 listopada 2024")[0]


@pytest.mark.parametrize("cells", ["2024-05-01;2:30 p. m.", "2024-05-01;14h30", "1 mei 2024;14.30 uur"])
def test_times_of_day_of_many_countries_are_joined(cells: str) -> None:
    header = "datum;tijd" if "uur" in cells else "fecha;hora"

    assert times(header, cells.removesuffix(" uur")) == ["2024-05-01T14:30:00Z"]
    assert times("ngày;giờ", "01/05/2024;22h", day_first=True) == ["2024-05-01T22:00:00Z"]


def test_span_of_times_is_no_offset() -> None:
    assert times("date;time", "2024-05-01;10:00-12:00") == ["2024-05-01T00:00:00Z"]
    assert "column time are not used" in remarks("date;time", "2024-05-01;10:00-12:00")
    assert "can be from 10:00 to 12:00" in times("date", "2024-05-01 10:00-12:00")[0]
    assert times("date", "2024-05-01T10:00-12:00", "2024-05-01 10:00-05:00") == [
        "2024-05-01T22:00:00Z",
        "2024-05-01T15:00:00Z",
    ]
    assert times("date;time", "2024-05-01;10:30 +05:30") == ["2024-05-01T05:00:00Z"]


@pytest.mark.parametrize(
    ("zone", "time"),
    [
        *(
            ("America/Chicago", "2024-07-01T15:00:00Z"),
            ("-05:00", "2024-07-01T15:00:00Z"),
            ("CEST", "2024-07-01T08:00:00Z"),
        ),
        *(("UTC+7", "2024-07-01T03:00:00Z"), ("", "2024-07-01T10:00:00Z"), ("utc", "2024-07-01T10:00:00Z")),
    ],
)
def test_zone_in_a_column_counts_for_times_without_an_offset(zone: str, time: str) -> None:
    assert times("datetime;timezone", f"2024-07-01 10:00;{zone}", f"2024-07-01T10:00:00Z;{zone}") == [
        time,
        "2024-07-01T10:00:00Z",
    ]


def test_clocks_of_a_zone_change_with_the_season() -> None:
    assert times("date;hora;tz", "2024-01-10;10:00;Europe/Madrid", "2024-07-10;10:00;Europe/Madrid") == [
        "2024-01-10T09:00:00Z",
        "2024-07-10T08:00:00Z",
    ]


@pytest.mark.parametrize("zone", ["CST", "Central", "../etc/passwd", "Mars/Olympus"])
def test_zone_that_is_unknown_or_several_refuses_its_row(zone: str) -> None:
    assert f"its time zone {zone} is not known" in times("datetime;tz", f"2024-07-01 10:00;{zone}")[0]


def test_column_that_speaks_of_another_zone_is_told() -> None:
    assert "Datetime (CST) state no offset and are read as UTC" in remarks("Datetime (CST)", "2024-07-01 10:00")
    assert "local_time state no offset" in remarks("local_time", "2024-07-01 10:00")
    assert not remarks("local_time", "2024-07-01T10:00:00-05:00")
    assert not remarks("local_time", "2024-07-01 10:00", utc_offset=timedelta(hours=-5))
    assert times("local_time;utc_time", "2024-07-01 10:00;2024-07-01 15:00") == ["2024-07-01T15:00:00Z"]


@pytest.mark.parametrize("written", ["1970-01-01", "01/01/1970", "1970-01-01T00:00:00Z", "1970-01-01 00:00:01"])
def test_beginning_of_1970_stands_for_no_time(written: str) -> None:
    assert "stands for a time that is not known" in times("date", written)[0]
    assert "stands for a time that is not known" in times("date", written, utc_offset=timedelta(hours=7))[0]
    assert times("date", "1970-01-02") == ["1970-01-02T00:00:00Z"]


@pytest.mark.parametrize("written", ["1445-11-26", "1403/03/14"])
def test_year_of_another_calendar_is_refused(written: str) -> None:
    assert "looks like one of another calendar" in times("date", written)[0]
    assert times("date", "1607-01-30") == ["1607-01-30T00:00:00Z"]


def test_days_of_a_workbook_of_1904_are_read_from_its_own_beginning() -> None:
    book = Workbook()
    book.epoch = CALENDAR_MAC_1904
    assert book.active is not None
    book.active.append(["lat", "lon", "date"])
    book.active.append([51.5, -0.1, datetime(2024, 6, 3, 10, tzinfo=UTC).replace(tzinfo=None)])
    book.active.append([51.5, -0.1, 43984.5])
    data = BytesIO()
    book.save(data)
    rows = importing.read(data.getvalue()).rows

    assert [clock.rfc3339(row.observed_at_ms) for row in rows if isinstance(row, Row)] == [
        "2024-06-03T10:00:00Z",
        "2024-06-03T12:00:00Z",
    ]
