"""The web function starts with some rooms. No answer shows which: for what these lack, it becomes the whole app."""

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.test import Client

from app.factory import create_app
from app.growing import GrowingApp
from tests.route_list import ROUTES, example_of

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FIRST = create_app(is_whole=False)


def endpoint_of(app: Flask, method: str, path: str) -> str:
    """Return what an app has for a method of a path: its endpoint, else the name of the refusal."""
    try:
        return str(app.url_map.bind("").match(path, method)[0])
    except HTTPException as refused:
        return type(refused).__name__


def is_answered_first(method: str, path: str) -> bool:
    return GrowingApp(FIRST, create_app)._has_route(path, method)


def test_first_rooms_take_no_request_of_another_room() -> None:
    asked = [(method, example_of(route.path)) for route in ROUTES.values() for method in METHODS]
    whole = create_app()
    first = [(endpoint_of(FIRST, *one), endpoint_of(whole, *one)) for one in asked if is_answered_first(*one)]

    assert len(first) > 200
    assert [one for one in first if one[0] != one[1]] == []


@pytest.mark.parametrize("path", ["/", "/v1/nearby", "/v1/reports/rep_none", "/report", "/static/x/y.css"])
def test_what_most_requests_ask_for_makes_it_no_larger(path: str) -> None:
    assert is_answered_first("GET", path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/openapi.json"),
        ("OPTIONS", "/v1/me"),
        ("OPTIONS", "/register"),
        ("OPTIONS", "/v1/reports/batch"),
        ("POST", "/v1/reports/batch"),
        ("GET", "/register"),
        ("GET", "/none"),
        ("GET", "/v1/none"),
        ("GET", "/n\u00f6"),
        ("DELETE", "/v1/nearby"),
        ("ODD", "/"),
        ("GET", "/v1/reports/"),
        ("GET", "//"),
    ],
)
def test_answers_are_those_of_the_whole_app(method: str, path: str) -> None:
    growing, whole = Client(GrowingApp(FIRST, create_app)), Client(create_app())

    for _ in range(2):
        answer, expected = growing.open(path, method=method), whole.open(path, method=method)
        assert (answer.status, answer.headers.get("Allow")) == (expected.status, expected.headers.get("Allow"))
        # The number of the request stands in every problem.
        assert len(answer.data) == len(expected.data)


def test_it_grows_once() -> None:
    made: list[Flask] = []

    def grow() -> Flask:
        made.append(create_app())
        return made[-1]

    growing = GrowingApp(FIRST, grow)
    for path in ("/healthz", "/openapi.json", "/healthz", "/none", "/v1/none"):
        Client(growing).get(path)

    assert made == [growing.whole()]
