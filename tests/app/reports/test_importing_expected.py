"""Every file of reports and every case of imports that we have, and its counts, decided before it was tried."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import Result
from flask import Flask

Run = Callable[..., Result]


class Expected(NamedTuple):
    """Counts of one file when nothing but its name is given, or with some options."""

    file: str
    created: int
    refused: int = 0
    options: tuple[str, ...] = ()
    said: str = ""  # on stderr


GIVEN = ("--observed-at", "2017-11-23T12:00:00Z")
EXPECTED = (
    Expected("reports/petabencana-2017-02-20.geojson", 69),
    Expected("reports/petabencana-2017-02-22.geojson", 78),
    Expected("reports/petabencana-flooded-areas-2017-02-21T130000.geojson", 168),
    Expected("reports/uflood-chennai-2017-11-23.geojson", 187, 292, said="no usable time: there is none"),
    Expected("reports/uflood-chennai-2017-11-23.geojson", 479, options=GIVEN),
    Expected("reports/gdacs-floods-sample.csv", 398, 1, said="0,0 stands for no place"),
    Expected("reports/gfd-events-2000-2018-sample.csv", 100),
    Expected("reports/gfd-events-2000-2018-sample.csv", 98, 2, ("--map", "geometry=geometry"), "cut off"),
    Expected("reports/norfolk-flooded-streets-2010-2016-sample.csv", 300),
    Expected("reports/usgs-high-water-marks-louisiana-2016-sample.csv", 80),
    Expected("cases/31-null-island.csv", 1, 2, said="0,0 stands for no place"),
    Expected("cases/32-crs-27700.geojson", 1),
    Expected("cases/34-swapped.geojson", 0, 3, said="latitude and longitude look swapped"),
    Expected("cases/52-less-than.csv", 3),
    Expected("cases/centroid-x-y.csv", 2),
    Expected("cases/excel-serial-dates.csv", 2),
    Expected("cases/published-at.csv", 1),
    Expected("cases/streets-without-times.geojson", 0, 3, said="--observed-at TIME"),
    Expected("cases/streets-without-times.geojson", 3, options=GIVEN),
)


@pytest.fixture
def run(app: Flask, shared_data: Path, tmp_path: Path) -> Run:
    """`run("cases/x.csv", *options)` imports a copy of the file."""
    runner = app.test_cli_runner()

    def run_(name: str, *options: str) -> Result:
        copy = tmp_path / Path(name).name
        copy.write_bytes((shared_data / name).read_bytes())
        return runner.invoke(args=["import", str(copy), *options])

    return run_


def usable_and_refused(result: Result) -> tuple[int, int]:
    """Return the counts of a dry run's last line."""
    words = result.stdout.splitlines()[-1].replace(",", "").split()
    return int(words[3]), int(words[-2])


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda expected: " ".join((expected.file, *expected.options)))
def test_file_comes_to_what_was_decided_beforehand(run: Run, expected: Expected) -> None:
    result = run(expected.file, *expected.options, "--dry-run")

    assert usable_and_refused(result) == (expected.created, expected.refused), result.output
    assert expected.said in result.output
    assert result.exit_code == (0 if expected.created else 1)


def test_map_that_is_no_file_of_reports_ends_with_status_1_in_words(run: Run) -> None:
    for options in ((), ("--format", "kml"), ("--format", "geojson")):
        result = run("cases/areas-not-geojson.kml", *options)

        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith("Error: The file ")


def test_words_of_the_case_are_kept(run: Run, app: Flask) -> None:
    assert run("cases/52-less-than.csv").stdout.startswith("3 created")
    answer: Any = app.test_client().get("/v1/reports?since=2026-11-28T00:00:00Z&until=2026-11-29T00:00:00Z").json
    said = {
        item["title"]: app.test_client().get(f"/v1/reports/{item['id']}").json["description"]  # type: ignore[index]
        for item in answer["items"]
    }

    assert said == {
        "Water <30cm at the gate": "Depth <1m and rising; level a<b, river -> road <- field",
        "I <3 Langport": "x < y and y > z & more <Langport> text",
        "Smith & Sons": "5 < 6 – café\nnext line",
    }


def test_langport_in_metres_lies_where_langport_is(run: Run, app: Flask) -> None:
    run("cases/32-crs-27700.geojson")
    answer: Any = app.test_client().get("/v1/reports?since=2026-11-28T00:00:00Z&until=2026-11-29T00:00:00Z").json

    assert [item["location"] for item in answer["items"]] == [
        {"lat": pytest.approx(51.0373, abs=1e-4), "lon": pytest.approx(-2.8288, abs=1e-4)}
    ]
