"""Each sign-in of staff has its record before the answer; where none can be stored, it is let in and rings an alarm."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.core import telemetry
from app.review.audit import history_of
from app.review.audit_models import AuditRow
from tests.app.pages.conftest import Visitor
from tests.factories import PASSWORD, make_account


def sign_in(client: FlaskClient, account: Account, *, on: str, password: str = PASSWORD) -> Any:
    values = {"username": account.username, "password": password}
    if on == "api":
        return client.post("/v1/tokens", json=values)
    return Visitor(client).post("/sign-in", **values)


def signed_in(account: Account) -> list[tuple[str, Any]]:
    return [(row.actor, row.after) for row in history_of(account.id) if row.action == "staff.signed_in"]


@pytest.mark.parametrize("on", ["api", "pages"])
@pytest.mark.parametrize("role", ["responder", "admin"])
def test_sign_in_of_staff_is_noted_with_its_request(client: FlaskClient, role: str, on: str) -> None:
    account = make_account(role)

    answer = sign_in(client, account, on=on)

    assert answer.status_code in (200, 303)
    assert signed_in(account) == [(account.id, {"role": role})]
    assert history_of(account.id)[0].request_id == answer.headers["X-Request-ID"]


@pytest.mark.parametrize("on", ["api", "pages"])
def test_sign_in_of_a_resident_is_not(client: FlaskClient, on: str) -> None:
    account = make_account()

    sign_in(client, account, on=on)

    assert history_of(account.id) == []


def test_neither_a_wrong_password_nor_new_tokens_are_a_sign_in(client: FlaskClient) -> None:
    account = make_account("admin")
    sign_in(client, account, on="api", password="this is another one")
    pair = sign_in(client, account, on="api").json

    client.post("/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]})

    assert len(signed_in(account)) == 1


@pytest.mark.parametrize("on", ["api", "pages"])
def test_audit_that_is_away_locks_nobody_out_and_rings(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, on: str
) -> None:
    account, measured = make_account("admin"), list[str]()

    def fail(*_: Any) -> None:
        raise AuditRow.DoesNotExist  # a failure of PynamoDB, as any

    monkeypatch.setattr(AuditRow, "put", fail)
    monkeypatch.setattr(telemetry, "measure", lambda name, *_: measured.append(name))

    answer = sign_in(client, account, on=on)

    assert answer.status_code in (200, 303)
    assert measured == ["StaffSignInsNotNoted"]
