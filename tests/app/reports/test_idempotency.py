"""One Idempotency-Key, one report: however often, late, and differently spelled it is sent."""

import hashlib
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.reports.models import Report
from tests.factories import sign_in_as
from tests.reporting import bearer, body_of, file_report, mistakes_of, new_key

DAY_S = 24 * 3600


def send(client: FlaskClient, text: str, key: str) -> TestResponse:
    return client.post("/v1/reports", data=text, content_type="application/json", headers={"Idempotency-Key": key})


def test_replay_answers_with_the_first_report(client: FlaskClient) -> None:
    key = new_key()

    first, again = file_report(client, key=key), file_report(client, key=key)

    assert [first.status_code, again.status_code] == [201, 200]
    assert ("Idempotency-Replayed" in first.headers, again.headers["Idempotency-Replayed"]) == (False, "true")
    without = [
        {name: value for name, value in answer.json.items() if name != "edit_token"} for answer in (first, again)
    ]
    assert without[0] == without[1]
    assert [answer.headers["Location"] for answer in (first, again)] == [f"/v1/reports/{first.json['id']}"] * 2
    assert len(client.get("/v1/reports").json["items"]) == 1


def test_replay_shows_the_report_as_it_is_now(client: FlaskClient) -> None:
    key = new_key()
    first = file_report(client, key=key).json
    said = bearer(first["edit_token"]) | {"If-Match": '"v1"'}
    client.patch(f"/v1/reports/{first['id']}", json={"title": "Now with a title"}, headers=said)

    again = file_report(client, key=key)

    assert (again.status_code, again.json["title"], again.json["version"]) == (200, "Now with a title", 2)
    assert again.headers["ETag"] == '"v2-exact"'


@pytest.mark.parametrize("days", [1, 8, 29, 400])
def test_replay_is_one_however_late(client: FlaskClient, noon: Any, days: int) -> None:
    """Even when the time that was said then is too long ago for a new report."""
    key, observed = new_key(), "2026-11-15T12:00:00Z"
    first = file_report(client, key=key, observed_at=observed)
    noon.shift(days * DAY_S)

    again = file_report(client, key=key, observed_at=observed)

    assert (again.status_code, again.json["id"]) == (200, first.json["id"])


def test_edit_token_lasts_a_day_from_when_the_report_was_filed(client: FlaskClient, noon: Any) -> None:
    """A person who learns the key of an old report cannot change it."""
    key = new_key()
    first = file_report(client, key=key).json
    noon.shift(DAY_S - 60)
    said = bearer(file_report(client, key=key).json["edit_token"]) | {"If-Match": '"v1"'}
    path = f"/v1/reports/{first['id']}"
    assert client.patch(path, json={"radius_m": 9}, headers=said).status_code == 200

    noon.shift(70)
    late = file_report(client, key=key)

    assert (late.status_code, "edit_token" in late.json) == (200, False)
    assert client.patch(path, json={"radius_m": 9}, headers=said).status_code == 401


@pytest.mark.parametrize(
    "other",
    [{"radius_m": 51}, {"title": "x"}, {"severity": "minor"}, {"place": "public"}, {"location": {"lat": 1, "lon": 1}}],
)
def test_other_body_under_the_key_is_refused(client: FlaskClient, other: dict[str, Any]) -> None:
    key = new_key()
    file_report(client, key=key)

    assert mistakes_of(file_report(client, key=key, **other)) == {("Idempotency-Key", "key-reused")}
    assert len(client.get("/v1/reports").json["items"]) == 1


@pytest.mark.parametrize(
    "again",
    [
        '{"title": "Café", "radius_m": 50.0, "severity": "minor", "location": {"lon": 0, "lat": 51.50}}',
        '{"location":{"lat":5.15e1,"lon":-0.0},"severity":"minor","radius_m":50,"title":"  Cafe\\u0301\\n"}',
    ],
)
def test_spelling_makes_no_other_body(client: FlaskClient, again: str) -> None:
    first = '{"location": {"lat": 51.5, "lon": 0.0}, "severity": "minor", "radius_m": 50, "title": "Caf\\u00e9"}'

    assert [send(client, text, "key-of-two-spellings").status_code for text in (first, again)] == [201, 200]


