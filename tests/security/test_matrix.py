"""Rights: every route of the product, called by every kind of caller."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import tokens
from app.accounts.auth import Who
from app.core import clock
from tests.factories import sign_in_as
from tests.route_list import ROUTES, example_of

CALLERS = ("anonymous", "visitor", "edit", "resident", "responder", "admin")
NOBODY = {"anonymous": 401, "visitor": 401}
REFUSED_TO_ALL_BUT = {
    "anyone": {},
    "person": {"anonymous": 401},
    "account": NOBODY | {"edit": 403},
    "signed-in": NOBODY | {"edit": 403},
    "reporter": NOBODY,
    "subscriber": NOBODY | {"edit": 403},
    "responder": NOBODY | {"edit": 403, "resident": 403},
    "admin": NOBODY | {"edit": 403, "resident": 403, "responder": 403},
    "key": NOBODY | dict.fromkeys(("edit", "resident", "responder", "admin"), 403),  # tests/security/test_key_rights.py
}
# Who may call a route stands at the route (`@lock`), and every test here reads it there. Stated a second time is only
# what a slip would open: the routes that are not for anyone, and those that anyone may use to change something.
CLOSED = {
    "GET /me": "account",
    "GET /me/export": "account",
    "POST /me/delete": "account",
    "POST /me/password": "account",
    "POST /me/email": "account",
    "POST /me/email/confirmation": "account",
    "POST /v1/me/email/confirmation": "account",
    "GET /me/second-factor": "signed-in",
    "POST /me/second-factor": "signed-in",
    "POST /me/second-factor/confirm": "signed-in",
    "POST /me/second-factor/remove": "account",
    "GET /me/sessions": "account",
    "POST /me/sessions/end": "account",
    "POST /me/sessions/known": "account",
    "POST /me/sessions/others": "account",
    "POST /me/sign-out": "signed-in",
    "POST /me/sign-out-everywhere": "account",
    "GET /report/sent/<report_id>": "reporter",
    "POST /report/sent/<report_id>/photos": "reporter",
    "GET /reports/<report_id>/edit": "reporter",
    "POST /reports/<report_id>/edit": "reporter",
    "POST /reports/<report_id>/withdraw": "reporter",
    "GET /v1/admin/accounts": "admin",
    "PATCH /v1/admin/accounts/<account_id>": "admin",
    "POST /me/shortcuts": "responder",
    "GET /me/keys": "account",
    "POST /me/keys": "account",
    "POST /me/keys/end": "account",
    "GET /admin": "admin",
    "GET /v1/admin/figures": "admin",
    "GET /v1/admin/audit": "admin",
    "GET /v1/admin/audit.csv": "admin",
    "GET /admin/audit": "admin",
    "GET /v1/admin/invitations": "admin",
    "POST /v1/admin/invitations": "admin",
    "GET /v1/admin/invitations/<invitation_id>": "admin",
    "DELETE /v1/admin/invitations/<invitation_id>": "admin",
    "GET /v1/admin/switches": "admin",
    "PUT /v1/admin/switches": "admin",
    "GET /admin/accounts": "admin",
    "GET /admin/accounts/<account_id>": "admin",
    "POST /admin/accounts/<account_id>": "admin",
    "GET /admin/invitations": "admin",
    "POST /admin/invitations": "admin",
    "GET /v1/admin/blocks": "admin",
    "POST /v1/admin/blocks": "admin",
    "GET /v1/admin/blocks/<block_id>": "admin",
    "DELETE /v1/admin/blocks/<block_id>": "admin",
    "GET /admin/blocks": "admin",
    "POST /admin/blocks": "admin",
    "POST /admin/blocks/end": "admin",
    "GET /admin/switches": "admin",
    "POST /admin/switches": "admin",
    "GET /admin/audit.csv": "admin",
    "GET /review": "responder",
    "POST /review/decision": "responder",
    "POST /review/decisions": "responder",
    "POST /review/end": "responder",
    "POST /review/hold": "responder",
    "POST /review/photo": "responder",
    "POST /review/undo": "responder",
    "GET /v1/me": "account",
    "PATCH /v1/me": "account",
    "DELETE /v1/me": "account",
    "GET /v1/me/api-keys": "account",
    "POST /v1/me/api-keys": "account",
    "GET /v1/me/api-keys/<key_id>": "account",
    "DELETE /v1/me/api-keys/<key_id>": "account",
    "GET /v1/me/export": "account",
    "GET /v1/me/reports": "account",
    "GET /v1/me/sessions": "account",
    "DELETE /v1/me/sessions": "account",
    "DELETE /v1/me/sessions/<session_id>": "account",
    "GET /v1/subscriptions": "account",
    "GET /v1/subscriptions/<subscription_id>": "subscriber",
    "PATCH /v1/subscriptions/<subscription_id>": "subscriber",
    "DELETE /v1/subscriptions/<subscription_id>": "subscriber",
    "GET /v1/subscriptions/<subscription_id>/deliveries": "subscriber",
    "POST /v1/reports/batch": "key",
    "PATCH /v1/reports/<report_id>": "reporter",
    "DELETE /v1/reports/<report_id>": "reporter",
    "DELETE /v1/tokens": "signed-in",
    "GET /v1/me/totp": "signed-in",
    "POST /v1/me/totp": "signed-in",
    "PUT /v1/me/totp": "signed-in",
    "DELETE /v1/me/totp": "signed-in",
    "DELETE /v1/admin/accounts/<account_id>/totp": "admin",
    "PUT /v1/reports/<report_id>/votes": "person",
    "DELETE /v1/reports/<report_id>/votes": "person",
    "POST /v1/reports/<report_id>/flags": "person",
    "POST /v1/reports/<report_id>/photos": "person",
    "PUT /v1/reports/<report_id>/photos/<photo_id>": "person",
    "DELETE /v1/reports/<report_id>/photos/<photo_id>": "person",
    "PUT /v1/reports/<report_id>/verification": "responder",
    "DELETE /v1/reports/<report_id>/verification": "responder",
    "GET /v1/review/queue": "responder",
    "GET /v1/review/queue/<report_id>": "responder",
    "PUT /v1/review/holds/<report_id>": "responder",
    "DELETE /v1/review/holds/<report_id>": "responder",
    "POST /v1/review/decisions": "responder",
}
WRITES_OF_ANYONE = {
    "POST /report",
    "POST /reports/<report_id>/flags",
    "POST /reports/<report_id>/votes",
    "POST /report/sent/<report_id>/photos/<photo_id>",  # its visitor is known by the cookie of pages
    "POST /invitation",
    "POST /sign-in",
    "POST /forgotten-password",
    "POST /reset-password",
    "POST /confirm-email",
    "POST /alerts",
    "POST /alerts/confirm",
    "POST /alerts/manage",
    "POST /alerts/stop",
    "POST /v1/password-resets",
    "POST /v1/password-resets/use",
    "POST /v1/email-confirmations",
    "POST /sign-in/new",
    "POST /authenticate",
    "POST /register",
    "POST /report_flood",
    "POST /v1/accounts",
    "POST /v1/invitations/accept",
    "POST /v1/reports",
    "POST /v1/subscriptions",
    "POST /v1/tokens",
    "POST /v1/tokens/refresh",
    "POST /v1/visitors",
}


def headers_of(caller: str) -> dict[str, str]:
    if caller == "anonymous":
        return {}
    if caller == "edit":
        return {"Authorization": f"Bearer {tokens.edit_token('rep_' + 'b' * 26, since_ms=clock.now_ms())}"}
    if caller == "visitor":
        return {"Authorization": f"Bearer {tokens.sign(tokens.Use.VISITOR, 'vis_1', issued_s=clock.now_ms() // 1000)}"}
    return sign_in_as(caller)


def call(client: FlaskClient, route: str, headers: dict[str, str], method: str = "") -> Any:
    own_method, path = route.split(" ")
    body: dict[str, Any] = {} if own_method == "GET" else {"json": {}}
    return client.open(example_of(path), method=method or own_method, headers=headers, **body)


def test_routes_that_are_not_for_anyone_are_these() -> None:
    assert {name: str(route.who) for name, route in ROUTES.items() if route.who != Who.ANYONE} == CLOSED


def test_anyone_may_change_something_only_here() -> None:
    open_routes = {name for name, route in ROUTES.items() if route.who == Who.ANYONE}

    assert {name for name in open_routes if not name.startswith("GET ")} == WRITES_OF_ANYONE


@pytest.mark.parametrize("route", ROUTES)
def test_route_lets_in_whom_its_lock_names(client: FlaskClient, route: str) -> None:
    answers = {caller: call(client, route, headers_of(caller)).status_code for caller in CALLERS}

    refused = {caller: status for caller, status in answers.items() if status in (401, 403)}
    assert refused == REFUSED_TO_ALL_BUT[str(ROUTES[route].who)]
    assert max(answers.values()) < 500


@pytest.mark.parametrize("route", ROUTES)
def test_forged_token_is_refused_on_every_route(client: FlaskClient, route: str) -> None:
    assert call(client, route, {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."}).status_code == 401


@pytest.mark.parametrize("route", [route for route in ROUTES if route.startswith("GET ")])
def test_head_is_locked_as_get_is(client: FlaskClient, route: str) -> None:
    assert call(client, route, {}, "HEAD").status_code == call(client, route, {}, "GET").status_code


@pytest.mark.parametrize("route", ROUTES)
def test_options_are_told_to_anyone(client: FlaskClient, route: str) -> None:
    assert call(client, route, {}, "OPTIONS").status_code in (200, 204)


@pytest.fixture(scope="module")
def described(_shared_app: Flask) -> dict[str, Any]:
    """The description's paths, once for all routes: it takes longer to make than all that is looked for in it."""
    paths: dict[str, Any] = _shared_app.test_client().get("/openapi.json").get_json()["paths"]
    return paths


@pytest.mark.parametrize("route", ROUTES)
def test_description_says_what_the_lock_does(described: dict[str, Any], route: str) -> None:
    method, path = route.split(" ")
    operations = described.get(_described(path), {})
    if method.lower() not in operations:
        assert ROUTES[route].is_page, "only pages may be missing in the API's description"
        return
    security = operations[method.lower()]["security"]
    assert (security == [] or {} in security) == (ROUTES[route].who == Who.ANYONE)


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
