"""S15: only listed fields can be written; everything else that a row has is refused by name, and nothing is stored."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from flask.testing import FlaskClient
from marshmallow import INCLUDE

from app.accounts.models import Account
from app.accounts.session_models import RefreshFamily
from app.api.report_schemas import NewReportSchema
from app.reports.models import Report
from tests.conftest import PREFIX
from tests.factories import PASSWORD, make_account, sign_in_as
from tests.reporting import filed, new_key

MODELS = (Report, Account, RefreshFamily)
# What people would like to set, and what no row has under this name.
WISHES = {"role", "owner", "verified", "confidence", "is_admin", "is_verified", "reporter", "edit_token", "links"}
STORED = {attribute.attr_name for model in MODELS for attribute in model.get_attributes().values()}
STORED |= {name for model in MODELS for name in model.get_attributes()}
AT_ONCE = 25  # names in one body; above 50 it is one mistake
NEW = {"location": {"lat": 51.5, "lon": -0.12}, "severity": "minor"}
# Fields that each write takes.
WRITES: dict[str, set[str]] = {
    "POST /v1/reports": {"location", "radius_m", "severity", "depth_cm", "title", "description", "place"}
    | {"water_source", "observed_at"},
    "PATCH /v1/reports/{id}": {"location", "radius_m", "severity", "depth_cm", "title", "description", "place"}
    | {"water_source", "observed_at"},
    "POST /v1/accounts": {"username", "password", "email"},
    "PATCH /v1/me": {"password", "current_password", "email", "username"},
    "DELETE /v1/me": {"password", "reports"},
    "POST /v1/tokens": {"username", "password", "totp", "recovery_code"},
    "POST /v1/me/totp": {"password", "totp", "recovery_code"},
    "PUT /v1/me/totp": {"code"},
    "DELETE /v1/me/totp": {"password", "totp", "recovery_code"},
    "POST /v1/tokens/refresh": {"refresh_token"},
}
GOOD: dict[str, dict[str, Any]] = {
    "POST /v1/reports": NEW,
    "PATCH /v1/reports/{id}": {"title": "Changed"},
    "POST /v1/accounts": {"username": "someone-new", "password": PASSWORD},
    "DELETE /v1/me": {"password": PASSWORD},
}
Send = Callable[[str, dict[str, Any]], Any]


@pytest.fixture
def send(client: FlaskClient) -> Iterator[Send]:
    """Send a body to a write, as the person who owns the report and the account."""
    own = sign_in_as()
    report = filed(client, headers=own)["id"]

    def ask(write: str, body: dict[str, Any]) -> Any:
        method, path = write.split(" ")
        headers = own | {"Idempotency-Key": new_key()} if method == "POST" else own
        return client.open(path.replace("{id}", report), method=method, json=body, headers=headers)

    yield ask


def rows() -> dict[str, Any]:
    """Everything that is stored, except counters."""
    client = boto3.client("dynamodb")
    return {noun: client.scan(TableName=f"{PREFIX}-{noun}")["Items"] for noun in ("reports", "accounts")}


@pytest.mark.parametrize("write", WRITES)
def test_what_no_write_lists_is_refused_by_name_and_changes_nothing(send: Send, write: str) -> None:
    foreign = sorted((STORED | WISHES) - WRITES[write])
    before = rows()

    for start in range(0, len(foreign), AT_ONCE):
        names = foreign[start : start + AT_ONCE]
        answer = send(write, GOOD.get(write, {}) | dict.fromkeys(names, "admin"))
        assert answer.status_code == 422, (write, names, answer.text)
        refused = {one["pointer"].removeprefix("/") for one in answer.json["errors"] if one["code"] == "unknown"}
        assert refused == set(names), (write, set(names) - refused)

    assert rows() == before


def test_naive_twin_stores_a_status_that_nobody_gave() -> None:
    """The same schema as libraries make it by default would let through what it does not know."""
    body = NEW | {"status": "verified", "account_id": "acc_other"}

    taken = NewReportSchema(unknown=INCLUDE).load(body)

    assert (taken["status"], taken["account_id"]) == ("verified", "acc_other")


def test_role_in_a_body_makes_no_responder(client: FlaskClient) -> None:
    body = {"username": "someone-new", "password": PASSWORD, "role": "responder"}

    assert client.post("/v1/accounts", json=body).status_code == 422
    assert make_account().role == "resident"
