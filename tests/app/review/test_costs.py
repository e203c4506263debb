"""Costs of votes and decisions: calls and write units of one request, as DynamoDB bills them."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import dynamodb
from app.switches import blocks
from tests.factories import make_report, sign_in_as
from tests.voices import Visitor

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems")
VOTE_UNITS, VOTE_CALLS = 5, 3
# A merge may cost 2 more for each KB of both reports, which have less than one each here. A decision costs one more for
# each report than the goal of reading.md, 10 and 16: its entry in the index by place.
ENDING_UNITS, DECISION_UNITS, MERGE_UNITS = 10, 10 + 1, 16 + 2 * 1 + 2 * 2


class Bill:
    """The calls of a request, and what they wrote."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.written = 0.0

    def add(self, parsed: Any, model: Any, **_: Any) -> None:
        self.calls.append(model.name)
        consumed = parsed.get("ConsumedCapacity", [])
        for one in consumed if isinstance(consumed, list) else [consumed]:
            if model.name in WRITES:
                self.written += one["CapacityUnits"]

    def clear(self) -> None:
        self.calls, self.written = [], 0.0


def ask_for_units(params: Any, **_: Any) -> None:
    params["ReturnConsumedCapacity"] = "TOTAL"


@pytest.fixture
def bill(dynoxide: str) -> Iterator[Bill]:
    told = Bill()
    blocks.in_force()  # which a process reads once in ten seconds
    events = dynamodb.connection().client.meta.events
    events.register("provide-client-params.dynamodb", ask_for_units)
    events.register("after-call.dynamodb", told.add)
    yield told
    events.unregister("after-call.dynamodb", told.add)
    events.unregister("provide-client-params.dynamodb", ask_for_units)


def test_vote_of_a_visitor(dynoxide_client: FlaskClient, bill: Bill) -> None:
    report, neighbour = make_report(), Visitor(dynoxide_client)
    bill.clear()

    assert neighbour.vote(report.id, depth_cm=20).status_code == 200

    assert len(bill.calls) <= VOTE_CALLS, bill.calls
    assert bill.written <= VOTE_UNITS


def test_vote_that_ends_a_report(dynoxide_client: FlaskClient, bill: Bill) -> None:
    report = make_report()
    for _ in range(2):
        Visitor(dynoxide_client).vote(report.id, "receded")
    last = Visitor(dynoxide_client)
    bill.clear()

    assert last.vote(report.id, "receded").json["condition"] == "receded"

    # The vote, the report, and the ends of three networks.
    assert bill.written <= VOTE_UNITS + ENDING_UNITS


def decide(client: FlaskClient, headers: dict[str, str], report_id: str, **said: str) -> None:
    etag = client.get(f"/v1/reports/{report_id}", headers=headers).headers["ETag"]
    path = f"/v1/reports/{report_id}/verification"
    assert client.put(path, json=said, headers=headers | {"If-Match": etag}).status_code == 200


def test_decision(dynoxide_client: FlaskClient, bill: Bill) -> None:
    report, staff = make_report(title="Water over the kerb"), sign_in_as("admin")
    dynoxide_client.get("/v1/me", headers=staff)
    bill.clear()

    decide(dynoxide_client, staff, report.id, decision="verified", reason="seen_by_staff")

    assert bill.written <= DECISION_UNITS, bill.calls


def test_merge(dynoxide_client: FlaskClient, bill: Bill) -> None:
    report, target, staff = make_report(), make_report(), sign_in_as("admin")
    dynoxide_client.get("/v1/me", headers=staff)
    bill.clear()

    decide(dynoxide_client, staff, report.id, decision="merged", into=target.id)

    assert bill.written <= MERGE_UNITS, bill.calls
