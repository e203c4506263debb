"""Errors: one shape, whatever went wrong and wherever."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.auth import Who, lock
from app.core import dynamodb
from app.core.errors import every_problem
from tests.reporting import bearer, file_report, filed, mistakes_of

MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}


NOWHERE = (
    "/v1 /v1/ /v1/nothing /v1/reports/a/b /v1//reports /v1/reports// /v1/Reports /nothing /tiles "
    "/tiles/a/b/c /tiles/-1/0/0 /tiles/4/1.5/1 /v1/reports.rdf /.git/config /v1/../healthz"
).split()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_unknown_address_is_a_404(client: FlaskClient, method: str) -> None:
    for path in NOWHERE:
        answer = client.open(path, method=method)

        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json"), path
        assert method == "HEAD" or answer.json.keys() == MEMBERS, path


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/v1/reports", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("POST", f"/v1/reports/rep_{'a' * 26}", {"GET", "HEAD", "OPTIONS", "PATCH", "DELETE"}),
        ("DELETE", "/v1/reports.csv", {"GET", "HEAD", "OPTIONS"}),
        ("TRACE", "/v1/reports", {"GET", "HEAD", "OPTIONS", "POST"}),
        ("BREW", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("GET", "/v1/tokens", {"POST", "DELETE", "OPTIONS"}),
        ("POST", "/tiles/4/1/1", {"GET", "HEAD", "OPTIONS"}),
    ],
)
def test_wrong_method_is_told_the_right_ones(client: FlaskClient, method: str, path: str, allowed: set[str]) -> None:
    answer = client.open(path, method=method)

    assert (answer.status_code, answer.json["type"]) == (405, "/docs/errors/method-not-allowed")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/v1/reports/", "/healthz/", "/v1/me/reports/"])
def test_slash_at_the_end_makes_no_difference(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == client.get(path.rstrip("/")).status_code != 404


@pytest.mark.parametrize("path", ["/v1/reports", "/healthz", "/tiles/4/1/1", "/openapi.json", "/status.json"])
def test_head_is_get_without_the_body(client: FlaskClient, path: str) -> None:
    head, get = client.head(path), client.get(path)

    assert (head.status_code, head.data) == (200, b"")
    kept = ("Content-Type", "Cache-Control", "Vary", "Content-Security-Policy")
    assert [head.headers.get(name) for name in kept] == [get.headers.get(name) for name in kept]


@pytest.mark.parametrize("path", ["/v1/reports", f"/v1/reports/rep_{'a' * 26}", "/v1/me", "/tiles/4/1/1"])
def test_options_tell_the_methods(client: FlaskClient, path: str) -> None:
    answer = client.options(path)

    assert (answer.status_code, answer.data) == (200, b"")
    assert "OPTIONS" in answer.headers["Allow"]
    assert "Content-Type" not in answer.headers


def test_repeated_parameter_is_refused(client: FlaskClient) -> None:
    answer = client.get("/v1/reports?limit=1&limit=2&status=pending")

    assert mistakes_of(answer) == {("limit", "repeated")}


@pytest.mark.parametrize(
    ("said", "detail"),
    [
        ({"radius_m": 0}, "One value is wrong: /radius_m."),
        ({"title": "<b>\u202e"}, "One value is wrong: /title."),
        ({"radius_m": 0, "severity": "huge", "titel": "x"}, "3 values are wrong: /radius_m, /severity, /titel."),
        ({str(n): n for n in range(9)}, "9 values are wrong: /0, /1, /2, /3, /4 and 4 more."),
        ({"x" * 500: 1}, f"One value is wrong: /{'x' * 59}."),
    ],
)
def test_detail_says_what_is_wrong(client: FlaskClient, said: dict[str, Any], detail: str) -> None:
    answer = file_report(client, **said)

    assert (answer.status_code, answer.json["detail"]) == (422, detail)


def test_detail_names_parameters_and_whole_bodies(client: FlaskClient) -> None:
    listed, body = client.get("/v1/reports?limit=0"), client.post("/v1/tokens", json=[])

    assert listed.json["detail"] == "One value is wrong: limit."
    assert body.json["detail"] == "One value is wrong: the body."


def test_detail_that_is_said_stays(client: FlaskClient) -> None:
    file_report(client, key="one-key-for-two-reports")
    answer = file_report(client, key="one-key-for-two-reports", radius_m=77)

    assert (answer.status_code, answer.json["detail"]) == (422, "The Idempotency-Key belongs to another report.")


def test_type_leads_to_a_page(client: FlaskClient) -> None:
    for kind in every_problem():
        assert client.get(f"/docs/errors/{kind.code}").status_code == 200


def test_instance_and_request_id_tell_which_request(client: FlaskClient) -> None:
    answer = client.get("/v1/nothing", headers={"X-Request-ID": "storm-0000000001"})

    assert (answer.json["instance"], answer.json["request_id"]) == ("/v1/nothing", "storm-0000000001")
    assert answer.headers["X-Request-ID"] == "storm-0000000001"


def test_unauthenticated_says_how(client: FlaskClient) -> None:
    for headers in (
        {},
        {"Authorization": "Basic eDp5"},
        bearer("x"),
        {"Authorization": ""},
        {"Authorization": "Bearer"},
    ):
        answer = client.get("/v1/me", headers=headers)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_bad_token_is_refused_on_open_routes_too(client: FlaskClient) -> None:
    report = filed(client)

    for path in ("/v1/reports", f"/v1/reports/{report['id']}", "/healthz"):
        assert client.get(path, headers=bearer("x.y.z")).status_code == 401
    assert file_report(client, headers=bearer("x.y.z")).status_code == 401


@pytest.fixture
def failing(own_app: Flask) -> Iterator[FlaskClient]:
    """The app with routes that fail: by an error in our code, and by a database that does not answer."""

    @lock(Who.ANYONE)
    def fail() -> Any:
        raise ZeroDivisionError("at 51.50041, of jane@example.org")

    @lock(Who.ANYONE)
    def lose_database() -> Any:
        raise dynamodb.FAILURES[0]("at 51.50041")

    own_app.add_url_rule("/v1/fail", "fail", fail)
    own_app.add_url_rule("/v1/lost", "lost", lose_database)
    yield own_app.test_client()


def test_fault_of_ours_tells_nothing_of_our_inside(failing: FlaskClient) -> None:
    answer = failing.get("/v1/fail")

    assert (answer.status_code, answer.json["type"]) == (500, "/docs/errors/internal")
    assert not any(word in answer.text for word in ("ZeroDivision", "Traceback", "51.5", "jane", ".py"))


def test_database_that_does_not_answer_is_503(failing: FlaskClient) -> None:
    answer = failing.get("/v1/lost")

    assert (answer.status_code, answer.json["type"]) == (503, "/docs/errors/unavailable")
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "51.5" not in answer.text


def test_answer_stops_at_a_hundred_mistakes_and_says_how_many_more() -> None:
    from app.core.errors import Invalid, Mistake

    problem = Invalid(Mistake(f"/n{number}", "unknown", "There is no such field here.") for number in range(123))

    assert [mistake.pointer for mistake in problem.mistakes[:2]] == ["/n0", "/n1"]
    assert len(problem.mistakes) == 101
    assert problem.mistakes[-1] == Mistake("", "more", "There are 23 more mistakes.")
    assert "123 values are wrong" in problem.detail


def test_query_of_very_many_names_is_answered_with_a_hundred_mistakes(client: FlaskClient) -> None:
    answer = client.get("/v1/reports?" + "&".join(f"n{number}=1" for number in range(300)))

    assert (answer.status_code, len(answer.json["errors"])) == (422, 101)
    assert all("pointer" not in mistake for mistake in answer.json["errors"])
