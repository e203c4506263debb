"""Rights: every route of the product, called by every kind of caller. A route without a row here fails."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import tokens
from app.core import clock
from tests.factories import sign_in_as

CALLERS = ("anonymous", "edit", "resident", "responder", "admin")
REFUSED_TO_ALL_BUT = {
    "anyone": {},
    "account": {"anonymous": 401, "edit": 403},
    "reporter": {"anonymous": 401},
    "responder": {"anonymous": 401, "edit": 403, "resident": 403},
    "admin": {"anonymous": 401, "edit": 403, "resident": 403, "responder": 403},
}
MATRIX = {
    "GET /": "anyone",
    "GET /accessibility": "anyone",
    "GET /areas/<area_id>": "anyone",
    "GET /docs": "anyone",
    "GET /docs/errors/": "anyone",
    "GET /docs/errors/<code>": "anyone",
    "GET /healthz": "anyone",
    "GET /language": "anyone",
    "GET /manifest.webmanifest": "anyone",
    "GET /me": "account",
    "POST /me/delete": "account",
    "POST /me/password": "account",
    "POST /me/sign-out": "account",
    "POST /me/sign-out-everywhere": "account",
    "GET /openapi.json": "anyone",
    "GET /outlines.geojson": "anyone",
    "GET /privacy": "anyone",
    "GET /register": "anyone",
    "GET /report": "anyone",
    "POST /report": "anyone",
    "GET /report/sent/<report_id>": "reporter",
    "GET /reports/<report_id>": "anyone",
    "GET /reports/<report_id>/edit": "reporter",
    "POST /reports/<report_id>/edit": "reporter",
    "POST /reports/<report_id>/withdraw": "reporter",
    "GET /service-worker.js": "anyone",
    "GET /sign-in": "anyone",
    "POST /sign-in": "anyone",
    "GET /sign-in/new": "anyone",
    "POST /sign-in/new": "anyone",
    "GET /static/<digest>/<path:name>": "anyone",
    "GET /status": "anyone",
    "GET /status.json": "anyone",
    "GET /tiles/<int:z>/<int:x>/<int:y>": "anyone",
    "GET /warnings": "anyone",
    "GET /warnings/<warning_id>": "anyone",
    "POST /authenticate": "anyone",
    "POST /register": "anyone",
    "POST /report_flood": "anyone",
    "GET /flood_warnings": "anyone",
    "GET /simplified_flood_areas": "anyone",
    "GET /view_floods": "anyone",
    "POST /v1/accounts": "anyone",
    "GET /v1/me": "account",
    "PATCH /v1/me": "account",
    "DELETE /v1/me": "account",
    "GET /v1/me/reports": "account",
    "GET /v1/reports": "anyone",
    "POST /v1/reports": "anyone",
    "GET /v1/reports.csv": "anyone",
    "GET /v1/reports.geojson": "anyone",
    "GET /v1/reports/<report_id>": "anyone",
    "PATCH /v1/reports/<report_id>": "reporter",
    "DELETE /v1/reports/<report_id>": "reporter",
    "GET /v1/areas": "anyone",
    "GET /v1/areas/<area_id>": "anyone",
    "GET /v1/areas/<area_id>.geojson": "anyone",
    "GET /v1/nearby": "anyone",
    "GET /v1/places": "anyone",
    "GET /v1/warnings": "anyone",
    "GET /v1/warnings.csv": "anyone",
    "GET /v1/warnings.geojson": "anyone",
    "GET /v1/warnings/<warning_id>": "anyone",
    "GET /v1/warnings/<warning_id>.geojson": "anyone",
    "POST /v1/tokens": "anyone",
    "DELETE /v1/tokens": "account",
    "POST /v1/tokens/refresh": "anyone",
}
EXAMPLES = {"<code>": "conflict", "<digest>": "0" * 12, "<path:name>": "x.css", "<report_id>": f"rep_{'a' * 26}"}
EXAMPLES |= {"<area_id>": "ea-061FWF10", "<warning_id>": f"wrn_{'a' * 24}"}
EXAMPLES |= {"<int:z>": "4", "<int:x>": "8", "<int:y>": "5"}


def routes_of(app: Flask) -> set[str]:
    """`GET /v1/me` and so on; HEAD follows GET, OPTIONS is Flask's own answer."""
    rules = app.url_map.iter_rules()
    return {
        f"{method} {rule.rule}" for rule in rules for method in rule.methods or () if method not in ("HEAD", "OPTIONS")
    }


