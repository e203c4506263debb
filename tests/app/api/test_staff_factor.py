"""Staff need a second factor where the deployment says so; other admins and the command take one away, on record."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import second_factor, tokens
from app.accounts.models import Account
from app.core.config import read_settings, settings
from app.review.audit import AuditRow, history_of
from tests.codes import TOTP, Person, begin, set_up, sign_in
from tests.factories import PASSWORD, make_account, sign_in_as
from tests.reporting import bearer, new_key
from tests.route_list import ROUTES, example_of

ADMIN_PATH = "/v1/admin/accounts/{}/totp"
FOR_SETTING_UP = {"GET /v1/me/totp", "POST /v1/me/totp", "PUT /v1/me/totp", "DELETE /v1/me/totp", "DELETE /v1/tokens"}
ON_THE_API = [name for name, route in ROUTES.items() if not route.is_page and "/v1/" in name]


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    strict = settings()._replace(needs_second_factor=True)
    monkeypatch.setattr(second_factor, "settings", lambda: strict)


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json["type"].rpartition("/")[2]


def acts_upon(account_id: str) -> list[AuditRow]:
    """Return the acts upon an account, newest first, except its own sign-ins."""
    return [row for row in history_of(account_id) if row.action != "staff.signed_in"]


def test_it_is_optional_unless_a_setting_says_otherwise() -> None:
    named = {name: read_settings({"FLOOD_STAFF_SECOND_FACTOR": name}) for name in ("", "optional", "required")}

    assert {name: found.needs_second_factor for name, found in named.items()} == {
        "": False,
        "optional": False,
        "required": True,
    }


@pytest.mark.parametrize("role", ["responder", "admin"])
def test_staff_sign_in_to_set_it_up_and_have_their_rights_then(
    client: FlaskClient, noon: Any, required: None, role: str
) -> None:
    account = make_account(role)
    headers = bearer(sign_in(client, account.username).json["access_token"])
    refused = client.get("/v1/review/queue", headers=headers)
    assert code_of(refused) == (403, "second-factor-required") and "/v1/me/totp" in refused.json["detail"]
    assert client.get(TOTP, headers=headers).json["is_required"]

    app = begin(client, headers)
    assert client.put(TOTP, headers=headers, json={"code": app.code()}).status_code == 200

    assert client.get("/v1/review/queue", headers=headers).status_code == 200
    again = sign_in(client, account.username, totp=app.code(1)).json["access_token"]
    assert client.get("/v1/review/queue", headers=bearer(again)).status_code == 200
    assert code_of(client.delete(TOTP, headers=bearer(again), json={"password": PASSWORD})) == (409, "conflict")


@pytest.mark.parametrize("route", ON_THE_API)
def test_until_then_every_other_address_refuses_them(client: FlaskClient, required: None, route: str) -> None:
    method, path = route.split(" ")
    body: dict[str, Any] = {} if method == "GET" else {"json": {}}

    answer = client.open(example_of(path), method=method, headers=sign_in_as("admin"), **body)

    is_refused = answer.status_code == 403 and answer.json["type"].endswith("second-factor-required")
    assert is_refused == (route not in FOR_SETTING_UP)


def test_without_their_token_they_are_as_anyone(client: FlaskClient, required: None) -> None:
    headers = sign_in_as("responder") | {"Idempotency-Key": new_key()}
    report = {"location": {"lat": 51.5, "lon": -0.1}, "severity": "minor", "title": "Water in the road"}
    assert client.post("/v1/reports", headers=headers, json=report).status_code == 403

    headers.pop("Authorization")

    assert client.post("/v1/reports", headers=headers, json=report).status_code == 201


def test_residents_need_none(client: FlaskClient, required: None) -> None:
    headers = sign_in_as()

    assert client.get("/v1/me", headers=headers).status_code == 200
    assert not client.get(TOTP, headers=headers).json["is_required"]


def test_who_becomes_staff_needs_one_from_the_next_request_on(client: FlaskClient, noon: Any, required: None) -> None:
    admin = set_up(client, make_account("admin"))
    plain, careful = make_account(), set_up(client, make_account())
    token = bearer(tokens.issue_access(plain))
    for account in (plain, careful.account):
        body = {"role": "responder", "reason": "appointed"}
        raised = client.patch(f"/v1/admin/accounts/{account.id}", headers=admin.headers, json=body)
        assert (raised.status_code, raised.json["has_second_factor"]) == (200, account is not plain)

    assert code_of(client.get("/v1/me", headers=token)) == (403, "second-factor-required")
    assert client.get("/v1/me", headers=careful.headers).status_code == 200


def test_old_clients_let_no_staff_in_without_one(client: FlaskClient, required: None) -> None:
    said = {"username": make_account("responder").username, "password": PASSWORD}

    assert client.post("/authenticate", json=said).status_code == 400


@pytest.fixture
def warden(client: FlaskClient, noon: Any) -> Person:
    return set_up(client, make_account("responder", username="warden"))


def test_another_admin_takes_it_away_on_record(client: FlaskClient, warden: Person) -> None:
    admin = sign_in_as("admin")

    answers = [client.delete(ADMIN_PATH.format(warden.account.id), headers=admin) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    reset, made = acts_upon(warden.account.id)
    assert (reset.action, made.action) == ("second_factor.reset", "second_factor.made")
    assert reset.actor == client.get("/v1/me", headers=admin).json["id"]
    assert client.get("/v1/me", headers=warden.headers).status_code == 401
    assert sign_in(client, "warden").status_code == 200


def test_nobody_takes_their_own_away_as_an_admin(client: FlaskClient, noon: Any) -> None:
    admin = set_up(client, make_account("admin"))

    assert code_of(client.delete(ADMIN_PATH.format(admin.account.id), headers=admin.headers)) == (403, "forbidden")

    found = Account.find(admin.account.id)
    assert found and found.has_second_factor


def test_account_that_is_not_there_has_none(client: FlaskClient) -> None:
    assert client.delete(ADMIN_PATH.format(f"acc_{'a' * 26}"), headers=sign_in_as("admin")).status_code == 404


def test_who_is_no_admin_any_more_takes_nothing_away(
    client: FlaskClient, warden: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The admin is demoted after the lock has let the request in."""
    admin = make_account("admin")
    headers, change_in = bearer(tokens.issue_access(admin)), Account.change_in

    def demote_first(account: Account, *rest: Any, **changes: Any) -> None:
        admin.update(actions=[Account.role.set("resident")])
        change_in(account, *rest, **changes)

    monkeypatch.setattr(Account, "change_in", demote_first)

    assert client.delete(ADMIN_PATH.format(warden.account.id), headers=headers).status_code == 403
    assert [row.action for row in acts_upon(warden.account.id)] == ["second_factor.made"]
    found = Account.find(warden.account.id)
    assert found and found.has_second_factor


def test_command_takes_it_away_on_record(app: Flask, client: FlaskClient, warden: Person) -> None:
    def run(name: str) -> Any:
        return app.test_cli_runner().invoke(args=["reset-second-factor", name])

    first, second, unknown = run("Warden"), run("warden"), run("nobody-here")

    assert (first.exit_code, "away" in first.output) == (0, True)
    assert (second.exit_code, "has no second factor" in second.output) == (0, True)
    assert unknown.exit_code == 1
    assert next((row.action, row.actor) for row in history_of(warden.account.id)) == ("second_factor.reset", "command")
    assert sign_in(client, "warden").status_code == 200
