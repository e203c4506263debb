"""The lock on every route: shut unless it says otherwise, and said in the API's description."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import auth, tokens
from app.accounts.auth import Caller, Who, caller, lock, lock_blueprint
from app.core import clock
from app.http import problems
from app.http.description import description
from app.http.schemas import Blueprint
from tests.app.accounts.conftest import bearer
from tests.factories import sign_in_as

WHO_IS_LET_IN = {
    Who.ANYONE: {"anonymous", "edit", "resident", "responder", "admin"},
    Who.PERSON: {"edit", "resident", "responder", "admin"},
    Who.SIGNED_IN: {"resident", "responder", "admin"},
    Who.ACCOUNT: {"resident", "responder", "admin"},
    Who.REPORTER: {"edit", "resident", "responder", "admin"},
    Who.SUBSCRIBER: {"resident", "responder", "admin"},
    Who.RESPONDER: {"responder", "admin"},
    Who.ADMIN: {"admin"},
    Who.KEY: set(),
    None: set(),
}
CALLERS = ("anonymous", "edit", "resident", "responder", "admin")


def headers_of(who: str) -> dict[str, str]:
    if who == "anonymous":
        return {}
    return bearer(tokens.edit_token("rep_x", since_ms=clock.now_ms())) if who == "edit" else sign_in_as(who)


@pytest.fixture
def doors(tables: None) -> Flask:
    """An app with one view for each lock, one without, and one that takes its blueprint's."""
    app = Flask("doors")
    app.config.update(TESTING=True)
    auth.guard(app)
    room, locked_room = Blueprint("room", "room"), Blueprint("locked", "locked")
    lock_blueprint(locked_room, Who.RESPONDER)
    for who in Who:
        room.add_url_rule(f"/{who}", who, lock(who)(_view(who)))
    room.add_url_rule("/None", "forgotten", _view("forgotten"))
    locked_room.add_url_rule("/default", "default", _view("default"))
    locked_room.add_url_rule("/own", "own", lock(Who.ANYONE)(_view("own")))
    app.register_blueprint(room)
    app.register_blueprint(locked_room)
    problems.register(app)
    return app


def _view(name: str) -> Any:
    def view() -> dict[str, Any]:
        """Show who calls.

        In some detail.
        """
        known = caller()
        return {"account_id": known.account_id, "role": known.role, "edits_report": known.edits_report}

    view.__name__ = name
    return view


@pytest.mark.parametrize("door", [*Who, None])
@pytest.mark.parametrize("asking", CALLERS)
def test_door_opens_for_those_it_names_only(doors: Flask, door: Who | None, asking: str) -> None:
    answer = doors.test_client().get(f"/{door}", headers=headers_of(asking))

    refused = 401 if asking == "anonymous" and door is not None else 403
    assert answer.status_code == (200 if asking in WHO_IS_LET_IN[door] else refused)


@pytest.mark.parametrize(("asking", "status"), [("anonymous", 401), ("resident", 403), ("responder", 200)])
def test_view_takes_its_blueprints_lock(doors: Flask, asking: str, status: int) -> None:
    assert doors.test_client().get("/default", headers=headers_of(asking)).status_code == status


def test_views_own_lock_overrides_its_blueprints(doors: Flask) -> None:
    assert doors.test_client().get("/own").status_code == 200


def test_view_without_a_lock_is_refused_in_the_product_too(own_app: Flask) -> None:
    own_app.add_url_rule("/planted", "planted", lambda: "open by accident")

    for headers in ({}, sign_in_as("admin")):
        assert own_app.test_client().get("/planted", headers=headers).status_code == 403


def test_caller_is_who_the_token_says(doors: Flask) -> None:
    client = doors.test_client()

    assert client.get("/anyone").json == {"account_id": None, "role": None, "edits_report": None}
    assert client.get("/anyone", headers=headers_of("edit")).json["edits_report"] == "rep_x"
    assert client.get("/anyone", headers=headers_of("responder")).json["role"] == "responder"


@pytest.mark.parametrize(
    ("role", "is_responder"), [(None, False), ("resident", False), ("responder", True), ("admin", True)]
)
def test_admin_is_a_responder_too(role: str | None, is_responder: bool) -> None:
    assert Caller(role=role).is_responder == is_responder


def test_preflight_needs_no_token(client: FlaskClient) -> None:
    answer = client.options("/v1/me", headers={"Origin": "https://example.org", "Access-Control-Request-Method": "GET"})

    assert answer.status_code == 200
    assert {"GET", "PATCH"} <= set(answer.headers["Allow"].replace(",", " ").split())


def test_head_is_locked_as_get_is(client: FlaskClient) -> None:
    assert client.head("/v1/me").status_code == 401
    assert client.head("/v1/me", headers=sign_in_as("resident")).status_code == 200


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_method_cannot_be_overridden(client: FlaskClient, header: str) -> None:
    headers = sign_in_as("resident")

    client.get("/v1/me", headers=headers | {header: "DELETE"})

    assert client.get("/v1/me", headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["X-User-Id", "X-Account-Id", "X-Role", "X-Forwarded-User", "Cookie"])
def test_no_other_header_tells_who_is_asking(client: FlaskClient, name: str) -> None:
    assert client.get("/v1/me", headers={name: "admin"}).status_code == 401


def test_unknown_address_is_not_found_whatever_the_token(client: FlaskClient) -> None:
    assert client.get("/v1/nothing", headers=bearer("forged")).status_code == 404
    assert client.put("/v1/me", headers=bearer("forged")).status_code == 405


def test_description_says_who_may_call(doors: Flask) -> None:
    said = {name: describe(doors, name) for name in ("room.anyone", "room.admin", "locked.default", "locked.own")}

    assert said["room.anyone"]["security"] == said["locked.own"]["security"] == []
    assert said["room.admin"]["security"] == [{"bearer": []}]
    assert said["room.admin"]["description"] == "In some detail.\n\nFor admins. Takes access tokens."
    assert said["locked.default"]["description"].endswith("For responders and admins. Takes access tokens.")


def describe(app: Flask, endpoint: str) -> dict[str, Any]:
    rule = next(app.url_map.iter_rules(endpoint))
    operation: dict[str, Any] = description(app).to_dict()["paths"][rule.rule]["get"]
    auth.add_security_to(operation, auth.lock_of(app, endpoint))
    return operation
