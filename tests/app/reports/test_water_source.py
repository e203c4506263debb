"""Origin of the water: accepted and returned by every interface, and never invented."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.severity import Severity
from app.pages.frame import wording
from app.reports.entry import WaterSource
from app.reports.importer.words import CHOICES
from app.reports.models import Report
from tests.factories import make_report, tell_consumer
from tests.reporting import DOOR, file_report, filed, mistakes_of, new_key

HERE = f"lat={DOOR['lat']}&lon={DOOR['lon']}&radius_km=1"
WORDS = [str(word) for word in WaterSource]


def told(client: FlaskClient) -> dict[str, Any]:
    """Return the value that each interface gives for the only report."""
    [item] = client.get(f"/v1/reports?{HERE}").json["items"]
    [feature] = client.get("/v1/reports.geojson").json["features"]
    [row] = csv.DictReader(io.StringIO(client.get("/v1/reports.csv").text))
    [near] = client.get(f"/v1/nearby?{HERE}").json["items"]
    [marked] = client.get("/tiles/13/4093/2724").json["features"]
    return {
        "list": item["water_source"],
        "geojson": feature["properties"]["water_source"],
        "csv": row["water_source"] or None,
        "nearby": near["report"]["water_source"],
        "tile": marked["properties"]["water_source"],
        "itself": client.get(f"/v1/reports/{item['id']}").json["water_source"],
    }


@pytest.mark.parametrize("word", WORDS)
def test_every_word_is_told_as_it_was_said(client: FlaskClient, word: str) -> None:
    assert filed(client, water_source=word)["water_source"] == word

    assert set(told(client).values()) == {word}


def test_nobody_having_said_is_null_and_never_unknown(client: FlaskClient) -> None:
    assert filed(client)["water_source"] is None

    assert set(told(client).values()) == {None}


def test_row_stored_before_there_was_the_field_has_none(client: FlaskClient) -> None:
    report = make_report(lat=DOOR["lat"], lon=DOOR["lon"])
    assert "water_source" not in report.serialize()

    assert set(told(client).values()) == {None}


def test_tile_documents_carry_it_to_lists(dynoxide_client: FlaskClient) -> None:
    made = [make_report(water_source="sea"), make_report(water_source=None)]
    tell_consumer(made)
    Report(made[0].id).delete()  # from here on only the documents know it

    items = dynoxide_client.get("/v1/reports").json["items"]

    assert {item["id"]: item["water_source"] for item in items} == {made[0].id: "sea", made[1].id: None}


@pytest.mark.parametrize("word", ["River", "rain", "", 3, True, ["sea"], {"is": "sea"}])
def test_no_other_word_is_taken(client: FlaskClient, word: Any) -> None:
    [(pointer, code)] = mistakes_of(file_report(client, water_source=word))

    assert (pointer, code) in [("/water_source", "choice"), ("/water_source", "type")]


def test_same_key_with_another_source_is_another_report(client: FlaskClient) -> None:
    key = new_key()
    file_report(client, key=key, water_source="sea")

    assert file_report(client, key=key, water_source="sea").status_code == 200
    assert mistakes_of(file_report(client, key=key, water_source="river")) == {("Idempotency-Key", "key-reused")}


def test_description_names_the_words_and_what_null_is(client: FlaskClient) -> None:
    schemas = client.get("/openapi.json").json["components"]["schemas"]

    for name in ("NewReport", "EditReport", "Report", "ListedReport"):
        described = schemas[name]["properties"]["water_source"]
        assert [word for word in described["enum"] if word] == WORDS, name
        assert "null" in described["description"].casefold()


def test_importer_and_pages_know_the_same_words() -> None:
    assert list(CHOICES["water_source"].meanings) == list(wording.WATER_SOURCES) == WORDS
    assert list(CHOICES["severity"].meanings) == [str(word) for word in Severity]
