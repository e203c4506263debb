"""Every real file that we have: how many of its rows are stored, against an independent count of its own rows."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.factory import create_app
from app.reports.importer.row import ImportOptions
from tests.importing import ImportedFile, import_file


def take_file(folder: Path, name: str, format_: str, **columns: str) -> ImportedFile:
    return import_file((folder / "reports" / name).read_bytes(), format_, ImportOptions(columns))


def features(folder: Path, name: str) -> list[dict[str, Any]]:
    return list(json.loads((folder / "reports" / name).read_text())["features"])


def table(folder: Path, name: str) -> Iterator[dict[str, str]]:
    with (folder / "reports" / name).open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


@pytest.mark.parametrize(
    ("name", "format_", "stored", "refused"),
    [
        ("petabencana-2017-02-20.geojson", "petabencana", 69, 0),
        ("petabencana-2017-02-22.geojson", "petabencana", 78, 0),
        ("petabencana-2017-02-20.geojson", "geojson", 69, 0),
        ("petabencana-flooded-areas-2017-02-21T130000.geojson", "petabencana", 168, 0),
        ("petabencana-flooded-areas-2017-02-21T130000.geojson", "geojson", 168, 0),
        ("uflood-chennai-2017-11-23.geojson", "geojson", 187, 292),
        ("gdacs-floods-sample.csv", "csv", 398, 1),
        ("gfd-events-2000-2018-sample.csv", "csv", 100, 0),
        ("norfolk-flooded-streets-2010-2016-sample.csv", "csv", 300, 0),
        ("usgs-high-water-marks-louisiana-2016-sample.csv", "csv", 80, 0),
    ],
)
def test_rows_stored_and_refused(shared_data: Path, name: str, format_: str, stored: int, refused: int) -> None:
    found = take_file(shared_data, name, format_)
    rows = len(features(shared_data, name)) if name.endswith("json") else len(list(table(shared_data, name)))

    assert (len(found.reports), len(found.refused)) == (stored, refused)
    assert len({report.id for report in found.reports}) == stored
    assert rows == stored + refused


def test_uflood_refuses_exactly_the_streets_without_a_timestamp(shared_data: Path) -> None:
    found = take_file(shared_data, "uflood-chennai-2017-11-23.geojson", "geojson")
    streets = features(shared_data, "uflood-chennai-2017-11-23.geojson")

    assert [row.own_id for row in found.refused] == [
        each["id"] for each in streets if "timestamp" not in each["properties"]
    ]
    assert [report.observed_at_ms for report in found.reports] == [
        each["properties"]["timestamp"] for each in streets if "timestamp" in each["properties"]
    ]


def test_petabencana_depths_and_times_are_as_in_the_file(shared_data: Path) -> None:
    name = "petabencana-2017-02-22.geojson"
    depths = [(each["properties"]["report_data"] or {}).get("flood_depth") for each in features(shared_data, name)]
    found = take_file(shared_data, name, "petabencana").reports

    assert [report.depth_cm for report in found] == depths
    assert found[0].observed_at_ms == 1_487_744_493_640  # 13:21:33.64 at UTC+7
    assert [report.severity for report in found if report.depth_cm == 159] == ["extreme"]


def test_norfolk_places_and_times_are_those_of_its_right_columns(shared_data: Path) -> None:
    name = "norfolk-flooded-streets-2010-2016-sample.csv"
    found = take_file(shared_data, name, "csv").reports

    for report, line in zip(found, table(shared_data, name), strict=True):
        assert (report.lat, report.lon) == (float(line["lat"]), float(line["lon"]))
        assert (report.observed_at_ms // 1000) % 60 == int(float(line["dt"][-6:]))


def test_gdacs_places_are_those_of_its_python_dictionaries(shared_data: Path) -> None:
    found = take_file(shared_data, "gdacs-floods-sample.csv", "csv").reports
    lines = table(shared_data, "gdacs-floods-sample.csv")

    for report, line in zip(found, (line for line in lines if "[0.0, 0.0]" not in line["geometry"]), strict=True):
        assert f"[{report.lon}, {report.lat}]" in line["geometry"] or line["geometry"].count("[") > 1


def test_gfd_outlines_are_read_when_they_are_mapped_and_those_cut_off_are_told(shared_data: Path) -> None:
    found = take_file(shared_data, "gfd-events-2000-2018-sample.csv", "csv", geometry="geometry")

    whole = {
        line["ID"]
        for line in table(shared_data, "gfd-events-2000-2018-sample.csv")
        if "</LinearRing>" in line["geometry"]
    }

    assert len(found.reports) == len(whole) == 98
    assert [row.own_id for row in found.refused if "cut off" in row.reason] == ["1971", "2063"]


@pytest.fixture
def dynoxide_app(dynoxide: str) -> Flask:
    return create_app(TESTING=True)


def test_imported_reports_are_served_once_each_and_public(
    shared_data: Path, dynoxide_app: Flask, dynoxide_client: FlaskClient
) -> None:
    file = str(shared_data / "reports" / "petabencana-2017-02-20.geojson")
    first, second = (
        dynoxide_app.test_cli_runner().invoke(args=["import", file, "--format", "petabencana"]) for _ in range(2)
    )
    items, url = [], "/v1/reports?since=2017-02-19T00:00:00Z&until=2017-02-22T00:00:00Z&limit=50"
    while url:
        page = dynoxide_client.get(url).get_json()
        items += page["items"]
        url = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")

    assert first.stdout == "69 created, 0 already there, 0 repeated in the file, 0 refused.\n"
    assert second.stdout == "0 created, 69 already there, 0 repeated in the file, 0 refused.\n"
    assert len({item["id"] for item in items}) == len(items) == 69
    assert {item["location_precision"] for item in items} == {"exact"}
    assert all(item["created_at"] == item["observed_at"] for item in items)
