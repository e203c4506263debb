"""Import of a removed deployment's resources into a new stack. moto holds them; CloudFormation's part is a stub."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import ANY, Stubber

from infra.adopt import IDENTIFIERS, _alone, _find_bucket, adopt
from infra.tables import table_resources
from infra.template import Template

PREFIX = "floodmanager-prod"
STACK = {"StackName": PREFIX, "ChangeSetName": f"{PREFIX}-adopt"}
IMPORT = {
    "ChangeSetType": "IMPORT",
    "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
    "ResourcesToImport": ANY,
}


@pytest.fixture
def left(cloud: None) -> Iterator[list[str]]:
    """A table and a queue; all else is gone for good."""
    dynamodb, sqs = boto3.client("dynamodb"), boto3.client("sqs")
    key = {"AttributeName": "tile"}
    dynamodb.create_table(
        TableName=f"{PREFIX}-tiles",
        KeySchema=[key | {"KeyType": "HASH"}],
        AttributeDefinitions=[key | {"AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    url = sqs.create_queue(QueueName=f"{PREFIX}-erasures-dead-letters")["QueueUrl"]
    yield [f"{PREFIX}-tiles", url]
    dynamodb.delete_table(TableName=f"{PREFIX}-tiles")
    sqs.delete_queue(QueueUrl=url)


def cloud_formation(**asked: Any) -> tuple[Any, Stubber]:
    """A client that takes the calls of one import, in order, and checks them against the service's model."""
    client = boto3.client("cloudformation")
    stub = Stubber(client)
    stub.add_client_error("get_template", "ValidationError", f"Stack with id {PREFIX} does not exist")
    stub.add_response("create_change_set", {}, {**STACK, **IMPORT, "TemplateBody": ANY, **asked})
    stub.add_response("describe_change_set", {"Status": "CREATE_COMPLETE"}, STACK)
    stub.add_response("execute_change_set", {}, STACK)
    done = {"StackName": PREFIX, "CreationTime": "2026-11-21T00:00:00Z", "StackStatus": "IMPORT_COMPLETE"}
    stub.add_response("describe_stacks", {"Stacks": [done]}, {"StackName": PREFIX})
    return client, stub


def remove_bucket(name: str) -> None:
    bucket = boto3.resource("s3").Bucket(name)
    bucket.objects.all().delete()
    bucket.delete()


def test_what_refers_to_resources_that_are_not_there_is_left_to_the_deployment(template: Template) -> None:
    bucket = template["Resources"]["PhotosBucket"]

    alone = _alone(bucket, {"PhotosBucket", "PhotoUploadsQueue"})
    wholly = _alone(bucket, {*template["Resources"]})

    assert bucket["Properties"].keys() - alone["Properties"].keys() == {"CorsConfiguration"}
    assert ("DependsOn" in alone, wholly["DependsOn"]) == (False, ["PhotoUploadsQueuePolicy"])
    assert wholly["Properties"] == bucket["Properties"]


def test_what_is_there_is_adopted_and_nothing_else(templates: dict[str, Template], left: list[str]) -> None:
    wanted = [
        {
            "ResourceType": "AWS::DynamoDB::Table",
            "LogicalResourceId": "TilesTable",
            "ResourceIdentifier": {"TableName": left[0]},
        },
        {
            "ResourceType": "AWS::SQS::Queue",
            "LogicalResourceId": "ErasuresDeadLetters",
            "ResourceIdentifier": {"QueueUrl": left[1]},
        },
    ]
    stubbed, stub = cloud_formation(ResourcesToImport=wanted)

    with stub:
        adopted = adopt(
            lambda name: stubbed if name == "cloudformation" else boto3.client(name), templates["prod"], PREFIX
        )

    assert adopted == left
    stub.assert_no_pending_responses()


def test_a_table_of_an_earlier_release_is_adopted_with_the_indexes_that_it_has(
    templates: dict[str, Template], cloud: None
) -> None:
    """Not with all that the template has: the deployment after it would think that they are there."""
    name, dynamodb = f"{PREFIX}-areas", boto3.client("dynamodb")
    wanted = templates["prod"]["Resources"]["AreasTable"]["Properties"]
    assert wanted["GlobalSecondaryIndexes"]
    keys = {part["AttributeName"] for part in wanted["KeySchema"]}
    defined = [one for one in wanted["AttributeDefinitions"] if one["AttributeName"] in keys]
    table = {"TableName": name, "KeySchema": wanted["KeySchema"], "AttributeDefinitions": defined}
    dynamodb.create_table(**table, BillingMode="PAY_PER_REQUEST")
    stubbed, stub = cloud_formation(ResourcesToImport=ANY)

    with stub, patch.object(stubbed, "create_change_set", wraps=stubbed.create_change_set) as asked:
        adopt(
            lambda service: stubbed if service == "cloudformation" else boto3.client(service), templates["prod"], PREFIX
        )
    dynamodb.delete_table(TableName=name)

    imported = json.loads(asked.call_args.kwargs["TemplateBody"])["Resources"]["AreasTable"]["Properties"]
    assert "GlobalSecondaryIndexes" not in imported
    assert imported["AttributeDefinitions"] == defined


