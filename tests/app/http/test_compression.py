"""Answers of more than 1 kB leave compressed for clients that accept it, and say the same."""

import gzip
import json
from itertools import product

import pytest
from flask.testing import FlaskClient

from tests.factories import make_report, tell_consumer
from tests.reporting import bearer, file_report
from tests.warning_making import announce_at, square

pytestmark = pytest.mark.usefixtures("noon")
AROUND = "lat=51.5&lon=-0.12&radius_km=5"
LARGE = (
    "/v1/reports",
    f"/v1/reports?{AROUND}",
    "/v1/reports.geojson",
    "/v1/reports.csv",
    "/v1/reports?since=2026-11-20T00:00:00Z",
    "/v1/warnings",
    "/v1/warnings.geojson",
    *(f"/feeds/{noun}.{form}" for noun in ("reports", "warnings") for form in ("atom", "rss", "geojson", "csv")),
    f"/v1/nearby?{AROUND}",
    "/tiles/4/7/5",
    "/openapi.json",
)
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture
def flood(client: FlaskClient) -> FlaskClient:
    tell_consumer([make_report(lat=51.5, lon=-0.12, title=f"Water in lane {number}") for number in range(20)])
    for number in range(4):
        announce_at(square(), f"event-{number}")
    return client


def test_large_answers_are_compressed_and_say_the_same(flood: FlaskClient) -> None:
    for path in LARGE:
        plain, packed = flood.get(path), flood.get(path, headers=GZIP)

        assert packed.headers.get("Content-Encoding") == "gzip", path
        assert "Content-Encoding" not in plain.headers, path
        assert gzip.decompress(packed.data) == plain.data, path
        assert packed.content_length == len(packed.data) < len(plain.data), path
        assert all("Accept-Encoding" in answer.vary for answer in (plain, packed)), path


def test_list_of_twenty_reports_takes_a_quarter_of_its_bytes(flood: FlaskClient) -> None:
    assert len(flood.get("/v1/reports", headers=GZIP).data) < len(flood.get("/v1/reports").data) / 4


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br", "*;q=0", ""])
def test_client_that_does_not_accept_gzip_gets_plain_text(flood: FlaskClient, accepted: str) -> None:
    answer = flood.get("/v1/reports", headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert len(answer.get_json()["items"]) == 20


@pytest.mark.parametrize("path", ["/healthz", "/v1/reports?bbox=0,0,1,1"])
def test_small_answer_stays_plain_but_caches_know_that_it_may_vary(client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers=GZIP)

    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.vary


def test_both_forms_are_known_again_by_their_etag(flood: FlaskClient) -> None:
    for path, headers in product(LARGE, ({}, GZIP)):
        known = flood.get(path, headers=headers).headers["ETag"]

        answer = flood.get(path, headers=headers | {"If-None-Match": known})

        assert (answer.status_code, answer.data) == (304, b""), path
        assert "Content-Encoding" not in answer.headers, path
        assert "Accept-Encoding" in answer.vary, path


def test_strong_etag_of_plain_bytes_is_weak_for_others_and_still_edits(client: FlaskClient) -> None:
    """A report has the tag of its version, which says nothing of bytes."""
    filed = file_report(client, description="Water " * 300).json
    own = bearer(filed["edit_token"])
    address = f"/v1/reports/{filed['id']}"
    plain, packed = client.get(address, headers=own), client.get(address, headers=own | GZIP)

    edited = client.patch(address, json={"title": "Deeper"}, headers=own | {"If-Match": packed.headers["ETag"]})

    assert packed.headers["ETag"] == f"W/{plain.headers['ETag']}"
    assert edited.status_code == 200


def test_refusal_of_another_version_is_plain_though_the_answer_was_compressed(client: FlaskClient) -> None:
    filed = file_report(client, description="Water " * 300).json

    answer = client.get(f"/v1/reports/{filed['id']}", headers=GZIP | {"If-Match": '"v9"'})

    assert (answer.status_code, "Content-Encoding" in answer.headers) == (412, False)
    assert json.loads(answer.data)["status"] == 412


def test_head_tells_the_length_of_the_compressed_answer(flood: FlaskClient) -> None:
    got, head = flood.get("/v1/reports", headers=GZIP), flood.head("/v1/reports", headers=GZIP)

    assert (head.content_length, head.data) == (len(got.data), b"")
