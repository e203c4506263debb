"""Ids, times and values of imported reports."""

import json
from pathlib import Path
from typing import Any

import pytest

from app.core import clock
from app.core.config import settings
from app.reports.importer.load import ImportTerms
from app.reports.importer.row import ImportOptions
from tests.importing import ImportedFile, import_file

SAMPLES = Path(__file__).parents[3] / "samples" / "reports"
HOUR_MS = clock.HOUR_MS
TABLE = "id,lat,lon,time,title,severity,depth_cm,radius_m\n"
PLAIN = ImportTerms()


def taken(text: str, terms: ImportTerms = PLAIN, **columns: str) -> ImportedFile:
    return import_file(text.encode(), "geojson" if text.startswith("[") else "csv", ImportOptions(columns), terms)


def ids(text: str, terms: ImportTerms = PLAIN, **columns: str) -> list[str]:
    return [report.id for report in taken(text, terms, **columns).reports]


def row(own_id: Any = 1, *, time: str = "2020-02-18T12:00:00Z", **said: Any) -> str:
    values = {"title": "Wet", "severity": "", "depth_cm": "", "radius_m": ""} | said
    return f"{own_id},53.4,-1.5,{time},{','.join(str(value) for value in values.values())}\n"


def feature(**properties: Any) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [-1.5, 53.4]}
    return {"type": "Feature", "properties": {"date": "2020-02-18", **properties}, "geometry": point}


def test_id_follows_the_rows_own_id_and_nothing_else_it_says() -> None:
    assert ids(TABLE + row(title="Wet")) == ids(TABLE + row(title="Wetter", time="2021-01-01"))
    assert ids(TABLE + row(1)) != ids(TABLE + row(2))


def test_row_without_an_id_is_known_by_all_that_it_says_however_it_is_written() -> None:
    same = json.dumps([feature(text="wet", n=1), feature(n=1.0, text=" wet ")])
    other = json.dumps([feature(text="wet", n=2)])

    assert len(set(ids(same))) == 1
    assert ids(same) != ids(other)


def test_second_row_of_an_id_has_the_id_of_the_first() -> None:
    one, other = ids(TABLE + row(title="First") + row(title="Second"))

    assert one == other


def test_two_tables_that_number_their_rows_from_1_stay_apart() -> None:
    one = ids("id,lat,lon,date\n1,2,3,2020-02-18")
    other = ids("id,latitude,longitude,seen_date\n1,2,3,2020-02-18")

    assert one != other


def test_named_source_keeps_apart_what_is_spelled_alike_and_joins_what_is_not() -> None:
    one, other = ImportTerms(source="Sheffield"), ImportTerms(source="Leeds")

    assert ids(TABLE + row(), one) != ids(TABLE + row(), other)
    assert ids(TABLE + row(), one) == ids("id,lat,lon,date\n1,2,3,2020-02-18", one)


def test_order_of_columns_does_not_count() -> None:
    assert ids("id,lat,lon,date\n1,2,3,2020-02-18") == ids("date,lon,lat,id\n2020-02-18,3,2,1")


def test_own_id_and_content_of_the_same_spelling_are_not_the_same() -> None:
    content_id = ids("lat,lon,date\n2,3,2020-02-18")
    content = '{"columns":{"date":"2020-02-18","lat":"2","lon":"3"},"geometry":null}'

    assert ids(json.dumps([feature(id=content)]), ImportTerms(source="csv")) != content_id


@pytest.mark.parametrize(
    ("said", "severity", "depth_cm"),
    [
        ({}, "unknown", None),
        ({"severity": "Severe"}, "severe", None),
        ({"severity": "4"}, "unknown", None),
        ({"depth_cm": 9.9}, "minor", 9.9),
        ({"depth_cm": 10}, "moderate", 10),
        ({"depth_cm": 70}, "moderate", 70),
        ({"depth_cm": 71}, "severe", 71),
        ({"depth_cm": 150}, "severe", 150),
        ({"depth_cm": 151}, "extreme", 151),
        ({"severity": "minor", "depth_cm": 151}, "minor", 151),
        ({"depth_cm": -5}, "unknown", None),
        ({"depth_cm": 99999}, "unknown", None),
    ],
)
def test_severity_is_the_rows_own_word_else_its_depths_else_unknown(
    said: dict[str, Any], severity: str, depth_cm: float | None
) -> None:
    (report,) = taken(TABLE + row(**said)).reports

    assert (report.severity, report.depth_cm) == (severity, depth_cm)


def test_values_that_no_report_may_have_are_left_out_and_counted() -> None:
    found = taken(TABLE + row(1, severity="4", depth_cm=-5) + row(2, severity="5", radius_m=0))

    assert found.left_out == {"depth": 1, "severity": 2, "radius": 1}
    assert [report.radius_m for report in found.reports] == [50, 50]


