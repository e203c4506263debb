"""Places over HTTP: what a person types becomes a place with its extent, and what is not sure says so."""

import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core.dynamodb import OutOfTime
from app.gazetteer.models import GazetteerBlock

Item = dict[str, Any]


def ask(client: FlaskClient, query: str, **more: str) -> list[Item]:
    reply = client.get("/v1/places", query_string={"query": query, **more})
    assert reply.status_code == 200, reply.text
    assert reply.json is not None
    items: list[Item] = reply.json["items"]
    return items


def first(client: FlaskClient, query: str, **more: str) -> tuple[str, str, str]:
    one = ask(client, query, **more)[0]
    return one["name"], one["kind"], one["match"]


def test_village_has_its_county_its_position_and_how_far_it_reaches(client: FlaskClient, places: None) -> None:
    (village,) = ask(client, "burrowbridge")

    assert village.pop("id").startswith("plc_")
    assert village == {
        "name": "Burrowbridge",
        "kind": "village",
        "match": "exact",
        "within": ["Somerset", "England"],
        "lat": 51.0701,
        "lon": -2.9186,
        "extent": {"radius_km": 1.5},
        "source": "os_open_names",
    }


@pytest.mark.parametrize("typed", ["TA7 0RB", "ta70rb", "TA7-0RB", " ta7  0rb ", "TA70 RB"])
def test_whole_postcode_is_its_own_point(client: FlaskClient, places: None, typed: str) -> None:
    (place,) = ask(client, typed)

    assert (place["name"], place["kind"], place["match"]) == ("TA7 0RB", "postcode", "exact")
    assert (place["lat"], place["lon"]) == (51.07039, -2.91881)
    assert place["within"][0] == "Burrowbridge"


@pytest.mark.parametrize(
    ("typed", "name", "kind", "match"),
    [
        ("TA7 0ZZ", "TA7 0", "postcode_sector", "coarse"),
        ("TA7 9AA", "TA7", "postcode_district", "coarse"),
        ("TA7 0", "TA7 0", "postcode_sector", "exact"),
        ("TA7", "TA7", "postcode_district", "exact"),
        ("TA7 ORB", "TA7 0RB", "postcode", "similar"),
        ("TAl0 9PR", "TA10 9PR", "postcode", "similar"),
        ("TA1O 9PR", "TA10 9PR", "postcode", "similar"),
        ("BT1 1AA", "BT1", "postcode_district", "coarse"),
        ("10 Milton Road, Cambridge CB4 1UY", "CB4 1UY", "postcode", "coarse"),
        ("Langport, Somerset, TA10 9PR", "TA10 9PR", "postcode", "coarse"),
        ("01002", "01002", "zip_code", "exact"),
        ("01002-1234", "01002", "zip_code", "exact"),
        ("12 Main Street, Harrisburg, PA 17101", "17101", "zip_code", "coarse"),
        ("Harrisburg, PA", "Harrisburg", "town", "exact"),
        ("harrisburg pennsylvania usa", "Harrisburg", "town", "exact"),
        ("Milton Road, Cambridge", "Cambridge", "city", "coarse"),
        ("1 Station Road Bridgwater", "Bridgwater", "town", "coarse"),
        ("12 High Street, Langport, Somerset", "Langport", "town", "coarse"),
        ("Burrowbridge, Bridgwater", "Burrowbridge", "village", "exact"),
        ("Mytholmroyd, West Yorkshire", "Mytholmroyd", "village", "exact"),
        ("stow on the wold", "Stow-on-the-Wold", "town", "exact"),
        ("Hull", "Kingston upon Hull", "city", "exact"),
        ("Caerdydd", "Cardiff", "city", "exact"),
        ("Northmoor Green", "Moorland", "village", "exact"),
        ("Londonderry", "Derry", "town", "exact"),
        ("Ynys Môn", "Isle of Anglesey", "island", "exact"),
        ("anglesey", "Isle of Anglesey", "island", "exact"),
        ("Isle of Wight", "Isle of Wight", "island", "exact"),
        ("River Parrett", "River Parrett", "river", "exact"),
        ("Parrett", "River Parrett", "river", "exact"),
        ("river parrett at burrowbridge", "River Parrett at Burrowbridge", "flood_area", "exact"),
        ("Mitholmroyd", "Mytholmroyd", "village", "similar"),
        ("Burowbridge", "Burrowbridge", "village", "similar"),
        ("Langprot", "Langport", "town", "similar"),
        ("Kangport", "Langport", "town", "similar"),
        ("angport", "Langport", "town", "similar"),
        ("sLangport", "Langport", "town", "similar"),
        ("aLngport", "Langport", "town", "similar"),
        ("Bridgwatter, Somerset", "Bridgwater", "town", "similar"),
        ("ST 357 304", "ST 357 304", "grid_square", "exact"),
        ("51.07, -2.92", "51.07, -2.92", "position", "exact"),
    ],
)
def test_typed_text_is_read_and_said_to_be_sure_or_not(
    client: FlaskClient, places: None, typed: str, name: str, kind: str, match: str
) -> None:
    assert first(client, typed) == (name, kind, match)


