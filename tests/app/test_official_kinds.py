"""Lawful messages of every kind, taken in from files as a person does it, and read over HTTP."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

SAMPLES = Path(__file__).parents[1] / "samples" / "official"
Show = Callable[[Path], dict[str, Any]]


@pytest.fixture
def show(app: Flask, client: FlaskClient) -> Show:
    """Take a file of CAP in, and say what the API shows of it, by identifier."""

    def shown(file: Path) -> dict[str, Any]:
        result = app.test_cli_runner().invoke(args=["ingest", "--source", "cap", "--file", str(file), "--shift-to-now"])
        assert result.exit_code == 0, result.output
        items = client.get("/v1/warnings?limit=100").json["items"]
        return {item["source_id"].partition(",")[2]: item for item in items}

    return shown


def sample(name: str) -> Path:
    return SAMPLES / f"{name}.cap.xml"


def test_fire_gas_heat_and_a_missing_child_are_no_floods(show: Show, shared_data: Path, client: FlaskClient) -> None:
    assert show(shared_data / "cases" / "cap-not-floods.cap.xml") == {}
    assert b"wildfire" not in client.get("/v1/nearby?lat=51.05&lon=-2.85&radius_km=50").data


def test_of_all_hazards_the_floods_are_shown(show: Show) -> None:
    in_force = {one for one, item in show(sample("hazards")).items() if item["in_force"]}

    assert in_force == {f"flood-by-{means}" for means in ("code", "camel-code", "type", "word", "headline")}


def test_what_is_not_for_the_public_is_not_shown_and_ends_nothing(show: Show) -> None:
    shown = show(sample("not-public"))

    assert {one: item["in_force"] for one, item in shown.items()} == {"real": True, "drill": True, "river-test": True}
    assert shown["drill"]["headline"].startswith("TEST: ")


def test_green_past_and_all_clear_are_not_in_force_and_a_first_word_of_what_is_past_is(show: Show) -> None:
    in_force = {one for one, item in show(sample("ends")).items() if item["in_force"]}

    assert in_force == {"past-first", "past-first-until", "yellow"}


def test_outline_off_the_globe_is_told_as_what_it_is(show: Show) -> None:
    shown = show(sample("outlines"))
    reasons = {one: item["geometry_reason"] for one, item in shown.items() if item["geometry_status"] == "none"}

    assert reasons["swapped"].startswith("its outline is not on the globe")
    assert reasons["words"] == "its outline cannot be used: it is not made of numbers"
    assert reasons["nothing"] == "the message draws no area and names none"
    assert {one for one, item in shown.items() if item["geometry_status"] == "exact"} == {
        *("brackets", "rings", "pairs", "half", "circle", "far-east-circle"),
    }


@pytest.mark.parametrize("path", ["/v1/warnings", "/v1/warnings.geojson", "/v1/warnings.csv", "/warnings"])
def test_no_way_out_shows_markup_or_what_reorders_text(show: Show, client: FlaskClient, path: str) -> None:
    show(sample("texts"))
    body = client.get(path).get_data(as_text=True)

    unwanted = ("<script>alert(1)", "\u202e", "\u200b", "\\u202e", "&amp;amp;", "<b>RED")
    assert "landslide" in body
    assert [part for part in unwanted if part in body] == []
