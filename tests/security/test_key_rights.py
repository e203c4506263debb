"""Rights of API keys: every route of the product, called by a key of every scope and of every kind of owner."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.api_keys import authenticate
from app.accounts.models import Role
from app.accounts.scopes import Scope
from app.core.errors import SecondFactorRequired
from app.review import staff
from app.review.audit import BY_COMMAND, history_of
from tests.codes import set_up
from tests.factories import EVERYWHERE, make_account
from tests.keyed import make_key, problem_of
from tests.reporting import DOOR, bearer, filed, new_key
from tests.route_list import ROUTES, example_of
from tests.security.test_matrix import headers_of

WRITE, IMPORT, REVIEW = "reports:write", "reports:import", "review"
# The routes that take a key, with the scopes of which it needs one. All others refuse every key. Stated a second time,
# because a slip at a lock would open a route to programs.
TAKEN = {
    "POST /v1/reports": {WRITE},
    "POST /v1/reports/batch": {IMPORT},
    "GET /v1/reports/<report_id>": {WRITE, IMPORT, REVIEW},
    "PATCH /v1/reports/<report_id>": {WRITE, IMPORT},
    "DELETE /v1/reports/<report_id>": {WRITE, IMPORT},
    "GET /v1/reports": {REVIEW},
    "GET /v1/reports.csv": {REVIEW},
    "GET /v1/reports.geojson": {REVIEW},
    "POST /v1/reports/<report_id>/photos": {WRITE, IMPORT, REVIEW},
    "PUT /v1/reports/<report_id>/photos/<photo_id>": {WRITE, IMPORT, REVIEW},
    "DELETE /v1/reports/<report_id>/photos/<photo_id>": {WRITE, IMPORT, REVIEW},
    "GET /v1/reports/<report_id>/photos/<photo_name>/<size>.jpg": {WRITE, IMPORT, REVIEW},
    "PUT /v1/reports/<report_id>/verification": {REVIEW},
    "DELETE /v1/reports/<report_id>/verification": {REVIEW},
    "GET /v1/review/queue": {REVIEW},
    "GET /v1/review/queue/<report_id>": {REVIEW},
    "PUT /v1/review/holds/<report_id>": {REVIEW},
    "DELETE /v1/review/holds/<report_id>": {REVIEW},
    "POST /v1/review/decisions": {REVIEW},
}


class Owner:
    """An admin with a second factor, and a key of each scope."""

    def __init__(self, client: FlaskClient, role: str = "admin") -> None:
        self.client, self.account = client, make_account(role)
        set_up(client, self.account)
        self.keys = {scope: make_key(client, self.account, scope)["key"] for scope in (WRITE, IMPORT, REVIEW)}

    def call(self, route: str, scope: str, **named: str) -> Any:
        method, path = route.split(" ")
        body: dict[str, Any] = {} if method == "GET" else {"json": {}}
        return self.client.open(example_of(path, **named), method=method, headers=bearer(self.keys[scope]), **body)


@pytest.fixture
def owner(client: FlaskClient, noon: Any) -> Owner:
    return Owner(client)


def test_every_route_takes_the_keys_that_are_stated_and_no_other(owner: Owner) -> None:
    for name in ROUTES:
        for scope in owner.keys:
            answer = owner.call(name, scope)
            if scope in TAKEN.get(name, ()):
                assert answer.status_code not in (401, 403) and answer.status_code < 500, (name, scope)
            else:
                assert answer.status_code == 403, (name, scope)


def test_wrong_scope_is_told_with_the_one_that_is_needed(owner: Owner) -> None:
    refused = owner.call("POST /v1/reports/batch", WRITE)

    assert problem_of(refused) == (403, "scope-missing")
    assert (refused.json["scopes_needed"], "`reports:import`" in refused.json["detail"]) == (["reports:import"], True)
    assert problem_of(owner.call("PATCH /v1/me", WRITE)) == (403, "forbidden")
    open_to_all = owner.call("GET /v1/reports", WRITE)
    assert (problem_of(open_to_all), "without a key" in open_to_all.json["detail"]) == ((403, "scope-missing"), True)
    assert "without it" in owner.call("GET /v1/warnings", WRITE).json["detail"]


def test_description_names_the_scopes_of_each_operation(client: FlaskClient) -> None:
    paths = client.get("/openapi.json").json["paths"]
    for name, route in ROUTES.items():
        operation = paths.get(route.path.replace("<", "{").replace(">", "}"), {}).get(route.method.lower())
        if operation is not None and "{int" not in route.path:
            _, _, sentence = operation["description"].partition(" API keys with the scope")
            named = {scope for scope in (WRITE, IMPORT, REVIEW) if f"`{scope}`" in sentence}
            assert named == (TAKEN.get(name) or set()), name


def test_key_that_writes_sees_no_more_than_a_stranger(client: FlaskClient, owner: Owner) -> None:
    """Its owner is an admin: the exact place of another person's home stays hidden from the key."""
    report = filed(client, location=dict(DOOR), place="home")["id"]

    seen = {scope: owner.call("GET /v1/reports/<report_id>", scope, report_id=report).json for scope in owner.keys}

    assert seen[REVIEW]["location"] == DOOR
    assert DOOR not in (seen[WRITE]["location"], seen[IMPORT]["location"])
    assert [row.after for row in history_of(owner.account.id) if row.action == "exact_place.read"] == [
        {"reports": [report]}
    ]