def test_area_has_a_box_around_what_is_in_it(client: FlaskClient, places: None) -> None:
    for typed in ("Isle of Wight", "River Parrett", "Somerset"):
        place = ask(client, typed)[0]
        west, south, east, north = place["extent"]["bbox"]
        assert west <= place["lon"] <= east and south <= place["lat"] <= north
        assert place["extent"]["radius_km"] > 1


def test_district_reaches_to_its_farthest_postcode(client: FlaskClient, places: None) -> None:
    (district,) = ask(client, "TA7")

    assert 8 < district["extent"]["radius_km"] < 20


def test_all_places_of_one_name_are_given_and_what_is_near_comes_first(client: FlaskClient, places: None) -> None:
    def counties(**more: str) -> list[str]:
        return [one["within"][0] for one in ask(client, "St Ives", **more) if one["name"] == "St Ives"]

    assert set(counties()) == {"Cornwall", "Cambridgeshire"}
    assert counties(near="50.2,-5.4")[0] == "Cornwall"
    assert counties(near="52.3,0")[0] == "Cambridgeshire"
    assert first(client, "Moorland, Cumbria") == ("Moorland", "hamlet", "exact")


def test_rivers_of_one_name_are_told_apart(client: FlaskClient, places: None) -> None:
    rivers = [one for one in ask(client, "River Avon") if one["kind"] == "river"]

    assert {one["within"][0] for one in rivers} == {"Bristol Avon", "Warwickshire Avon"}


def test_begun_name_suggests_places_and_a_whole_one_comes_before_them(client: FlaskClient, places: None) -> None:
    assert [one["name"] for one in ask(client, "lang", limit="2")] == ["Langport", "Langporte"]
    assert [(one["name"], one["match"]) for one in ask(client, "langport")] == [
        ("Langport", "exact"),
        ("Langporte", "similar"),
    ]


def test_position_has_the_village_around_it(client: FlaskClient, places: None) -> None:
    reply = client.get("/v1/places?at=51.0720,-2.9150")

    assert reply.json is not None
    assert [one["name"] for one in reply.json["items"]] == ["Burrowbridge"]


def test_swapped_coordinates_are_asked_about_and_null_island_is_no_place(client: FlaskClient, places: None) -> None:
    assert first(client, "-2.92, 51.07") == ("51.07, -2.92", "position", "similar")
    assert ask(client, "0, 0") == []
    assert ask(client, "95.2, 200.1") == []


@pytest.mark.parametrize("typed", ["01823 123456", "asdfghjkl", "' OR 1=1 --", "ZZ99 9ZZ", "東京", "help", "?", "TA"])
def test_what_nobody_knows_is_no_place(client: FlaskClient, places: None, typed: str) -> None:
    assert [one for one in ask(client, typed) if one["match"] != "similar"] == []


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "query"),
        ("query=%20", "query"),
        ("query=" + "a" * 10_000, "query"),
        ("query=%00", "query"),
        ("query=%3Cb%3Ebath", "query"),
        ("query=bath&at=51,-2", "at"),
        ("at=51", "at"),
        ("at=91,0", "at"),
        ("query=bath&near=here", "near"),
        ("query=bath&limit=0", "limit"),
        ("query=bath&colour=red", "colour"),
    ],
)
def test_wrong_question_is_told_what_is_wrong(client: FlaskClient, places: None, query: str, parameter: str) -> None:
    reply = client.get(f"/v1/places?{query}")

    assert reply.status_code == 422
    assert reply.json is not None
    assert parameter in [one["parameter"] for one in reply.json["errors"]]


def test_answers_may_be_kept_and_are_validated(client: FlaskClient, places: None) -> None:
    reply = client.get("/v1/places?query=langport")
    again = client.get("/v1/places?query=langport", headers={"If-None-Match": reply.headers["ETag"]})

    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert again.status_code == 304


def test_without_the_table_the_small_list_answers_and_says_so(client: FlaskClient) -> None:
    known, unknown = client.get("/v1/places?query=Bridgwater").json, client.get("/v1/places?query=Burrowbridge").json

    assert known and (known["is_complete"], known["items"][0]["name"]) == (False, "Bridgwater")
    assert unknown == {"items": [], "is_complete": False}
    assert client.get("/v1/places?query=TA7+0RB").json["items"][0]["name"] == "TA7"  # type: ignore[index]


def test_without_the_database_the_small_list_answers(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OutOfTime("It is silent.")

    monkeypatch.setattr(GazetteerBlock, "read_current", fail)
    reply = client.get("/v1/places?query=Bridgwater")

    assert (reply.status_code, reply.json and reply.json["is_complete"]) == (200, False)
    assert client.get("/v1/places?at=51.12,-3").status_code == 200


def test_hostile_texts_are_answered(client: FlaskClient, places: None, shared_data: Path) -> None:
    kinds = ("blns", "unicode", "html-injection", "csv-injection")
    files = (shared_data / "hostile" / f"{kind}.json" for kind in kinds)
    texts = [str(text) for file in files for text in json.loads(file.read_text(encoding="utf-8"))]

    for text in texts:
        assert client.get("/v1/places", query_string={"query": text}).status_code in (200, 422), text
    for text in texts[::40]:
        assert client.get("/", query_string={"place": text}).status_code == 200, text