def test_imports_are_history_by_default_and_active_for_as_long_as_asked() -> None:
    (report,) = taken(TABLE + row()).reports
    (active,) = taken(TABLE + row(), ImportTerms(active_hours=3)).reports

    assert report.expires_at_ms - report.observed_at_ms == settings().report_life_hours * HOUR_MS
    assert active.expires_at_ms - active.observed_at_ms == 3 * HOUR_MS


def test_shift_moves_all_times_by_one_constant_and_the_newest_to_now() -> None:
    rows = row(1, time="2020-02-18T12:00:00Z") + row(2, time="2020-02-18T15:00:00Z")
    before = clock.now_ms()
    older, newest = taken(TABLE + rows, ImportTerms(is_shifted=True)).reports

    assert before <= newest.observed_at_ms <= clock.now_ms()
    assert newest.observed_at_ms - older.observed_at_ms == 3 * HOUR_MS
    assert newest.expires_at_ms - newest.observed_at_ms == settings().report_life_hours * HOUR_MS


def test_shift_does_not_change_the_ids() -> None:
    assert ids(TABLE + row(), ImportTerms(is_shifted=True)) == ids(TABLE + row())


def test_time_that_is_still_to_come_is_refused_unless_it_is_shifted() -> None:
    future = TABLE + row(time="2999-01-01")

    assert "still to come" in taken(future).refused[0].reason
    assert len(taken(future, ImportTerms(is_shifted=True)).reports) == 1


def test_shift_that_would_leave_the_calendar_refuses_the_row() -> None:
    found = taken(TABLE + row(1, time="1000-01-01") + row(2, time="9998-01-01"), ImportTerms(is_shifted=True))

    assert "out of range" in found.refused[0].reason
    assert len(found.reports) == 1


def test_petabencana_sample_comes_to_these_reports() -> None:
    found = import_file((SAMPLES / "petabencana.geojson").read_bytes(), "petabencana")

    assert [(report.severity, report.depth_cm) for report in found.reports] == [
        ("severe", 77),
        ("unknown", None),
        ("unknown", None),  # a negative depth
        ("extreme", 160),
        ("unknown", None),  # the same row as the second one
        ("moderate", 20),
    ]
    assert (len(found.refused), found.left_out) == (3, {"depth": 1})


@pytest.mark.parametrize("column", ["water_source", "Water Source", "flood_source", "source of flooding"])
def test_water_source_is_read_from_columns_that_mean_it(column: str) -> None:
    (report,) = taken(f"id,lat,lon,date,{column}\n1,53.4,-1.5,2020-02-18,River\n").reports

    assert report.words == {"water_source": "river"}


@pytest.mark.parametrize("column", ["source", "waterbody", "MainCause", "hwm_environment", "river"])
def test_other_columns_are_no_water_source_unless_somebody_says_so(column: str) -> None:
    table = f"id,lat,lon,date,{column}\n1,53.4,-1.5,2020-02-18,Coastal\n"

    assert taken(table).reports[0].words == {}
    assert taken(table, water_source=column).reports[0].words == {"water_source": "sea"}


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ("main river", "river"),
        ("Fluvial", "river"),
        ("Surface Water", "surface"),
        ("pluvial", "surface"),
        ("foul sewer", "sewer"),
        ("TIDAL", "sea"),
        ("ground-water", "groundwater"),
        ("not known", "unknown"),
        ("unknown", "unknown"),
    ],
)
def test_words_of_others_for_a_water_source_become_ours(theirs: str, ours: str) -> None:
    (report,) = taken(f"id,lat,lon,date,water_source\n1,53.4,-1.5,2020-02-18,{theirs}\n").reports

    assert report.words == {"water_source": ours}


def test_row_that_names_no_water_source_has_none_and_other_words_are_left_out_and_counted() -> None:
    rows = "".join(f"{n},53.4,-1.5,2020-02-18,{word}\n" for n, word in enumerate(["", " ", "heavy rain", "7"]))
    found = taken("id,lat,lon,date,water_source\n" + rows)

    assert [report.words for report in found.reports] == [{}] * 4
    assert found.left_out == {"water_source": 2}


def test_water_source_of_geojson_and_of_petabencana_when_it_is_mapped() -> None:
    (plain,) = taken(json.dumps([feature(water_source="sewer")])).reports
    flood = feature(pkey=1, created_at="2020-02-18T12:00:00", report_data={"from": "fluvial"})
    data, mapping = json.dumps([flood]).encode(), ImportOptions({"water_source": "report_data.from"})
    (theirs,) = import_file(data, "petabencana").reports
    (mapped,) = import_file(data, "petabencana", mapping).reports

    assert (plain.words, theirs.words, mapped.words) == ({"water_source": "sewer"}, {}, {"water_source": "river"})
