"""When a row was seen, and how deep the water was."""

from typing import Any

import pytest

from app.core import clock
from app.core.parse_time import DateOrder
from app.reports.importer.row import RefusedRow, Row
from app.reports.importer.times import DatesSeen
from tests import importing

PLACE = "51.05,-2.85"


def read(table: str, **options: Any) -> importing.ReadResult:
    return importing.read(table.encode(), "csv", **options)


def times(table: str, **options: Any) -> list[str]:
    return [
        clock.rfc3339(row.observed_at_ms) if isinstance(row, Row) else row.reason for row in read(table, **options).rows
    ]


def depths(column: str, *cells: str, **options: Any) -> list[float | None]:
    lines = "".join(f"{PLACE},2020-02-18,{cell}\n" for cell in cells)
    rows = read(f"lat,lon,date,{column}\n{lines}", **options).rows
    return [row.depth_cm for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["1/2/2020", "2/18/2020"], DateOrder.MONTH_FIRST),
        (["1/2/2020", "18/2/2020"], DateOrder.DAY_FIRST),
        (["1/2/2020", "3-4-2020"], DateOrder.UNKNOWN),
        (["1/1/2020", "3-3-2020"], None),
        (["18/2/2020", "2/18/2020"], DateOrder.MIXED),
        (["2020-02-18", "18.2.2020", None, 5], None),
        (["24/01/15", "23/12/20"], DateOrder.UNKNOWN),
        (["24/01/15", "23/12/31"], DateOrder.YEAR_FIRST),
        (["24/01/15", "31/12/15"], DateOrder.DAY_FIRST),
        (["24/01/15", "18/02/2015"], DateOrder.DAY_FIRST),
        (["02/18/20", "03/04/20"], DateOrder.MONTH_FIRST),
    ],
)
def test_order_of_day_and_month_is_told_by_the_whole_column(column: list[Any], order: DateOrder | None) -> None:
    seen = DatesSeen()
    for value in column:
        seen.see(value)

    assert seen.order() is order


def test_year_in_front_with_two_digits_is_asked_for_and_obeyed() -> None:
    table = f"lat,lon,date\n{PLACE},24/01/15\n{PLACE},23/12/20"

    assert read(table).questions == {"date_order": "Is '24/01/15' in the column date day/month/year or year/month/day?"}
    assert times(table, is_year_first=True) == ["2024-01-15T00:00:00Z", "2023-12-20T00:00:00Z"]
    assert times(table, day_first=True) == ["2015-01-24T00:00:00Z", "2020-12-23T00:00:00Z"]


@pytest.mark.parametrize("name", ["published_at", "Fecha", "datum", "date_heure", "日時", "posted_on", "submitted"])
def test_columns_of_time_are_known_in_several_languages(name: str) -> None:
    assert times(f"lat,lon,{name}\n{PLACE},2020-02-18T10:00:00Z") == ["2020-02-18T10:00:00Z"]


def test_column_of_time_is_found_by_its_values() -> None:
    assert times(f"lat,lon,n,foo\n{PLACE},5,2020-02-18 10:00\n{PLACE},6,2020-02-19 10:00")[0] == "2020-02-18T10:00:00Z"
    assert "no usable time" in times(f"lat,lon,ended\n{PLACE},2020-02-18 10:00")[0]


def test_days_of_a_spreadsheet_are_read_and_other_numbers_are_not() -> None:
    assert times(f"lat,lon,date\n{PLACE},46346.4166\n{PLACE},46347.5\n{PLACE},46347")[:3] == [
        "2026-11-20T09:59:54Z",
        "2026-11-21T12:00:00Z",
        "2026-11-21T00:00:00Z",
    ]
    assert all("no usable time" in time for time in times(f"lat,lon,date\n{PLACE},2020\n{PLACE},463\n{PLACE},99999.5"))


def test_given_time_is_that_of_rows_that_state_none_and_of_no_others() -> None:
    given_ms = 1_582_020_000_000
    table = f"lat,lon,date\n{PLACE},\n{PLACE},2020-02-19\n{PLACE},soon\n"

    assert times(table, observed_at_ms=given_ms)[:2] == [clock.rfc3339(given_ms), "2020-02-19T00:00:00Z"]
    assert "'soon'" in times(table, observed_at_ms=given_ms)[2] or "soon" in times(table, observed_at_ms=given_ms)[2]
    assert times(f"lat,lon\n{PLACE}", observed_at_ms=given_ms) == [clock.rfc3339(given_ms)]


