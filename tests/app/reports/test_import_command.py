"""`flask import`, as a person runs it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from click.testing import Result
from flask import Flask

from app.core import dynamodb
from app.reports.importer import storing
from app.reports.importer.row import ImportOptions
from tests.importing import import_file

SAMPLES = Path(__file__).parents[2] / "samples" / "reports"
Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, tmp_path: Path) -> Run:
    """`run("streets.csv", "csv", *options)` imports a copy of a sample, or any file by its path."""
    samples = shutil.copytree(SAMPLES, tmp_path / "samples")
    runner = app.test_cli_runner()
    return lambda file, format_, *options: runner.invoke(
        args=["import", str(samples / file), "--format", format_, "--patience", "0.2", *options]
    )


def test_every_refused_row_is_told_on_stderr_and_the_counts_on_stdout(run: Run, tmp_path: Path) -> None:
    result = run("streets.csv", "csv")

    assert result.exit_code == 0
    assert result.stdout == "2 created, 0 already there, 0 repeated in the file, 2 refused.\n"
    assert result.stderr.splitlines() == [
        "refused: row 3 (line 4), id 903: no usable time: there is none",
        "refused: row 4 (line 5), id 904: no usable place: there is none",
        f"note: the refused rows are in {tmp_path / 'samples' / 'streets.refused.csv'}, each with its reason",
    ]


def test_import_repeated_under_another_name_creates_nothing(run: Run, tmp_path: Path) -> None:
    copy = tmp_path / "renamed.txt"
    copy.write_bytes((SAMPLES / "petabencana.geojson").read_bytes())

    assert run("petabencana.geojson", "petabencana").stdout.startswith("5 created, 0 already there, 1 repeated")
    assert run(copy, "petabencana").stdout.startswith("0 created, 5 already there, 1 repeated")


def test_report_that_is_there_is_left_as_it_is(run: Run, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("id,lat,lon,date,title\n7,53.4,-1.5,2020-02-18,First\n")
    (report,) = import_file(file.read_bytes(), "csv").reports
    run(file, "csv")
    file.write_text("id,lat,lon,date,title\n7,53.4,-1.5,2020-02-18,Second\n")
    run(file, "csv")

    assert app.test_client().get(f"/v1/reports/{report.id}").get_json()["title"] == "First"


def test_same_ids_at_other_places_are_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("id,lat,lon,date\n7,53.4,-1.5,2020-02-18\n")
    run(file, "csv")
    file.write_text("id,lat,lon,date\n7,10,10,2020-02-18\n")

    assert "1 of those already there lie at another place" in run(file, "csv").stderr


def test_imported_report_is_whole_exact_and_history(run: Run, app: Flask) -> None:
    run("petabencana.geojson", "petabencana")
    (report, *_) = import_file((SAMPLES / "petabencana.geojson").read_bytes(), "petabencana").reports
    shown = app.test_client().get(f"/v1/reports/{report.id}").get_json()

    assert shown["location"] == {"lat": -6.27, "lon": 106.94}
    assert (shown["location_precision"], shown["severity"], shown["depth_cm"]) == ("exact", "severe", 77)
    assert shown["observed_at"] == shown["created_at"] == "2020-01-01T00:58:00Z"
    assert shown["expires_at"] == "2020-01-03T00:58:00Z"
    assert shown["description"] == "Water up to the knee here"


def test_shifted_and_active_reports_are_on_the_list_of_now(run: Run, app: Flask) -> None:
    run("streets.csv", "csv", "--shift-to-now", "--active-hours", "6")
    items = app.test_client().get("/v1/reports?lat=53.38&lon=-1.47&radius_km=5").get_json()["items"]

    assert [item["title"] for item in items] == ["Corner of Wharf Street & Dock Road", "Mill Lane, by the weir"]


def test_past_reports_are_not_on_the_list_of_now(run: Run, app: Flask) -> None:
    run("streets.csv", "csv")

    assert app.test_client().get("/v1/reports?lat=53.38&lon=-1.47&radius_km=5").get_json()["items"] == []


def test_columns_are_mapped_and_offsets_obeyed(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("north,east,seen,when\n53.4,-1.5,1/2/2020,2\n")
    wanted = ["--map", "lat=north", "--map", "lon=east", "--map", "observed_at=seen"]
    result = run(file, "csv", *wanted, "--utc-offset", "+07:00", "--date-order", "dmy")

    assert (result.stdout[:9], result.stderr) == ("1 created", "")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--map", "observed_at"], "FIELD=COLUMN"),
        (["--map", "colour=dt"], "Fields: id, lat"),
        (["--map", "id=a", "--map", "id=b"], "each field once"),
        (["--utc-offset", "Jakarta"], "not an offset"),
        (["--active-hours", "0"], "range"),
        (["--active-hours", "nan"], "not a valid integer"),
    ],
)
def test_wrong_option_is_told_and_nothing_is_done(run: Run, options: list[str], said: str) -> None:
    result = run("streets.csv", "csv", *options)

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("file", "format_", "said"),
    [
        ("streets.csv", "geojson", "The file is not JSON"),
        ("petabencana.geojson", "csv", "not a table"),
        ("absent.csv", "csv", "does not exist"),
    ],
)
def test_file_that_cannot_be_read_is_told_and_the_status_is_not_0(run: Run, file: str, format_: str, said: str) -> None:
    result = run(file, format_)

    assert result.exit_code != 0
    assert said in " ".join(result.stderr.split())


@pytest.mark.parametrize(
    ("data", "format_"),
    [
        (b"\xff\xfe\x00bad", "csv"),
        (b"lat,lon,date\r\n", "csv"),
        (b"lat,lon,date\n\n , ,\n", "csv"),
        (b'{"type": "FeatureCollection", "features": []}', "geojson"),
        (b'{"statusCode": 200, "result": {"type": "FeatureCollection", "features": []}}', "petabencana"),
        (b"[]", "geojson"),
    ],
)
def test_file_without_any_row_says_so_and_ends_with_status_1(
    run: Run, tmp_path: Path, data: bytes, format_: str
) -> None:
    file = tmp_path / "reports"
    file.write_bytes(data)
    result = run(file, format_)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "The file holds no row" in result.stderr


def test_file_without_a_known_time_or_place_says_once_how_to_name_them(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("a,b,c\n" + "53,-1,wet\n" * 3)
    lines = run(file, "csv").stderr.splitlines()

    assert lines[0].startswith("note:") and lines[0].endswith(
        "a, b, c. To name it, say --map observed_at=COLUMN, or --observed-at TIME for the whole file."
    )
    assert lines[1].startswith("note:") and lines[1].endswith("To name it, say --map lat=COLUMN --map lon=COLUMN.")
    assert [line.split(":")[0] for line in lines[2:]] == ["refused", "refused", "refused", "note", "Error"]


def test_file_without_any_usable_row_ends_with_status_1(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "reports.csv"
    file.write_text("lat,lon,date\n53.4,-1.5,\n")
    result = run(file, "csv")

    assert result.exit_code == 1
    assert result.stdout == "0 created, 0 already there, 0 repeated in the file, 1 refused.\n"


def test_database_that_fails_half_way_is_told_with_what_was_done_and_a_repeat_ends_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "AT_ONCE", 1)  # else any two of four are stored
    file = tmp_path / "reports.csv"
    file.write_text("lat,lon,date\n" + "".join(f"53.4,{number / 10},2020-02-18\n" for number in range(100)))
    writes = 0

    def fail_after_2(model: Any, **_: Any) -> None:
        nonlocal writes
        writes += model.name in ("PutItem", "TransactWriteItems")
        if writes > 2:
            raise EndpointConnectionError(endpoint_url="https://nowhere.invalid")

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", fail_after_2)
    broken = run(file, "csv")
    events.unregister("before-call.dynamodb", fail_after_2)

    assert broken.exit_code == 1
    assert broken.stdout.startswith("50 created")
    assert "of 100 rows, at row " in broken.stderr
    assert "Nothing is doubled" in broken.stderr
    assert run(file, "csv").stdout.startswith("50 created, 50 already there")


def test_nothing_is_shown_twice_or_redrawn_without_a_terminal(run: Run) -> None:
    assert "Storing" not in run("streets.csv", "csv").output


def test_water_source_is_imported_and_comes_back_from_what_lists_say(run: Run, app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "floods.csv"
    file.write_text("id,lat,lon,date,kind\n7,53.4,-1.5,2020-02-18,groundwater\n")
    result = run(file, "csv", "--map", "water_source=kind")
    client = app.test_client()

    assert result.stdout.startswith("1 created"), result.output
    (report,) = import_file(file.read_bytes(), "csv", ImportOptions({"water_source": "kind"})).reports
    assert client.get(f"/v1/reports/{report.id}").json["water_source"] == "groundwater"
    listed = tmp_path / "listed.csv"
    listed.write_text(client.get("/v1/reports.csv?since=2020-01-01T00:00:00Z").text, encoding="utf-8")
    assert [each.words for each in import_file(listed.read_bytes(), "csv").reports] == [{"water_source": "groundwater"}]