def _endpoints(app: Flask) -> dict[str, str]:
    return {
        f"{method} {rule.rule}": rule.endpoint for rule in app.url_map.iter_rules() for method in rule.methods or ()
    }


def headers_of(caller: str) -> dict[str, str]:
    if caller == "anonymous":
        return {}
    if caller == "edit":
        return {"Authorization": f"Bearer {tokens.edit_token('rep_' + 'b' * 26, since_ms=clock.now_ms())}"}
    return sign_in_as(caller)


def path_of(route: str) -> str:
    """An address of the route, for nothing that exists."""
    path = route.split(" ")[1]
    for name, example in EXAMPLES.items():
        path = path.replace(name, example)
    return path


def call(client: FlaskClient, route: str, headers: dict[str, str], method: str = "") -> Any:
    own_method = route.split(" ", maxsplit=1)[0]
    body: dict[str, Any] = {} if own_method == "GET" else {"json": {}}
    return client.open(path_of(route), method=method or own_method, headers=headers, **body)


def test_matrix_has_every_route_and_no_other(app: Flask) -> None:
    assert routes_of(app) == set(MATRIX)


@pytest.mark.parametrize("route", MATRIX)
def test_route_lets_in_whom_the_matrix_names(client: FlaskClient, route: str) -> None:
    answers = {caller: call(client, route, headers_of(caller)).status_code for caller in CALLERS}

    refused = {caller: status for caller, status in answers.items() if status in (401, 403)}
    assert refused == REFUSED_TO_ALL_BUT[MATRIX[route]]
    assert max(answers.values()) < 500


@pytest.mark.parametrize("route", MATRIX)
def test_forged_token_is_refused_on_every_route(client: FlaskClient, route: str) -> None:
    assert call(client, route, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}).status_code == 401


@pytest.mark.parametrize("route", [route for route in MATRIX if route.startswith("GET ")])
def test_head_is_locked_as_get_is(client: FlaskClient, route: str) -> None:
    assert call(client, route, {}, "HEAD").status_code == call(client, route, {}, "GET").status_code


@pytest.mark.parametrize("route", MATRIX)
def test_options_are_told_to_anyone(client: FlaskClient, route: str) -> None:
    assert call(client, route, {}, "OPTIONS").status_code in (200, 204)


@pytest.mark.parametrize("route", MATRIX)
def test_description_says_what_the_lock_does(app: Flask, client: FlaskClient, route: str) -> None:
    method, path = route.split(" ")
    operations = client.get("/openapi.json").json["paths"].get(_described(path), {})
    if method.lower() not in operations:
        assert _endpoints(app)[route].startswith("pages."), "only pages may be missing in the API's description"
        return
    security = operations[method.lower()]["security"]
    assert ({} in security) == (MATRIX[route] == "anyone")


def _described(path: str) -> str:
    """Flask's `<int:z>` as OpenAPI's `{z}`."""
    return path.replace("<int:", "{").replace("<path:", "{").replace("<", "{").replace(">", "}")


def test_foreign_report_is_not_found_rather_than_forbidden(client: FlaskClient) -> None:
    body = {"location": {"lat": 51.5, "lon": -0.1}, "severity": "minor", "title": "Water in the road"}
    filed = client.post("/v1/reports", headers=sign_in_as() | {"Idempotency-Key": "a-key-of-a-resident"}, json=body)
    address, strangers = f"/v1/reports/{filed.json['id']}", [sign_in_as(), sign_in_as("admin"), headers_of("edit")]

    for stranger in strangers:
        assert client.delete(address, headers=stranger).status_code == 404
        assert client.patch(address, headers=stranger | {"If-Match": '"v1"'}, json={"title": "Mine"}).status_code == 404
    assert client.get(address).json["status"] == "pending"
