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

LATEST_CALL_S = dynamodb.LATEST_CALL_S  # the product's own; tests have more time
LONGEST_ANSWER_S = 8
# What botocore's standard mode waits at most before the second attempt.
LONGEST_PAUSE_S = 1
GET_REPORT = client.event("GET", "/v1/reports/rep_" + "a" * 26)
FILE_REPORT = client.filing("a-report-in-the-dark")
LIST_REPORTS = client.event("GET", "/v1/reports")
REGISTER = client.event("POST", "/v1/accounts", {"username": "ada", "password": "a long and rainy night"})
SIGN_IN = client.event("POST", "/v1/tokens", {"username": "ada", "password": "a long and rainy night"})


def longest_call_s(made: Any, *, connect_s: float) -> float:
    """For how long one call of a client can last when nobody answers."""
    config = made.meta.config
    attempts = (config.retries or {}).get("total_max_attempts", 3)
    return attempts * (connect_s + config.read_timeout) + (attempts - 1) * LONGEST_PAUSE_S


def longest_answer_s(made: Any, latest_call_s: float) -> tuple[float, float]:
    """Where connections stand at once, as they do in one region; and where each takes its whole time too."""
    quick, slow = (longest_call_s(made, connect_s=seconds) for seconds in (0, made.meta.config.connect_timeout))
    return latest_call_s + quick, latest_call_s + slow


def test_all_attempts_and_time_outs_together_stay_within_the_bar(tables: None) -> None:
    usual, at_most = longest_answer_s(dynamodb.connection().client, LATEST_CALL_S)

    assert usual <= LONGEST_ANSWER_S
    assert at_most < FUNCTION_TIMEOUT_S


def test_naive_twin_outlives_its_function(tables: None) -> None:
    usual, _ = longest_answer_s(boto3.client("dynamodb"), 0)

    assert usual > FUNCTION_TIMEOUT_S


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
    # A busy machine may take so long to come to its write that there is no time left for it.
    assert proxy.met["black_hole"] <= 2 * (1 + dynamodb.RETRIES)
