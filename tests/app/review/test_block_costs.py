"""Costs of blocks: what a filing or a vote reads because of them, and what making and ending one writes."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from app.accounts import tokens
from app.core import dynamodb
from app.switches import blocks
from bench.metering import Meter
from tests.blocking import Blocker
from tests.factories import make_account, make_report
from tests.reporting import bearer, file_report
from tests.voices import Visitor

TOWN, OTHER_TOWN = "198.51.100.7", "203.0.113.9"
OF_ROW, OF_VISITOR, OF_ACCOUNT = 0.5, 0.5, 6.5
MAKING, ENDING = 12, 12  # write units: a transaction costs twice what it writes


@pytest.fixture
def meter(dynoxide: str) -> Iterator[Meter]:
    counted, client = Meter(), dynamodb.connection().client
    counted.attach(client)
    yield counted
    counted.detach(client)


def filing(client: FlaskClient, meter: Meter, headers: dict[str, str], address: str) -> float:
    """Read units of filing one report."""
    with meter.counting() as bill:
        assert file_report(client, headers=headers, address=address).status_code == 201
    return max(bill.reads, bill.reported - bill.writes)


def test_a_block_costs_those_alone_who_stand_under_it(dynoxide_client: FlaskClient, meter: Meter) -> None:
    client, admin = dynoxide_client, Blocker(dynoxide_client)
    account = make_account()
    for _ in range(12):
        make_report(account_id=account.id)
    first = file_report(client, address=TOWN).json["id"]
    own, visitor = bearer(tokens.issue_access(account)), Visitor(client, address=TOWN).headers
    usual = {name: filing(client, meter, headers, OTHER_TOWN) for name, headers in (("own", own), ("visitor", visitor))}
    admin.block(report=first)

    fresh = filing(client, meter, visitor, OTHER_TOWN)
    elsewhere = filing(client, meter, visitor, OTHER_TOWN)
    of_visitor, of_account = filing(client, meter, visitor, TOWN), filing(client, meter, own, TOWN)

    assert fresh - usual["visitor"] == OF_ROW, "the row of all blocks, once in ten seconds"
    assert elsewhere == usual["visitor"]
    assert of_visitor - usual["visitor"] == OF_VISITOR
    assert of_account - usual["own"] <= OF_ACCOUNT


def test_making_and_ending_a_block(dynoxide_client: FlaskClient, meter: Meter) -> None:
    admin = Blocker(dynoxide_client)
    report = file_report(dynoxide_client, address=TOWN).json["id"]

    with meter.counting() as bill:
        block_id = admin.block(report=report)["id"]
    with meter.counting() as ending:
        assert admin.end(block_id) == 204

    assert (bill.writes <= MAKING, ending.writes <= ENDING) == (True, True), (bill.writes, ending.writes)
    assert blocks.in_force() == []