@pytest.mark.parametrize(
    ("column", "cell", "depth"),
    [
        ("depth,unit", "30,cm", 30),
        ("depth,unit", "2,ft", 61),
        ("Depth,Units", "1.2,Metres", 120),
        ("profundidad,unidad", "12,pulgadas", 30.5),
        ("depth", "30 cm", 30),
        ("water_depth", "1.5m", 150),
        ("depth", "18 inches", 45.7),
        ("depth_cm", "0.5 m", 50),
        ("depth_m", '"1,5"', 150),
        *((name, "30", 30) for name in ("wassertiefe_cm", "profundidad_cm", "profundidade_cm", "Tiefe (cm)")),
        *(("depth_meters", "1.2", 120), ("depth_inches", "12", 30.5), ("depth", "30 centímetros", 30)),
        *((name, "30", 30) for name in ("Hochwasserhöhe (cm)", "altezza_acqua_cm", "Tinggi genangan cm")),
        *(("depth (mm)", "300", 30), ("depth_mm", "300", 30), ("Depth of flooding (inches)", "6", 15.2)),
        *(("depth_ft", "1' 6''", 45.7), ("depth", "1 ft 6 in", 45.7), ("depth", "2'", 61), ("depth", "1′6″", 45.7)),
        ("depth", "30", None),
        ("depth,unit", "30,buckets", None),
        ("depth,unit", "30,", None),
        ("depth", "knee", None),
    ],
)
def test_depth_counts_with_its_unit_only(column: str, cell: str, depth: float | None) -> None:
    assert depths(column, cell) == [depth]


def test_depth_without_a_unit_is_told() -> None:
    (row,) = read(f"lat,lon,date,depth\n{PLACE},2020-02-18,30").rows

    assert isinstance(row, Row)
    assert row.left_out == ("depth",)
    (remark,) = read(f"lat,lon,date,depth\n{PLACE},2020-02-18,30").remarks
    assert remark.startswith("The depth is without a unit that is known in 1 rows")
    (remark,) = read(f"lat,lon,date,depth_yd\n{PLACE},2020-02-18,30").remarks
    assert remark == "The column depth_yd is not used: its unit is none of cm, m, ft, in, mm."


def test_thousand_or_one_is_asked_unless_the_column_shows_it() -> None:
    (question,) = read(f'lat,lon,date,depth_cm\n{PLACE},2020-02-18,"1,000"').questions.values()

    assert question == "Is the comma in 1,000 in the column depth_cm decimal, or does it part thousands?"
    assert depths("depth_cm", '"1,000"', '"2,5"') == [1, 2.5]
    assert depths("depth_cm", '"1,000"', "2.5") == [1000, 2.5]
    assert depths("depth_cm", '"1,000"', '"1,234,567"') == [1000, 1_234_567]
    assert depths("depth_cm", '"1,000"', is_comma_decimal=False) == [1000]
    assert depths("depth_cm", '"1,000"', is_comma_decimal=True) == [1]


def test_point_parts_thousands_where_the_comma_is_decimal() -> None:
    def read_depths(*cells: str, place: str = "51,05;-2,85") -> list[float | None]:
        lines = "".join(f"{place};2020-02-18;{cell}\n" for cell in cells)
        rows = read(f"lat;lon;date;depth_mm\n{lines}").rows
        return [row.depth_cm for row in rows if isinstance(row, Row)]

    assert read_depths("1.200", "300") == [120, 30]
    assert read_depths("1.200", "40,0", place="51.05;-2.85") == [120, 4]
    assert read_depths("1.200", "40.0") == [0.1, 4]
    assert read_depths("1.200", place="51.05;-2.85") == [0.1]
    assert read_depths("0.500") == [0.1]


@pytest.mark.parametrize("name", ["waterstand (cm)", "Water level (m)", "Pegel", "ketinggian (cm)", "gauge_height_ft"])
def test_level_is_no_depth_and_told(name: str) -> None:
    (remark,) = read(f"lat,lon,date,{name}\n{PLACE},2020-02-18,230").remarks

    assert depths(name, "230") == [None]
    assert remark.startswith(f"The column {name} is not used: a level may count from a gauge's zero or the sea.")


def test_text_that_is_cut_is_told_and_the_others_are_not() -> None:
    table = f"lat,lon,date,title,text\n{PLACE},2020-02-18,{'x' * 121},{'y' * 4001}\n{PLACE},2020-02-18,{'x' * 120},y\n"
    cut, whole = read(table).rows

    assert isinstance(cut, Row) and isinstance(whole, Row)
    assert (cut.cut, whole.cut) == (("title", "description"), ())
    assert not isinstance(cut, RefusedRow) and cut.title and len(cut.title) == 120


def test_column_that_is_named_like_a_time_and_never_gives_one_hides_no_other() -> None:
    assert times(f"lat,lon,hora,quan,descrição\n{PLACE},14:30,2020-02-18,rua")[0] == "2020-02-18T14:30:00Z"
    assert "no usable time" in times(f"lat,lon,hora,quan\n{PLACE},14:30,soon")[0]


def test_words_of_a_table_in_portuguese_are_known() -> None:
    table = f"lat,lon,data,profundidade,unidade,descrição\n{PLACE},2020-02-18,30,cm,rua alagada\n"
    (row,) = read(table).rows

    assert isinstance(row, Row)
    assert (row.depth_cm, row.description) == (30, "rua alagada")
