"""Headers that every answer has: the request's id, what caches may do, who may read."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.reports.conftest import logged as logged  # noqa: PLC0414 - a fixture
from tests.factories import sign_in_as
from tests.reporting import bearer, file_report, filed

ELSEWHERE = {"Origin": "https://elsewhere.example"}


@pytest.mark.parametrize("asked", ["storm-0000000001", "7", "short", "a" * 128, "A.b_c-d1"])
def test_sane_request_id_is_echoed(client: FlaskClient, asked: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": asked}).headers["X-Request-ID"] == asked


@pytest.mark.parametrize(
    "asked", ["", "a" * 129, "two words", "semi;colon", "<script>", "käse-käse", '{"a":"b"}', "tab\ttab"]
)
def test_any_other_request_id_is_replaced(client: FlaskClient, asked: str) -> None:
    given = client.get("/healthz", headers={"X-Request-ID": asked}).headers["X-Request-ID"]

    assert given != asked
    assert len(given) == 30
    assert given.startswith("req_")


def test_each_request_has_its_own_id(client: FlaskClient) -> None:
    assert len({client.get("/healthz").headers["X-Request-ID"] for _ in range(20)}) == 20


def test_each_request_is_one_line_that_can_be_found(client: FlaskClient, logged: list[str]) -> None:
    client.get(f"/v1/reports/rep_{'a' * 26}?x=1", headers={"X-Request-ID": "storm-0000000001"})

    (line,) = (json.loads(text) for text in logged)
    assert (line["request_id"], line["method"], line["status"]) == ("storm-0000000001", "GET", 422)
    assert line["route"] == "/v1/reports/<report_id>"


@pytest.mark.parametrize(
    "path",
    ["/v1/reports", "/v1/reports.geojson", "/v1/reports.csv", "/healthz", "/status.json", "/openapi.json", "/docs"],
)
def test_what_has_not_changed_is_304(client: FlaskClient, path: str) -> None:
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    weak = client.get(path, headers={"If-None-Match": f"W/{first.headers['ETag'].removeprefix('W/')}"})
    other = client.get(path, headers={"If-None-Match": '"other"'})

    assert [answer.status_code for answer in (first, again, weak, other)] == [200, 304, 304, 200]
    assert (again.data, again.headers["ETag"]) == (b"", first.headers["ETag"])
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


@pytest.mark.parametrize("path", ["/v1/reports", "/healthz", "/docs", "/v1/nothing"])
def test_date_is_left_to_the_server(client: FlaskClient, path: str) -> None:
    assert "Date" not in client.get(path).headers


@pytest.mark.parametrize("said", ['""', "W/", "*, x", '"' + "a" * 5000 + '"', "é", '"a', ","])
def test_odd_validators_do_no_harm(client: FlaskClient, said: str) -> None:
    for name in ("If-None-Match", "If-Modified-Since", "If-Range", "Range"):
        assert client.get("/v1/reports", headers={name: said}).status_code in (200, 304)
    assert client.get("/v1/reports", headers={"If-Match": said}).status_code in (200, 412)


def test_read_of_another_version_than_asked_for_is_a_problem(client: FlaskClient) -> None:
    answer = client.get("/v1/reports", headers={"If-Match": '"other"'})

    assert (answer.status_code, answer.json["type"]) == (412, "/docs/errors/precondition-failed")
    assert answer.headers["Cache-Control"] == "no-store"


def test_list_changes_its_etag_with_its_content(client: FlaskClient) -> None:
    before = client.get("/v1/reports").headers["ETag"]
    filed(client)

    assert client.get("/v1/reports", headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize(
    ("path", "policy"),
    [
        ("/v1/reports", "public, max-age=0, s-maxage=1"),
        ("/v1/reports.csv", "public, max-age=0, s-maxage=1"),
        ("/tiles/4/1/1", "public, max-age=15, stale-while-revalidate=60"),
        ("/openapi.json", "public, max-age=60"),
        ("/healthz", "no-store"),
        ("/v1/nothing", "no-store"),
        ("/v1/reports?limit=0", "no-store"),
    ],
)
def test_caches_are_told_what_they_may_keep(client: FlaskClient, path: str, policy: str) -> None:
    assert client.get(path).headers["Cache-Control"] == policy


def test_answers_to_a_person_are_never_shared(client: FlaskClient) -> None:
    reader = sign_in_as("resident")

    for path in ("/v1/reports", "/v1/me", "/v1/me/reports"):
        assert client.get(path, headers=reader).headers["Cache-Control"] == "private, no-store"
    assert set(client.get("/v1/reports").headers["Vary"].split(", ")) == {"Accept", "Accept-Encoding", "Authorization"}


@pytest.mark.parametrize("headers", [{}, ELSEWHERE])
@pytest.mark.parametrize("path", ["/v1/reports", "/v1/reports.geojson", "/tiles/4/1/1", "/v1/nothing"])
def test_public_reads_are_open_to_every_origin_alike(client: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = client.get(path, headers=headers)

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


def test_nothing_personal_is_open_to_other_origins(client: FlaskClient) -> None:
    report = filed(client)
    own = bearer(report["edit_token"]) | ELSEWHERE
    path = f"/v1/reports/{report['id']}"
    answers = [
        file_report(client, headers=ELSEWHERE),
        client.get(path, headers=own),
        client.get("/v1/me", headers=sign_in_as("resident") | ELSEWHERE),
        client.patch(path, headers=own | {"If-Match": "*"}, json={"title": "x"}),
        client.delete(path, headers=own),
        client.post("/v1/tokens", headers=ELSEWHERE, json={}),
    ]

    assert [answer.status_code for answer in answers] == [201, 200, 200, 200, 204, 422]
    assert not any(name.startswith("Access-Control") for answer in answers for name, _ in answer.headers)


@pytest.mark.parametrize(
    ("method", "asked"), [("POST", "content-type"), ("PATCH", "if-match"), ("GET", "authorization"), ("DELETE", "")]
)
def test_preflight_lets_no_write_through(client: FlaskClient, method: str, asked: str) -> None:
    said: dict[str, Any] = ELSEWHERE | {
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": asked,
    }
    answer = client.options("/v1/reports", headers=said)

    is_allowed = method in answer.headers.get("Access-Control-Allow-Methods", "")
    assert not (is_allowed and asked in answer.headers.get("Access-Control-Allow-Headers", "").lower())


def test_preflight_lets_a_conditional_read_through(client: FlaskClient) -> None:
    said = ELSEWHERE | {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "if-none-match"}
    answer = client.options("/v1/reports", headers=said)

    assert "GET" in answer.headers["Access-Control-Allow-Methods"]
    assert "if-none-match" in answer.headers["Access-Control-Allow-Headers"].lower()


@pytest.mark.parametrize("path", ["//v1/tokens", "/v1/tokens/", "//v1/accounts", "/v1/accounts/", "///v1/tokens"])
def test_path_with_further_slashes_is_another_path(client: FlaskClient, path: str) -> None:
    """Else it would pass by the gateway's routes, which have rights and throttles of their own."""
    body = {"username": "ada", "password": "a long and rainy night"}
    environ = {"PATH_INFO": path, "REQUEST_METHOD": "POST"}

    answer = client.post("/", json=body, environ_overrides=environ)

    assert answer.status_code == 404
