"""The refused rows of an import, and what a dry run shows."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from app.cli import import_command

Run = Callable[..., Result]
GOOD = "1,53.4,-1.5,2020-02-18,Good\n"
BAD = '2,0,0,2020-02-18,Null\n3,53.4,-1.5,,"=SUM(A1), ""quoted"""\n4,-53.4,,2020-02-18,Half\n'
HEAD = "id,lat,lon,date,title\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "reports.csv"
    path.write_text(HEAD + GOOD + BAD)
    return path


@pytest.fixture
def run(app: Flask) -> Run:
    runner = app.test_cli_runner()
    return lambda file, *options: runner.invoke(args=["import", str(file), *options])


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def test_every_refused_row_is_in_a_csv_beside_the_input_with_its_reason(run: Run, file: Path) -> None:
    assert run(file).stdout == "1 created, 0 already there, 0 repeated in the file, 3 refused.\n"
    null, timeless, half = lines_of(file.with_name("reports.refused.csv"))

    assert (null["refused_row"], null["refused_id"]) == ("row 2 (line 3)", "2")
    assert null["refused_reason"] == "no usable place: 0,0 stands for no place"
    assert timeless["refused_reason"] == "no usable time: there is none"
    assert timeless["title"] == '\'=SUM(A1), "quoted"'  # no formula in a spreadsheet
    assert (half["lat"], half["lon"], half["title"]) == ("-53.4", "", "Half")


def test_row_that_is_mended_in_that_csv_gets_the_id_that_it_has_in_its_own_file(run: Run, file: Path) -> None:
    run(file)
    refused = file.with_name("reports.refused.csv")
    refused.write_text(refused.read_text().replace("2,0,0,", "2,53.5,-1.5,"))
    assert run(refused).stdout.startswith("1 created")
    file.write_text(file.read_text().replace("2,0,0,", "2,53.5,-1.5,"))

    assert run(file).stdout.startswith("0 created, 2 already there")


def test_row_that_is_not_mended_in_that_csv_is_refused_again_though_its_others_are_away(run: Run, file: Path) -> None:
    houston = "".join(f"29.{number},-95.{number},2024-06-03,Flood\n" for number in range(10, 20))
    slips = "29.5,95.5,2024-06-03,Flood\n29.6,-95.6,2024-06-03,Lost shoe\n29.7,95.7,2024-06-03,Flood\n"
    file.write_text(f"lat,lon,date,category\n{houston}{slips}")
    assert "10 created, 0 already there, 0 repeated in the file, 3 refused." in run(file).stdout
    refused = file.with_name("reports.refused.csv")
    refused.write_text(refused.read_text().replace("29.7,95.7", "29.7,-95.7"))

    again = run(refused)

    assert "1 created, 0 already there, 0 repeated in the file, 2 refused." in again.stdout
    assert "at 29.5, 95.5 a minus looks lost" in again.stderr
    assert "its category is Lost shoe, which is not known as a flood" in again.stderr


def test_file_of_refused_rows_goes_when_none_is_refused_and_grows_when_a_run_goes_on(run: Run, file: Path) -> None:
    refused = file.with_name("reports.refused.csv")
    run(file)
    run(file, "--from-row", "4")
    assert [line["refused_id"] for line in lines_of(refused)] == ["2", "3", "4", "4"]
    file.write_text(HEAD + GOOD)
    run(file)
    assert not refused.exists()


def test_file_of_somebody_else_with_that_name_stays_when_no_row_is_refused(run: Run, file: Path) -> None:
    file.write_text(HEAD + GOOD)
    file.with_name("reports.refused.csv").write_text("mine")
    run(file)

    assert file.with_name("reports.refused.csv").read_text() == "mine"


def test_refused_rows_are_told_where_the_folder_cannot_be_written_to(run: Run, file: Path) -> None:
    file.with_name("reports.refused.csv").mkdir()
    result = run(file)

    assert result.stdout.endswith("3 refused.\n")
    assert "cannot be written" in result.stderr
    assert result.stderr.count("refused: row") == 3


def test_many_refused_rows_are_told_by_some_and_all_in_the_file(run: Run, file: Path) -> None:
    file.write_text(HEAD + GOOD + "".join(f"{number},0,0,2020-02-18,Null\n" for number in range(2, 200)))
    result = run(file)

    assert result.stderr.count("refused: row") == 50
    assert len(lines_of(file.with_name("reports.refused.csv"))) == 198


def test_dry_run_shows_columns_rows_and_refusals_and_stores_and_writes_nothing(run: Run, file: Path) -> None:
    result = run(file, "--dry-run")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "reports.csv: csv, utf-8; 4 rows",
        "Columns:",
        "  id            id",
        "  lat           lat",
        "  lon           lon",
        "  observed_at   date (without a zone UTC)",
        "  title         title",
        "First rows:",
        "  row 1 (line 2): 53.4, -1.5, 2020-02-18T00:00:00Z, 'Good'",
        "Would be refused: 3",
        "  row 2 (line 3): no usable place: 0,0 stands for no place",
        "  row 3 (line 4): no usable time: there is none",
        "  row 4 (line 5): no usable place: there is no longitude",
        "Nothing was stored. 1 rows can be used, 3 refused.",
    ]
    assert not file.with_name("reports.refused.csv").exists()
    assert run(file).stdout.startswith("1 created")