def test_key_has_the_owners_role_and_areas_of_now(client: FlaskClient, noon: Any) -> None:
    responder = Owner(client, "responder")
    report = filed(client, location=dict(DOOR), place="home")["id"]

    def seen_place() -> Any:
        return responder.call("GET /v1/reports/<report_id>", REVIEW, report_id=report).json["location"]

    def change(**values: Any) -> None:
        staff.change(responder.account.id, {"reason": "other", **values}, by=BY_COMMAND)

    assert seen_place() == DOOR
    change(areas=[])
    assert seen_place() != DOOR
    change(areas=EVERYWHERE)
    assert responder.call("GET /v1/review/queue", REVIEW).status_code == 200
    change(role=Role.RESIDENT)
    assert problem_of(responder.call("GET /v1/review/queue", REVIEW)) == (403, "forbidden")
    assert seen_place() != DOOR


def test_key_changes_reports_of_its_owner_only(client: FlaskClient, owner: Owner) -> None:
    strangers = filed(client)["id"]
    own = filed(client, headers=bearer(owner.keys[WRITE]))["id"]

    for scope in (WRITE, IMPORT):
        assert owner.call("DELETE /v1/reports/<report_id>", scope, report_id=strangers).status_code == 404
    assert owner.call("DELETE /v1/reports/<report_id>", IMPORT, report_id=own).status_code == 204


def test_token_of_another_kind_is_no_key(client: FlaskClient, owner: Owner) -> None:
    for caller in ("edit", "visitor"):
        said = {"Idempotency-Key": new_key()} | headers_of(caller)
        said["Authorization"] = said["Authorization"].replace("f", "fm_f", 1)
        assert client.post("/v1/reports", json={}, headers=said).status_code == 401


def test_keys_of_staff_without_a_factor_where_it_is_required_do_nothing(
    client: FlaskClient, noon: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = make_account("admin")
    key = make_key(client, admin, WRITE)["key"]
    monkeypatch.setattr("app.accounts.second_factor.is_required_of", lambda _: True)

    with pytest.raises(SecondFactorRequired):
        authenticate(key)
    refused = client.get("/v1/reports/rep_none", headers=bearer(key))
    assert problem_of(refused) == (403, "second-factor-required")


def test_scopes_are_those_of_the_product() -> None:
    assert (
        {str(scope) for scope in Scope} == {WRITE, IMPORT, REVIEW} == {one for some in TAKEN.values() for one in some}
    )
