"""The forms of accounts under the rights of the function that takes them: no call that its role would refuse."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from app.core import dynamodb
from app.core.config import settings
from tests.app.legacy.old_clients import registered, report
from tests.app.pages.conftest import Visitor
from tests.app.pages.conftest import signed_in as signed_in  # noqa: PLC0414 - a fixture
from tests.app.pages.conftest import visitor as visitor  # noqa: PLC0414 - a fixture
from tests.factories import PASSWORD, make_account, make_report, sign_in_as
from tests.keyed import make_key, make_partner

ROOT = Path(__file__).parents[2]
SIGN_IN, API, FILING = "SignInRole", "ApiRole", "FileReportRole"
Rights = set[tuple[str, str]]


@cache
def roles() -> dict[str, Any]:
    """Return all roles as written: reading the files again for each page took most of a test."""
    files = (ROOT / "infra").glob("iam_*.yml")
    return {name: role for file in files for name, role in yaml.safe_load(file.read_text())["Resources"].items()}


def rights_of(role: str) -> Rights:
    """(action, table or index) of a role."""
    statements = roles()[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    return {
        (action.removeprefix("dynamodb:"), place)
        for said in statements
        for action in ([said["Action"]] if isinstance(said["Action"], str) else said["Action"])
        for place in _places(said["Resource"])
    }


def _places(resource: Any) -> list[str]:
    """`AccountsTable`, `ReportsTable/index/by_account`."""
    found = resource if isinstance(resource, list) else [resource]
    return [
        each["Fn::GetAtt"][0] if "Fn::GetAtt" in each else each["Fn::Sub"].replace("${", "").replace(".Arn}", "")
        for each in found
    ]


@contextmanager
def used() -> Iterator[Rights]:
    """Return the calls to the database meanwhile. A transaction needs the right to each of its writes."""
    asked: Rights = set()

    def note(model: Any, params: dict[str, Any], **_: Any) -> None:
        body = json.loads(params["body"])
        acts = [(f"{kind}Item", said) for act in body.get("TransactItems", []) for kind, said in act.items()]
        acts += [(model.name, {"TableName": name}) for name in body.get("RequestItems", {})]
        for action, said in acts or [(model.name, body)]:
            noun = said["TableName"].removeprefix(f"{settings().prefix}-")
            index = f"/index/{said['IndexName']}" if "IndexName" in said else ""
            asked.add((action, f"{noun.capitalize()}Table{index}"))

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", note)
    try:
        yield asked
    finally:
        events.unregister("before-call.dynamodb", note)


def test_signing_in_and_registering_need_no_more_than_their_function_has(visitor: Visitor) -> None:
    name = make_account().username
    forms = [
        ("/sign-in", {"username": name, "password": PASSWORD}),
        ("/sign-in", {"username": name, "password": PASSWORD}),  # with the cookie of the first
        ("/sign-in", {"username": name, "password": "wrong"}),
        ("/sign-in/new", {"username": "newcomer", "password": PASSWORD}),
        ("/sign-in/new", {"username": "newcomer", "password": PASSWORD}),
    ]

    with used() as asked:
        statuses = [visitor.post(path, **fields).status_code for path, fields in forms]

    assert statuses == [303, 303, 401, 303, 409]
    assert {("PutItem", "AccountsTable"), ("PutItem", "TokensTable")} <= asked
    assert asked <= rights_of(SIGN_IN)


@pytest.mark.parametrize(
    ("role", "path", "fields", "status"),
    [
        (API, "/me/sign-out", {}, 303),
        (API, "/me/sign-out-everywhere", {}, 303),
        (SIGN_IN, "/me/password", {"current_password": PASSWORD, "password": "another long wet november"}, 303),
        (SIGN_IN, "/me/password", {"current_password": "wrong", "password": "another long wet november"}, 422),
        (SIGN_IN, "/me/delete", {"leaving_password": PASSWORD}, 303),
        (SIGN_IN, "/me/delete", {"leaving_password": "wrong"}, 422),
    ],
)
def test_what_one_does_with_ones_account_needs_no_more_than_its_function_has(
    signed_in: Callable[..., Visitor], role: str, path: str, fields: dict[str, str], status: int
) -> None:
    visitor = signed_in()
    assert visitor.account is not None
    make_report(account_id=visitor.account.id)

    with used() as shown:
        assert visitor.get("/me").status_code == 200
    with used() as asked:
        assert visitor.post(path, **fields).status_code == status

    assert len(asked) >= 2
    assert shown <= rights_of(API)
    assert asked <= rights_of(role)


def test_a_flood_of_the_first_phone_clients_needs_no_more_than_its_function_has(client: FlaskClient) -> None:
    registered(client)

    with used() as asked:
        assert [report(client).status_code, report(client).status_code] == [201, 201]

    assert ("PutItem", "ReportsTable") in asked
    assert asked <= rights_of(SIGN_IN)


def test_filing_needs_no_more_than_its_function_has(signed_in: Callable[..., Visitor], client: FlaskClient) -> None:
    """By the API and by the page; signed in, by an API key and not; right, repeated and with a mistake."""
    visitor, who, key = signed_in(), sign_in_as(), make_key(client, make_partner(), "reports:write")["key"]
    told = {"location": {"lat": 51.0, "lon": -2.8}, "depth_cm": 30, "title": "Water", "place": "public"}
    again = {"Idempotency-Key": "filing-needs-no-more-0001"}
    other = who | {"Idempotency-Key": "filing-needs-no-more-0002"}
    by_key = {"Authorization": f"Bearer {key}", "Idempotency-Key": "filing-needs-no-more-0003"}

    with used() as asked:
        filed = [
            client.post("/v1/reports", json=body, headers=headers).status_code
            for body, headers in [
                (told, again),
                (told, again),
                (told, other),
                (told, by_key),
                ({"depth_cm": "deep"}, {}),
            ]
        ]
        pages = [
            visitor.post("/report", **fields).status_code for fields in ({}, {"where": "Taunton", "depth": "knee"})
        ]

    assert filed == [201, 200, 201, 201, 422]
    assert all(status < 500 for status in pages)
    assert ("PutItem", "ReportsTable") in asked
    assert asked <= rights_of(FILING)
