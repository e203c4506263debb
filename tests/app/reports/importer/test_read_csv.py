"""Tables of all kinds."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import clock
from app.reports.importer.row import RefusedRow, Row, Unreadable
from tests import importing
from tests.importing import ReadResult

SAMPLES = Path(__file__).parents[3] / "samples" / "reports"
GOOD = "53.4,-1.5,2020-02-18T12:00:00Z"


def read(text: str, **columns: str) -> ReadResult:
    return importing.read(text.encode(), "csv", columns=columns)


def sample(name: str) -> ReadResult:
    return importing.read((SAMPLES / name).read_bytes(), "csv")


def rows_of(reading: ReadResult) -> list[Row]:
    return [row for row in reading.rows if isinstance(row, Row)]


def refused_of(reading: ReadResult) -> list[RefusedRow]:
    return [row for row in reading.rows if isinstance(row, RefusedRow)]


def times_of(reading: ReadResult) -> list[str]:
    return [clock.rfc3339(row.observed_at_ms) for row in rows_of(reading)]


def test_projected_columns_are_not_taken_for_degrees_nor_a_placeholder_for_the_time() -> None:
    first = rows_of(sample("streets.csv"))[0]

    assert (first.lat, first.lon, first.own_id) == (53.380521, -1.470112, "901")  # the id's name has a BOM inside
    assert clock.rfc3339(first.observed_at_ms) == "2019-11-07T07:32:47Z"
    assert first.title == "Mill Lane, by the weir"


def test_rows_without_time_or_place_are_told_with_row_line_and_id() -> None:
    refused = refused_of(sample("streets.csv"))

    assert [(row.where, row.own_id) for row in refused] == [("row 3 (line 4)", "903"), ("row 4 (line 5)", "904")]
    assert [row.reason for row in refused] == ["no usable time: there is none", "no usable place: there is none"]


def test_semicolons_decimal_commas_german_dates_and_windows_text_are_read() -> None:
    reading = sample("semicolons-windows-1252.csv")
    first, second = rows_of(reading)

    assert (first.lat, first.lon, first.depth_cm) == (53.380521, -1.470112, 35)
    assert first.description == "Überschwemmt;\nbis zur Tür"
    assert second.where == "row 2 (line 4)"
    assert times_of(reading) == ["2019-11-07T07:32:00Z", "2019-11-08T21:10:00Z"]


def test_utf_16_with_tabs_and_times_since_1970_are_read() -> None:
    reading = sample("utf-16-tabs.csv")

    assert [row.title for row in rows_of(reading)] == ["Mill Lane", "Wharf Street — 水"]
    assert len(set(times_of(reading))) == 1


def test_geometry_written_by_python_is_read_and_never_run() -> None:
    reading = sample("python-geometry.csv")
    (refused,) = refused_of(reading)

    assert [(row.lat, row.lon) for row in rows_of(reading)] == [(53.38, -1.47), (51, 1)]
    assert [row.own_id for row in rows_of(reading)] == ["FL-1", "FL-2"]
    assert "not a geometry" in refused.reason


def test_kml_polygons_give_a_place_inside_the_largest() -> None:
    reading = sample("kml-geometry.csv")

    assert [(row.lat, row.lon) for row in rows_of(reading)] == [(51, 1), (52, 12)]
    assert times_of(reading) == ["2000-02-18T00:00:00Z", "2000-03-04T00:00:00Z"]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_every_separator_is_found_though_others_stand_in_the_text(separator: str) -> None:
    cells = (
        ["lat", "lon", "date", "title"],
        ["53.4", "-1.5", "2020-02-18", '"a,b;c\td|e"'],
        ["1", "2", "2020-02-19", "x"],
    )
    (first, _) = rows_of(read("\n".join(separator.join(row) for row in cells)))

    assert first.title == "a,b;c d|e"


def test_separator_line_of_a_spreadsheet_is_obeyed() -> None:
    assert rows_of(read(f"sep=,\nlat,lon,time\n{GOOD}\n"))[0].where == "row 1 (line 3)"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_read(end: str) -> None:
    assert len(rows_of(read(f"lat,lon,time{end}{GOOD}{end}{end}{GOOD}"))) == 2


@pytest.mark.parametrize(
    "names", ["latitude,longitude", "Lat,LNG", "LATITUDE_DD,LONGITUDE_DD", "y,x", "GPS Lat,GPS Long"]
)
def test_places_are_found_under_their_usual_names(names: str) -> None:
    (row,) = rows_of(read(f"{names},time\n{GOOD}"))

    assert (row.lat, row.lon) == (53.4, -1.5)


@pytest.mark.parametrize("place", ["53.4N,1.5W", '"53,4","-1,5"', "+53.4 ,-1.5°"])
def test_places_are_read_as_people_write_them(place: str) -> None:
    (row,) = rows_of(read(f"lat,lon,time\n{place},2020-02-18"))

    assert (row.lat, row.lon) == (53.4, -1.5)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("106.8,-6.2", "swapped"),
        ("3481752,12129258", "not degrees"),
        ("N/A,5", "not a number"),
        ("nan,5", "not a number"),
        ("1e999,5", "finite"),
        (",5", "no latitude"),
        ("5,", "no longitude"),
        ("91,0", "not on the globe"),
    ],
)
def test_place_that_is_none_is_refused_with_its_reason(place: str, reason: str) -> None:
    (refused,) = refused_of(read(f"lat,lon,time\n{place},2020-02-18"))

    assert reason in refused.reason


def test_zero_zero_stands_for_no_place_but_the_equator_and_greenwich_are_places() -> None:
    reading = read("lat,lon,time\n0,0,2020-02-18\n0.0,-0.0,2020-02-18\n0,36.8,2020-02-18\n51.5,0,2020-02-18")

    assert [row.reason for row in refused_of(reading)] == ["no usable place: 0,0 stands for no place"] * 2
    assert len(rows_of(reading)) == 2


def test_day_and_month_are_told_by_the_whole_column() -> None:
    assert times_of(read("lat,lon,date\n1,2,1/2/2020\n1,2,18/2/2020"))[0] == "2020-02-01T00:00:00Z"
    assert times_of(read("lat,lon,date\n1,2,1/2/2020\n1,2,2/18/2020"))[0] == "2020-01-02T00:00:00Z"


def test_order_that_cannot_be_told_is_asked_for() -> None:
    question = "Is '1/2/2020' in the column date day/month/year or month/day/year?"

    assert read("lat,lon,date\n1,2,1/2/2020\n1,2,1/1/2020").questions == {"date_order": question}
    assert read("lat,lon,date\n1,2,1/1/2020\n1,2,5/5/2020").questions == {}  # the same day both ways


def test_order_is_taken_from_another_column_that_shows_it() -> None:
    reading = read("lat,lon,began,date\n1,2,1/2/2020,18/2/2020\n1,2,3/2/2020,19/2/2020")

    assert (reading.questions, times_of(reading)[0][:10]) == ({}, "2020-02-18")
    assert read("lat,lon,date,began\n1,2,1/2/2020,18/2/2020").questions == {}


def test_order_that_is_asked_for_is_obeyed_without_a_remark() -> None:
    reading = importing.read(b"lat,lon,date\n1,2,1/2/2020", "csv", day_first=True)

    assert (times_of(reading), reading.remarks) == (["2020-02-01T00:00:00Z"], [])


def test_time_of_day_in_a_column_of_its_own_is_joined_to_the_date() -> None:
    assert times_of(read("lat,lon,time,date\n1,2,7:32 PM,2/18/2020")) == ["2020-02-18T19:32:00Z"]


def test_second_best_time_is_taken_where_the_best_is_missing() -> None:
    assert times_of(read("lat,lon,created_at,date\n1,2,,2020-02-18")) == ["2020-02-18T00:00:00Z"]


def test_shared_id_of_an_event_is_not_the_rows_own() -> None:
    reading = read(f"event_id,hwm_id,lat,lon,time\n129,1,{GOOD}\n129,2,{GOOD}")

    assert [row.own_id for row in rows_of(reading)] == ["1", "2"]


def test_number_of_the_row_is_no_content() -> None:
    one, other = rows_of(read(f",lat,lon,time\n0,{GOOD}\n1,{GOOD}"))

    assert one.content == other.content


def test_row_with_too_many_cells_is_refused_and_one_with_too_few_is_kept_and_told() -> None:
    reading = read(f"lat,lon,time,title,text\n{GOOD},a,b,c\n{GOOD},a\n{GOOD},a,b,,\n")

    assert refused_of(reading)[0].reason == "it has 6 cells, but there are 5 columns"
    assert len(rows_of(reading)) == 2
    assert reading.remarks == [
        "1 rows have fewer cells than there are columns; the last ones count as empty (the first: row 2 (line 3))."
    ]


def test_quote_that_is_never_closed_costs_its_own_line_only() -> None:
    reading = read(f'lat,lon,time,title\n{GOOD},a\n{GOOD},"b\n{GOOD},c\n{GOOD},d 5" pipe\n')

    assert [row.title for row in rows_of(reading)] == ["a", "c", 'd 5" pipe']
    assert "not closed" in refused_of(reading)[0].reason


def test_each_of_many_open_quotes_costs_its_own_line_only() -> None:
    reading = read("lat,lon,time,title\n" + f'{GOOD},"b\n{GOOD},c\n' * 101)

    assert len(refused_of(reading)) == 101
    assert [row.title for row in rows_of(reading)] == ["c"] * 101


def test_depth_is_taken_in_the_unit_of_its_name() -> None:
    for name, depth in (("depth_cm", 50), ("Water Depth (m)", 5000), ("flood_depth_ft", 1524), ("depth_in", 127)):
        assert rows_of(read(f"lat,lon,time,{name}\n{GOOD},50"))[0].depth_cm == depth
    assert rows_of(read(f"lat,lon,time,depth\n{GOOD},50"))[0].depth_cm is None


def test_depth_that_is_no_number_is_left_out_and_the_row_kept() -> None:
    assert rows_of(read(f"lat,lon,time,depth_cm\n{GOOD},knee"))[0].left_out == ("depth",)


def test_mapped_columns_go_before_guesses() -> None:
    reading = read(f"lat,lon,time,seen,no\n{GOOD},2021-01-01,5", observed_at="seen", id="no")

    assert (times_of(reading), rows_of(reading)[0].own_id) == (["2021-01-01T00:00:00Z"], "5")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"),
        ("\n \n", "empty"),
        ('{"type": "Feature"}', "JSON"),
        ("<html>", "web page"),
        ("<a>", "XML"),
        ("PK\x03\x04", "zip"),
    ],
)
def test_what_is_no_table_is_told(text: str, reason: str) -> None:
    with pytest.raises(Unreadable, match=reason):
        read(text)


def test_columns_that_are_not_recognised_are_told_with_what_to_do() -> None:
    reading = read("a,b\n1,2")

    assert [remark.rpartition("say ")[2] for remark in reading.remarks] == [
        "--map observed_at=COLUMN, or --observed-at TIME for the whole file.",
        "--map lat=COLUMN --map lon=COLUMN.",
    ]


def test_mapping_to_a_column_that_is_not_there_is_told() -> None:
    with pytest.raises(Unreadable, match=r"lat=north.*There are: a, b"):
        read("a,b\n1,2", lat="north")


@given(st.text(alphabet='lat,on;\n"\t|15.-/ \0é', max_size=120), st.binary(max_size=200))
def test_any_table_is_rows_or_refusals(text: str, data: bytes) -> None:
    for made in (text.encode(), data, b"lat,lon,date,id\n" + text.encode(), b"lat,lon,geometry,date\n" + data):
        try:
            reading = importing.read(made, "csv")
        except Unreadable:
            continue
        assert all(row.reason for row in refused_of(reading))


@given(st.lists(st.text(max_size=20), min_size=1, max_size=20))
def test_no_row_is_lost_whatever_its_text(texts: list[str]) -> None:
    quoted = [text.replace('"', '""') for text in texts]
    reading = read("lat,lon,time,text\n" + "".join(f'{GOOD},"{text}"\n' for text in quoted).replace("\ud800", ""))

    assert len(reading.rows) == len(texts)


@pytest.mark.parametrize("separator", [",", ";"])
def test_title_above_the_header_is_named_and_not_taken_for_a_column(separator: str) -> None:
    for more, line in (("", 3), ("By the council\n", 4)):
        table = f"Flood survey 2024\n\n{more}lat,lon,date\n51.5,-0.1,2024-05-01\n".replace(",", separator)

        with pytest.raises(Unreadable, match=rf"'Flood survey 2024', looks like a title.* line {line}"):
            importing.read(table.encode(), "csv")


def test_texts_of_further_columns_are_left_out_and_counted() -> None:
    header = "lat,lon,time,title,location,description,comments\n"
    table = header + "51,0,2024-06-01,T,High Street,D,cars stuck\n51,0,2024-06-01,T,,D,D\n"
    first, second = (row for row in importing.read(table.encode(), "csv").rows if isinstance(row, Row))

    assert first.left_out == ("location (a report has one title)", "comments (a report has one description)")
    assert second.left_out == ()
