"""A database that takes calls and never answers: every request is answered in time all the same."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from app.core import dynamodb
from tests.reliability.conftest import WITHOUT_LIMITS
from tests.rig import client
from tests.rig.fleet import FUNCTION_TIMEOUT_S, WEB, Fleet, Function, side_by_side
from tests.rig.proxy import Call, FaultProxy, Rule

# The product's own; tests have more time.
CALL_S, WAIT_S, READ_TIMEOUT_S = dynamodb.CALL_S, dynamodb.WAIT_S, dynamodb.READ_TIMEOUT_S
LONGEST_ANSWER_S = 8
# What botocore's standard mode waits at most before the second attempt.
LONGEST_PAUSE_S = 1
GET_REPORT = client.event("GET", "/v1/reports/rep_" + "a" * 26)
FILE_REPORT = client.filing("a-report-in-the-dark")
LIST_REPORTS = client.event("GET", "/v1/reports")
REGISTER = client.event("POST", "/v1/accounts", {"username": "ada", "password": "a long and rainy night"})
SIGN_IN = client.event("POST", "/v1/tokens", {"username": "ada", "password": "a long and rainy night"})


def test_all_waiting_together_stays_within_the_bar(tables: None) -> None:
    """A request may be about to connect, or between two attempts, when its time is over."""
    beyond_s = dynamodb.CONNECT_TIMEOUT_S + LONGEST_PAUSE_S

    assert CALL_S <= WAIT_S
    assert WAIT_S + beyond_s <= LONGEST_ANSWER_S < FUNCTION_TIMEOUT_S


def test_naive_twin_outlives_its_function(tables: None) -> None:
    config = boto3.client("dynamodb").meta.config

    assert config.read_timeout > FUNCTION_TIMEOUT_S


def silent(*operations: str) -> Rule:
    """No answer to these operations; none at all when none is named."""

    def rule(call: Call) -> str:
        return "black_hole" if call.operation in operations or not operations else ""

    return rule


@pytest.fixture(scope="module")
def hurried_fleet(session_proxy: FaultProxy) -> Iterator[Fleet]:
    """Instances with the product's own seconds."""
    with Fleet(session_proxy.address, is_patient=False, **WITHOUT_LIMITS) as fleet:
        yield fleet


def ask_in_the_dark(function: Function, requests: list[dict[str, Any]]) -> list[tuple[int, bool]]:
    """All at once, each to an instance of its own; the statuses, and whether Retry-After came along."""
    pairs = zip(function.instances(len(requests)), requests, strict=True)
    replies = side_by_side([lambda i=instance, r=request: client.ask(i, r) for instance, request in pairs])
    return [(reply.status, "retry-after" in reply.headers) for reply in replies]


def test_requests_are_answered_when_the_database_is_silent(hurried_fleet: Fleet, proxy: FaultProxy) -> None:
    proxy.rule = silent()

    replies = ask_in_the_dark(hurried_fleet.of(WEB), [FILE_REPORT, GET_REPORT, LIST_REPORTS, REGISTER, SIGN_IN])

    assert replies == [(503, True)] * 5


def test_no_request_tries_again_and_again_when_only_writes_are_silent(hurried_fleet: Fleet, proxy: FaultProxy) -> None:
    proxy.rule = silent("PutItem", "TransactWriteItems")

    replies = ask_in_the_dark(hurried_fleet.of(WEB), [FILE_REPORT, REGISTER])

    assert replies == [(503, True)] * 2
    # So many silences fill a request's time, and no further one is begun.
    assert proxy.met["black_hole"] <= 2 * (WAIT_S // READ_TIMEOUT_S)