def test_question_that_no_one_answers_stops_before_anything_is_stored(run: Run, file: Path) -> None:
    file.write_text(HEAD + "1,53.4,-1.5,1/2/2020,\n")
    result = run(file)

    assert (result.exit_code, result.stdout) == (1, "")
    assert "Say --date-order dmy or --date-order mdy or --date-order ymd." in result.stderr
    preview = run(file, "--dry-run").stdout
    assert "date (day or month first? Say --date-order dmy, mdy or ymd; without a zone UTC)" in preview
    assert "1/2/2020" in preview
    assert run(file, "--date-order", "dmy").stdout.startswith("1 created")


def test_question_is_asked_on_a_terminal(run: Run, file: Path, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_command, "_is_answered_by_a_person", lambda: True)
    file.write_text(HEAD + "1,53.4,-1.5,1/2/2020,\n")
    result = app.test_cli_runner().invoke(args=["import", str(file)], input="maybe\ndmy\n")

    assert result.stdout.endswith("1 created, 0 already there, 0 repeated in the file, 0 refused.\n"), result.output
    listed = app.test_client().get("/v1/reports?since=2020-02-01T00:00:00Z&until=2020-02-02T00:00:00Z").get_json()
    assert len(listed["items"]) == 1


def test_time_of_a_whole_file_is_given(run: Run, file: Path, app: Flask) -> None:
    file.write_text("id,lat,lon\n1,53.4,-1.5\n")

    assert run(file).exit_code == 1
    assert run(file, "--observed-at", "2020-02-18 10:00", "--utc-offset", "+02:00").stdout.startswith("1 created")
    listed = app.test_client().get("/v1/reports?since=2020-02-18T00:00:00Z&until=2020-02-19T00:00:00Z").get_json()
    assert [item["observed_at"] for item in listed["items"]] == ["2020-02-18T08:00:00Z"]


@pytest.mark.parametrize(
    "option", [("--observed-at", "soon"), ("--observed-at", "2999-01-01"), ("--crs", "EPSG:2154"), ("--from-row", "0")]
)
def test_option_that_cannot_be_meant_is_told(run: Run, file: Path, option: tuple[str, str]) -> None:
    assert run(file, *option).exit_code == 2


def test_time_that_can_be_read_in_two_orders_is_refused_with_how_to_write_it(run: Run, file: Path) -> None:
    result = run(file, "--observed-at", "01/02/2024")

    assert result.exit_code == 2
    assert "Write it as 2026-11-30T18:00:00Z." in result.stderr


def test_cut_texts_are_told(run: Run, file: Path) -> None:
    file.write_text(f"{HEAD}1,53.4,-1.5,2020-02-18,{'x' * 200}\n")

    assert "note: title cut to 120 characters in 1 row (the first: row 1 (line 2))" in run(file).stderr


@pytest.mark.parametrize("options", [(), ("--dry-run",)])
def test_depths_that_are_no_number_are_told(run: Run, file: Path, options: tuple[str, ...]) -> None:
    file.write_text("id,lat,lon,date,depth\n1,53.4,-1.5,2020-02-18,20 cm\n2,53.4,-1.5,2020-02-18,30-40 cm\n")
    told = "note: depth left out of 1 row: not a value that a report may have (the first: row 2 (line 3))"

    assert told in run(file, *options).stderr


def test_file_that_is_cut_off_is_named_as_such_and_nothing_of_it_is_stored(run: Run, file: Path, app: Flask) -> None:
    whole = (Path(__file__).parents[2] / "samples" / "reports" / "petabencana.geojson").read_text(encoding="utf-8")
    said = set()
    for length in range(len(whole) // 3, len(whole.rstrip()) - 1, len(whole) // 7):
        file.write_text(whole[:length], encoding="utf-8")
        said.add((run(file).exit_code, run(file).stderr))

    assert said == {(1, "Error: The file ends in the middle: it is cut off. Fetch it again, whole.\n")}


def test_text_keeps_its_words(run: Run, file: Path, app: Flask) -> None:
    file.write_text('id,lat,lon,date,title,text\n1,53.4,-1.5,2020-02-18,I <3 Langport,"a<b, river -> road <- field"\n')
    run(file)
    (item,) = app.test_client().get("/v1/reports?since=2020-02-18T00:00:00Z&until=2020-02-19T00:00:00Z").json["items"]

    assert item["title"] == "I <3 Langport"
    said = app.test_client().get(f"/v1/reports/{item['id']}").json["description"]
    assert said == "a<b, river -> road <- field"
