"""Every public GET, asked oddly: limits of 0 and 10,000, parameters that it has not, and hosts that are not ours."""

from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from marshmallow import fields

from app.factory import create_app
from app.http.schemas import NoQuery, contract_of
from tests.reporting import mistakes_of
from tests.route_list import ROUTES, Route, example_of

VIEWS = create_app().view_functions
# The old phones' paths never knew a parameter and refuse none; to a page, nothing in a URL is an error.
PUBLIC = [
    route
    for route in ROUTES.values()
    if route.method == "GET"
    and route.who == "anyone"
    and not route.is_page
    and contract_of(VIEWS[route.endpoint]).arguments
]
FOREIGN = "evil.example"


def parameters_of(route: Route) -> dict[str, fields.Field[Any]]:
    contract = contract_of(VIEWS[route.endpoint])
    schemas = [schema() for where, schema in contract.arguments if where == "query" and schema is not NoQuery]
    return {name: field for schema in schemas for name, field in schema.load_fields.items()}


def asked(client: FlaskClient, route: Route, **query: str) -> Any:
    return client.get(f"{example_of(route.path)}?{urlencode(query)}")


def test_sweep_holds_the_public_lists() -> None:
    lists = {route.path for route in PUBLIC if "limit" in parameters_of(route)}

    assert {"/v1/reports", "/v1/reports.geojson", "/v1/reports.csv", "/v1/warnings", "/v1/areas", "/v1/places"} <= lists


@pytest.mark.parametrize("limit", ["0", "10000", "-1", "1.5", "ten", "", "9" * 40, "%"])
def test_limit_that_no_list_has_is_named(client: FlaskClient, limit: str) -> None:
    for route in PUBLIC:
        answer = asked(client, route, limit=limit)
        codes = {"range", "type"} if "limit" in parameters_of(route) else {"unknown"}
        found = {(name, code) for name, code in mistakes_of(answer) if name == "limit"}

        assert found, route
        assert {code for _, code in found} <= codes, route
        assert all(mistake["detail"] for mistake in answer.json["errors"]), route


def test_parameter_that_is_not_there_is_named(client: FlaskClient) -> None:
    for route in PUBLIC:
        for name in ("colour", "Limit", "limit[]", "q", "_", "callback", "utm_source", "", "\x00", "ü"):
            answer = asked(client, route, **{name: "1"})
            assert (name, "unknown") in mistakes_of(answer), (route, name)


def test_parameter_that_comes_twice_is_named(client: FlaskClient) -> None:
    for route in PUBLIC:
        for name in parameters_of(route):
            answer = client.get(f"{example_of(route.path)}?{name}=1&{name}=2")
            assert (name, "repeated") in mistakes_of(answer), (route, name)


@pytest.mark.parametrize(
    "host", [FOREIGN, f"{FOREIGN}:8443", f"localhost.{FOREIGN}", "a b", "[", "", "x" * 3000, "..", "é"]
)
def test_foreign_host_changes_no_answer_and_stands_in_none(client: FlaskClient, host: str) -> None:
    for route in PUBLIC:
        path = example_of(route.path)
        ours = client.get(path)
        answer = client.get(path, headers={"Host": host})

        assert answer.status_code in (ours.status_code, 400), (route, answer.text)
        assert FOREIGN not in answer.text + str(answer.headers), route
        assert answer.status_code == ours.status_code or answer.mimetype == "application/problem+json"