def test_key_belongs_to_one_person(client: FlaskClient, resident: dict[str, str]) -> None:
    other = sign_in_as("resident")
    answers = [
        file_report(client, key="key-shared-by-three-1", headers=said, radius_m=9) for said in ({}, resident, other)
    ]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert len({answer.json["id"] for answer in answers}) == 3


def test_edit_token_is_nobody_known(client: FlaskClient) -> None:
    key = new_key()
    first = file_report(client, key=key)

    again = file_report(client, key=key, headers=bearer(first.json["edit_token"]))

    assert (again.status_code, again.json["id"]) == (200, first.json["id"])


def test_replay_of_a_withdrawn_report_says_so_to_its_account(client: FlaskClient, resident: dict[str, str]) -> None:
    key = new_key()
    first = file_report(client, key=key, headers=resident).json
    client.delete(f"/v1/reports/{first['id']}", headers=resident)

    again = file_report(client, key=key, headers=resident)

    assert (again.status_code, again.json["status"]) == (200, "withdrawn")


@pytest.mark.parametrize("other", [{}, {"description": "Of somebody else, who has chosen the same key."}])
def test_key_of_what_was_taken_back_is_used_up_for_who_cannot_be_known(
    client: FlaskClient, other: dict[str, Any]
) -> None:
    """The first body is unknown by now: another report is not taken for it, nor is the first shown to its sender."""
    key = new_key()
    first = file_report(client, key=key).json
    client.delete(f"/v1/reports/{first['id']}", headers=bearer(first["edit_token"]))

    again = file_report(client, key=key, **other)

    assert mistakes_of(again) == {("Idempotency-Key", "key-reused")}
    assert "location" not in again.json


def test_report_of_the_release_before_is_known_again_by_its_hash(client: FlaskClient) -> None:
    key = new_key()
    first = file_report(client, key=key).json
    unkeyed = hashlib.sha256(b'{"location":{"lat":51.50041,"lon":-0.12463},"severity":"moderate"}').hexdigest()[:32]
    Report(first["id"]).update(actions=[Report.body_hash.set(unkeyed)])

    assert file_report(client, key=key).json["id"] == first["id"]
    assert mistakes_of(file_report(client, key=key, depth_cm=1)) == {("Idempotency-Key", "key-reused")}


def test_missing_key_is_asked_for(client: FlaskClient) -> None:
    answer = client.post("/v1/reports", json=body_of())

    assert (answer.status_code, answer.json["type"]) == (428, "/docs/errors/precondition-required")


@pytest.mark.parametrize(
    "key",
    ["k" * 20, "k" * 128, "!#$%&'*+~^_`|!#$%&'*", "550e8400-e29b-41d4-a716-446655440000", '"quoted-key-20-long"'],
)
def test_keys_of_visible_characters_are_taken(client: FlaskClient, key: str) -> None:
    assert file_report(client, key=key).status_code == 201


@pytest.mark.parametrize(
    "key", ["k" * 7, "k" * 129, "k" * 4000, "two words", "käse-käse", "tab\there!", "del\x7f12345", " " * 9]
)
def test_other_keys_are_refused(client: FlaskClient, key: str) -> None:
    assert mistakes_of(file_report(client, key=key)) == {("Idempotency-Key", "length")}


@pytest.mark.parametrize("key", ["k" * 8, "k" * 19, "my-report-0001"])
def test_short_key_is_taken_of_an_account_and_of_nobody_else(
    client: FlaskClient, resident: dict[str, str], key: str
) -> None:
    refused = file_report(client, key=key)

    assert mistakes_of(refused) == {("Idempotency-Key", "length")}
    assert "at least 20 characters" in refused.json["errors"][0]["detail"]
    assert file_report(client, key=key, headers=resident).status_code == 201


def test_key_that_is_far_too_short_is_told_what_it_needs_at_once(client: FlaskClient) -> None:
    [mistake] = file_report(client, key="abc").json["errors"]

    assert "at least 20 characters" in mistake["detail"]


def test_ids_tell_nothing_about_keys(client: FlaskClient) -> None:
    ids = [file_report(client, key=f"guessable-as-counted-{number}").json["id"] for number in range(5)]

    assert len({identifier[:10] for identifier in ids}) == 5
    assert all(identifier.startswith("rep_") and len(identifier) == 30 for identifier in ids)
    assert "guessable" not in json.dumps(ids)