def test_a_large_template_is_read_from_the_stacks_own_bucket(templates: dict[str, Template], left: list[str]) -> None:
    """CloudFormation takes 51,200 bytes in a request."""
    bucket, told = f"{PREFIX}-artifacts", {"ResourceStatus": "CREATE_COMPLETE", "ResourceType": "AWS::S3::Bucket"}
    boto3.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    large = {"Queue": {"Type": "AWS::SQS::Queue", "Metadata": {"Comment": "x" * 51_200}}}
    client = boto3.client("cloudformation")
    stub = Stubber(client)
    stub.add_response("get_template", {"TemplateBody": json.dumps({"Resources": large})})
    detail = {**told, "LogicalResourceId": "ServerlessDeploymentBucket", "LastUpdatedTimestamp": "2026-11-21T00:00:00Z"}
    stub.add_response("describe_stack_resource", {"StackResourceDetail": {**detail, "PhysicalResourceId": bucket}})
    stub.add_client_error("create_change_set", "Seen", expected_params={**STACK, **IMPORT, "TemplateURL": ANY})

    asks = patch.object(client, "create_change_set", wraps=client.create_change_set)
    with stub, asks as asked, pytest.raises(ClientError, match="Seen"):
        adopt(lambda name: client if name == "cloudformation" else boto3.client(name), templates["prod"], PREFIX)

    key = asked.call_args.kwargs["TemplateURL"].removeprefix(f"https://s3.eu-west-2.amazonaws.com/{bucket}/")
    stored = boto3.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
    remove_bucket(bucket)
    assert json.loads(stored)["Resources"].keys() == {"Queue", "TilesTable", "ErasuresDeadLetters"}


@pytest.mark.parametrize(("region", "adopted"), [("eu-west-2", True), ("eu-west-1", False)])
def test_a_bucket_of_before_is_adopted_under_its_name_in_its_own_region_alone(
    templates: dict[str, Template], cloud: None, region: str, adopted: bool
) -> None:
    """Names of buckets carry the region since decision 0063."""
    name, storage = f"{PREFIX}-backups-123456789012", boto3.client("s3")
    place = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    boto3.client("s3", region_name=region).create_bucket(Bucket=name, **place)
    try:
        found = _find_bucket(storage, templates["prod"]["Resources"]["BackupsBucket"], "123456789012")
    except ClientError:
        found = ("", {})
    remove_bucket(name)

    assert found[0] == (name if adopted else "")
    assert not adopted or found[1]["Properties"]["BucketName"] == {"Fn::Sub": f"{PREFIX}-backups-${{AWS::AccountId}}"}


def test_where_nothing_is_left_no_stack_is_made(templates: dict[str, Template], cloud: None) -> None:
    client, stub = boto3.client("cloudformation"), Stubber(boto3.client("cloudformation"))

    with stub:
        assert (
            adopt(lambda name: client if name == "cloudformation" else boto3.client(name), templates["prod"], PREFIX)
            == []
        )


def test_everything_that_is_retained_can_be_adopted(templates: dict[str, Template]) -> None:
    for template in templates.values():
        retained = {name: body for name, body in template["Resources"].items() if "DeletionPolicy" in body}

        assert table_resources().keys() < retained.keys()
        assert {body["DeletionPolicy"] for body in retained.values()} == {"Retain"}
        assert {body["Type"] for body in retained.values()} == IDENTIFIERS.keys()
        assert not [name for name, body in retained.items() if "Condition" in body]


def test_what_is_retained_refers_to_nothing_that_is_not(templates: dict[str, Template]) -> None:
    resources = templates["prod"]["Resources"]
    retained = {name: body for name, body in resources.items() if "DeletionPolicy" in body}
    text = json.dumps(retained)

    leads_to = {name for name in resources if f'["{name}", ' in text or f'"Ref": "{name}"' in text}
    assert leads_to <= retained.keys()
