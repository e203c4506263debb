"""The web ACL's own stack: made, changed, left as it is, and failures told."""

from collections.abc import Iterator

import boto3
import pytest
from botocore.stub import ANY, Stubber

from infra import edge

STACK = "floodmanager-prod-edge"
ARN = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/floodmanager-prod-edge/1"
SENT = {"StackName": STACK, "TemplateBody": ANY, "Parameters": ANY}


@pytest.fixture
def cloud_formation() -> Iterator[Stubber]:
    with Stubber(boto3.client("cloudformation", region_name=edge.REGION)) as stubber:
        yield stubber


def look(stubber: Stubber, status: str | None) -> None:
    if status is None:
        stubber.add_client_error("describe_stacks", "ValidationError", f"Stack with id {STACK} does not exist")
        return
    stack = {"StackName": STACK, "StackStatus": status, "CreationTime": "2026-11-21T12:00:00Z"}
    outputs = [{"OutputKey": "WebAclArn", "OutputValue": ARN}]
    stubber.add_response("describe_stacks", {"Stacks": [stack | {"Outputs": outputs}]}, {"StackName": STACK})


def test_absent_stack_is_made_and_waited_for(cloud_formation: Stubber) -> None:
    waited: list[float] = []
    look(cloud_formation, None)
    cloud_formation.add_response("create_stack", {"StackId": "1"}, SENT)
    look(cloud_formation, "CREATE_IN_PROGRESS")
    look(cloud_formation, "CREATE_COMPLETE")

    assert edge.deploy(cloud_formation.client, "floodmanager-prod", wait=waited.append) == ARN
    assert waited == [edge.LOOK_EVERY_S]
    cloud_formation.assert_no_pending_responses()


def test_the_cdn_that_is_watched_stays_watched(cloud_formation: Stubber) -> None:
    """A deployment does not know the CDN's id before its own stack is made."""
    before = [{"ParameterKey": "Distribution", "ParameterValue": "E123"}]
    stack = {"StackName": STACK, "StackStatus": "CREATE_COMPLETE", "CreationTime": "2026-11-21T12:00:00Z"}
    cloud_formation.add_response("describe_stacks", {"Stacks": [stack | {"Parameters": before}]}, {"StackName": STACK})
    values = {"Prefix": "floodmanager-prod", "Distribution": "E123", "AlarmEmail": "water@example.org"}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
    cloud_formation.add_response("update_stack", {"StackId": "1"}, {**SENT, "Parameters": parameters})
    look(cloud_formation, "UPDATE_COMPLETE")

    told = edge.deploy(cloud_formation.client, "floodmanager-prod", email="water@example.org", wait=lambda _: None)

    assert told == ARN
    cloud_formation.assert_no_pending_responses()


def test_a_stack_that_never_was_is_made_anew(cloud_formation: Stubber) -> None:
    look(cloud_formation, "ROLLBACK_COMPLETE")
    cloud_formation.add_response("delete_stack", {}, {"StackName": STACK})
    look(cloud_formation, None)
    cloud_formation.add_response("create_stack", {"StackId": "1"}, SENT)
    look(cloud_formation, "CREATE_COMPLETE")

    assert edge.deploy(cloud_formation.client, "floodmanager-prod", wait=lambda _: None) == ARN
    cloud_formation.assert_no_pending_responses()


def test_stack_that_is_right_already_is_left_alone(cloud_formation: Stubber) -> None:
    look(cloud_formation, "CREATE_COMPLETE")
    cloud_formation.add_client_error("update_stack", "ValidationError", "No updates are to be performed.")
    look(cloud_formation, "CREATE_COMPLETE")

    assert edge.deploy(cloud_formation.client, "floodmanager-prod", wait=lambda _: None) == ARN


def test_failed_stack_is_told(cloud_formation: Stubber) -> None:
    look(cloud_formation, None)
    cloud_formation.add_response("create_stack", {"StackId": "1"}, SENT)
    look(cloud_formation, "ROLLBACK_COMPLETE")

    with pytest.raises(edge.EdgeFailed, match=f"{STACK} in us-east-1 is ROLLBACK_COMPLETE"):
        edge.deploy(cloud_formation.client, "floodmanager-prod", wait=lambda _: None)


def test_refusal_is_not_taken_for_done(cloud_formation: Stubber) -> None:
    look(cloud_formation, None)
    cloud_formation.add_client_error("create_stack", "AccessDenied", "You may not.")

    with pytest.raises(cloud_formation.client.exceptions.ClientError, match="You may not"):
        edge.deploy(cloud_formation.client, "floodmanager-prod", wait=lambda _: None)


def test_removal_waits_until_it_is_gone(cloud_formation: Stubber) -> None:
    cloud_formation.add_response("delete_stack", {}, {"StackName": STACK})
    look(cloud_formation, "DELETE_IN_PROGRESS")
    look(cloud_formation, None)

    edge.remove(cloud_formation.client, "floodmanager-prod", wait=lambda _: None)
    cloud_formation.assert_no_pending_responses()


def test_web_acl_that_a_cdn_still_uses_stays(cloud_formation: Stubber) -> None:
    cloud_formation.add_response("delete_stack", {}, {"StackName": STACK})
    look(cloud_formation, "DELETE_FAILED")

    with pytest.raises(edge.EdgeFailed, match="DELETE_FAILED"):
        edge.remove(cloud_formation.client, "floodmanager-prod", wait=lambda _: None)
