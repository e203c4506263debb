"""Whatever state a stack was left in, a deployment first brings it into one that can be deployed to."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from infra.stack_state import NotReady, make_ready

STACK = "floodmanager-prod"


@pytest.fixture
def formation() -> Iterator[tuple[Any, Stubber]]:
    client = boto3.client("cloudformation", region_name="eu-west-2")
    with Stubber(client) as stub:
        yield client, stub
        stub.assert_no_pending_responses()


def is_in(stub: Stubber, *states: str) -> None:
    for state in states:
        told = {"StackName": STACK, "CreationTime": "2026-11-21T00:00:00Z", "StackStatus": state}
        stub.add_response("describe_stacks", {"Stacks": [told]}, {"StackName": STACK})


def is_gone(stub: Stubber) -> None:
    stub.add_client_error("describe_stacks", "ValidationError", f"Stack with id {STACK} does not exist")


def ready(client: Any) -> str:
    return make_ready(client, STACK, wait=lambda _: None)


@pytest.mark.parametrize("state", ["", "CREATE_COMPLETE", "UPDATE_COMPLETE"])
def test_nothing_is_done_to_a_stack_that_is_well_or_absent(formation: tuple[Any, Stubber], state: str) -> None:
    client, stub = formation
    if state:
        is_in(stub, state)
    else:
        is_gone(stub)

    assert ready(client) == ""


@pytest.mark.parametrize("state", ["UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE"])
def test_a_stack_that_was_taken_back_is_deployed_to_whole(formation: tuple[Any, Stubber], state: str) -> None:
    """The CLI would find its files unchanged, and leave the deployment out."""
    client, stub = formation
    is_in(stub, state)

    assert state in ready(client)


@pytest.mark.parametrize("state", ["ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"])
def test_a_stack_that_never_was_is_deleted(formation: tuple[Any, Stubber], state: str) -> None:
    client, stub = formation
    is_in(stub, state)
    stub.add_response("delete_stack", {}, {"StackName": STACK})
    is_in(stub, "DELETE_IN_PROGRESS")
    is_gone(stub)

    assert state in ready(client)


@pytest.mark.parametrize(("failed", "skipped"), [("HttpApiStage", ["HttpApiStage"]), ("ReportsTable", [])])
def test_a_roll_back_that_failed_is_ended(formation: tuple[Any, Stubber], failed: str, skipped: list[str]) -> None:
    client, stub = formation
    is_in(stub, "UPDATE_ROLLBACK_FAILED")
    told = {"LogicalResourceId": failed, "ResourceType": "AWS::Any::Thing", "ResourceStatus": "UPDATE_FAILED"}
    summary = told | {"LastUpdatedTimestamp": "2026-11-21T00:00:00Z"}
    stub.add_response("list_stack_resources", {"StackResourceSummaries": [summary]}, {"StackName": STACK})
    stub.add_response("continue_update_rollback", {}, {"StackName": STACK, "ResourcesToSkip": skipped})
    is_in(stub, "UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_COMPLETE")

    assert "UPDATE_ROLLBACK_FAILED" in ready(client)


@pytest.mark.parametrize(
    ("state", "told"), [("UPDATE_IN_PROGRESS", "another deployment"), ("DELETE_FAILED", "a removal did not end")]
)
def test_what_only_waiting_or_a_person_can_end_is_said(formation: tuple[Any, Stubber], state: str, told: str) -> None:
    client, stub = formation
    is_in(stub, state)

    with pytest.raises(NotReady, match=told):
        ready(client)
