"""The emulated account itself: what it refuses, takes back, keeps, and sees missing."""

import json
from collections.abc import Callable
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication

from tests.deploy import cloud as emulated
from tests.deploy.cloud import Cloud
from tests.deploy.cloud_templates import in_order
from tests.deploy.conftest import Resources, Stack
from tests.deploy.functions_rights import Rights, keys_of_role
from tests.deploy.read_back import faults_of

QUEUE: Resources = {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "first", "VisibilityTimeout": 60}}
TABLE: Resources = {
    "Type": "AWS::DynamoDB::Table",
    "Properties": {
        "TableName": "rows",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "TimeToLiveSpecification": {"AttributeName": "purge_at", "Enabled": True},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
    },
}


def _with(resource: Resources, **properties: Any) -> Resources:
    return {**resource, "Properties": {**resource["Properties"], **properties}}


def _queues(cloud: Cloud) -> list[str]:
    return sorted(url.rpartition("/")[2] for url in cloud.clients("sqs").list_queues().get("QueueUrls", []))


def test_an_unknown_type_is_refused_and_nothing_stays(cloud: Cloud, stack: Stack) -> None:
    status, reason = stack({"Queue": QUEUE, "Ship": {"Type": "AWS::Harbour::Ship", "DependsOn": "Queue"}})

    assert status == "ROLLBACK_COMPLETE"
    assert "AWS::Harbour::Ship" in reason
    assert _queues(cloud) == []


def test_a_property_that_no_call_takes_is_refused(cloud: Cloud, stack: Stack) -> None:
    status, reason = stack({"Table": _with(TABLE, Colour="blue")})

    assert status == "ROLLBACK_COMPLETE"
    assert "Colour" in reason
    assert cloud.clients("dynamodb").list_tables()["TableNames"] == []


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        (_with(QUEUE, QueueName="x" * 81), "must satisfy"),
        (_with(QUEUE, QueueName="first queue"), "must satisfy"),
        ({"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "Upper"}}, "must satisfy"),
    ],
)
def test_a_name_that_its_service_refuses_is_refused(cloud: Cloud, stack: Stack, resource: Resources, told: str) -> None:
    status, reason = stack({"Resource": resource})

    assert (status, told in reason) == ("ROLLBACK_COMPLETE", True), reason


def test_a_template_may_have_500_resources_and_51200_bytes(cloud: Cloud, stack: Stack) -> None:
    formation = cloud.clients("cloudformation")
    many = {f"Queue{number}": {"Type": "AWS::SQS::Queue"} for number in range(501)}
    long = {"Resources": {"Queue": {**QUEUE, "Metadata": {"Comment": "x" * 51_200}}}}

    status, reason = stack(many)
    with pytest.raises(ClientError, match="less than or equal to 51200"):
        formation.create_stack(StackName="long", TemplateBody=json.dumps(long))

    assert (status, "maximum allowed, 500" in reason) == ("ROLLBACK_COMPLETE", True), reason


def test_a_stack_that_never_was_is_not_updated(cloud: Cloud, stack: Stack) -> None:
    stack({"Ship": {"Type": "AWS::Harbour::Ship"}})

    with pytest.raises(ClientError, match="ROLLBACK_COMPLETE state and can not be updated"):
        stack({"Queue": QUEUE})


def test_resources_are_made_in_any_order_that_their_references_allow() -> None:
    bodies = {name: {} for name in "abcdef"} | {"last": {"DependsOn": ["a", "f"]}}

    orders = {tuple(in_order(bodies, Random(seed))) for seed in range(20)}

    assert len(orders) > 10
    assert all(order.index("last") > max(order.index("a"), order.index("f")) for order in orders)


def test_settings_of_a_route_that_is_not_there_are_refused(cloud: Cloud, stack: Stack) -> None:
    """The stage of the template has no other tie to its routes than DependsOn."""
    api = {"ApiId": {"Ref": "Api"}}
    settings = {"POST /v1/tokens": {"ThrottlingRateLimit": 1}}
    status, reason = stack(
        {
            "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"Name": "api", "ProtocolType": "HTTP"}},
            "Stage": {
                "Type": "AWS::ApiGatewayV2::Stage",
                "Properties": {**api, "StageName": "$default", "RouteSettings": settings},
            },
            "Route": {
                "Type": "AWS::ApiGatewayV2::Route",
                "DependsOn": "Stage",
                "Properties": {**api, "RouteKey": "POST /v1/tokens"},
            },
        }
    )

    assert (status, "Unable to find Route by key POST /v1/tokens" in reason) == ("ROLLBACK_COMPLETE", True), reason


def test_all_that_was_asked_for_reads_back(cloud: Cloud, stack: Stack) -> None:
    status, _ = stack({"Table": TABLE, "Queue": QUEUE})

    assert status == "CREATE_COMPLETE"
    assert faults_of(cloud.resources("tried")) == []


def test_a_property_that_was_dropped_is_seen(cloud: Cloud, stack: Stack) -> None:
    stack({"Table": TABLE, "Queue": QUEUE})
    off = {"Enabled": False, "AttributeName": "purge_at"}
    cloud.clients("dynamodb").update_time_to_live(TableName="rows", TimeToLiveSpecification=off)
    url = cloud.clients("sqs").get_queue_url(QueueName="first")["QueueUrl"]
    cloud.clients("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "30"})

    found = faults_of(cloud.resources("tried"))

    assert sorted({fault.partition(":")[0] for fault in found}) == [
        "Queue.VisibilityTimeout",
        "Table.TimeToLiveSpecification.Enabled",
    ]


def test_a_failed_change_is_taken_back(cloud: Cloud, stack: Stack) -> None:
    stack({"Queue": QUEUE})

    status, reason = stack({"Queue": _with(QUEUE, VisibilityTimeout=90), "Ship": {"Type": "AWS::Harbour::Ship"}})

    assert (status, "Harbour" in reason) == ("UPDATE_ROLLBACK_COMPLETE", True)
    assert cloud.resources("tried")["Queue"].properties["VisibilityTimeout"] == 60
    assert faults_of(cloud.resources("tried")) == []


def test_what_a_template_no_longer_holds_goes_unless_it_is_retained(cloud: Cloud, stack: Stack) -> None:
    second = {**_with(QUEUE, QueueName="second"), "DeletionPolicy": "Retain"}
    third = _with(QUEUE, QueueName="third")
    stack({"First": QUEUE, "Second": second, "Third": third})

    status, _ = stack({"First": QUEUE})

    assert status == "UPDATE_COMPLETE"
    assert _queues(cloud) == ["first", "second"]


def test_a_resource_with_a_name_of_its_own_is_not_replaced(cloud: Cloud, stack: Stack) -> None:
    stack({"Table": TABLE})
    other_key = _with(
        TABLE,
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
    )

    status, reason = stack({"Table": other_key})

    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "custom-named resource requires replacing" in reason


def test_a_taken_name_is_refused(cloud: Cloud, stack: Stack) -> None:
    cloud.clients("sqs").create_queue(QueueName="first")

    status, reason = stack({"Queue": QUEUE})

    assert (status, "already exists" in reason) == ("ROLLBACK_COMPLETE", True)
    assert _queues(cloud) == ["first"]


@pytest.mark.parametrize(("policy", "stays"), [("Retain", ["first"]), ("RetainExceptOnCreate", [])])
def test_a_failed_creation_leaves_only_what_is_retained_always(
    cloud: Cloud, stack: Stack, policy: str, stays: list[str]
) -> None:
    ship = {"Type": "AWS::Harbour::Ship", "DependsOn": "Queue"}

    stack({"Queue": {**QUEUE, "DeletionPolicy": policy}, "Ship": ship})

    assert _queues(cloud) == stays


def test_a_secure_parameter_is_no_dynamic_reference(cloud: Cloud, stack: Stack) -> None:
    cloud.clients("ssm").put_parameter(Name="/deep/secret", Value="x", Type="SecureString", Overwrite=True)

    status, reason = stack({"Queue": _with(QUEUE, QueueName="{{resolve:ssm:/deep/secret}}")})

    assert (status, "Secure" in reason) == ("ROLLBACK_COMPLETE", True)


def test_a_role_does_what_its_policy_allows_and_no_more(
    cloud: Cloud, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack({"Role": _role("sqs:SendMessage", "arn:aws:sqs:eu-west-2:123456789012:first"), "Queue": QUEUE})
    arn = cloud.resources("tried")["Role"].attributes["Arn"]
    keys = {name.lower(): value for name, value in keys_of_role(cloud, arn).items()}
    rights = Rights()
    monkeypatch.setattr(DomainDispatcherApplication, "__call__", rights.before(DomainDispatcherApplication.__call__))
    sqs: Any = boto3.client("sqs", endpoint_url=cloud.url, region_name="eu-west-2", **keys)
    url = cloud.resources("tried")["Queue"].physical_resource_id

    sqs.send_message(QueueUrl=url, MessageBody="allowed")
    with pytest.raises(ClientError, match="AccessDenied"):
        sqs.receive_message(QueueUrl=url)

    assert [refused.partition(": ")[2] for refused in rights.refused] == [
        "sqs:ReceiveMessage on arn:aws:sqs:eu-west-2:123456789012:first"
    ]


def test_an_object_that_is_gone_is_forbidden_to_a_role_that_may_not_list(
    cloud: Cloud, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "things"}}
    stack({"Role": _role("s3:GetObject", "arn:aws:s3:::things/*"), "Bucket": bucket})
    keys = keys_of_role(cloud, cloud.resources("tried")["Role"].attributes["Arn"])
    rights, own = Rights(), cloud.clients("s3")
    monkeypatch.setattr(DomainDispatcherApplication, "__call__", rights.before(DomainDispatcherApplication.__call__))
    given = {name.lower(): value for name, value in keys.items()}
    s3: Any = boto3.client("s3", endpoint_url=cloud.url, region_name="eu-west-2", **given)
    own.put_object(Bucket="things", Key="kept/a", Body=b"1")

    read = s3.get_object(Bucket="things", Key="kept/a")["Body"].read()
    for act in (s3.delete_object, s3.get_object):
        with pytest.raises(ClientError, match="AccessDenied"):
            act(Bucket="things", Key="kept/a" if act == s3.delete_object else "kept/gone")
    own.delete_object(Bucket="things", Key="kept/a")

    assert read == b"1"
    assert [refused.partition(": ")[2] for refused in rights.refused] == [
        "s3:DeleteObject on arn:aws:s3:::things/kept/a",
        "s3:ListBucket on arn:aws:s3:::things",
    ]


def _role(action: str, resource: str) -> Resources:
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": resource}]}
    properties = {
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]},
        "Policies": [{"PolicyName": "own", "PolicyDocument": document}],
    }
    return {"Type": "AWS::IAM::Role", "Properties": properties}


def test_an_import_takes_in_what_is_there_and_refuses_any_other_change(cloud: Cloud, stack: Stack) -> None:
    url = cloud.clients("sqs").create_queue(QueueName="first")["QueueUrl"]
    kept = {**QUEUE, "DeletionPolicy": "Retain"}
    stack({"Other": _with(QUEUE, QueueName="other")})
    other = cloud.resources("tried")["Other"].body

    refused = _import(cloud, {"Queue": kept}, url)
    taken_in = _import(cloud, {"Queue": kept, "Other": other}, url)

    assert (refused, taken_in) == ("IMPORT_ROLLBACK_COMPLETE", "IMPORT_COMPLETE")
    assert cloud.resources("tried")["Queue"].physical_resource_id == url


def _import(cloud: Cloud, resources: Resources, url: str) -> str:
    client = cloud.clients("cloudformation")
    told = {"ResourceType": "AWS::SQS::Queue", "LogicalResourceId": "Queue", "ResourceIdentifier": {"QueueUrl": url}}
    names = {"StackName": "tried", "ChangeSetName": f"import-{len(resources)}"}
    body = json.dumps({"Resources": resources})
    client.create_change_set(**names, ChangeSetType="IMPORT", TemplateBody=body, ResourcesToImport=[told])
    client.execute_change_set(**names)
    return str(client.describe_stacks(StackName="tried")["Stacks"][0]["StackStatus"])


CERTIFICATE = "arn:aws:acm:{region}:123456789012:certificate/00000000-0000-0000-0000-000000000000"


def _domain(region: str) -> Resources:
    place = {"CertificateArn": CERTIFICATE.format(region=region), "EndpointType": "REGIONAL"}
    properties = {"DomainName": "floods.example.org", "DomainNameConfigurations": [place]}
    return {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": properties}


def _distribution(region: str) -> Resources:
    shown = {"AcmCertificateArn": CERTIFICATE.format(region=region), "SslSupportMethod": "sni-only"}
    behaviour = {"TargetOriginId": "api", "ViewerProtocolPolicy": "https-only", "CachePolicyId": "any"}
    origin = {
        "Id": "api",
        "DomainName": "api.example.org",
        "CustomOriginConfig": {"OriginProtocolPolicy": "https-only"},
    }
    config = {"Enabled": True, "Origins": [origin], "DefaultCacheBehavior": behaviour, "ViewerCertificate": shown}
    return {"Type": "AWS::CloudFront::Distribution", "Properties": {"DistributionConfig": config}}


@pytest.mark.parametrize(
    ("resource", "of_use", "of_no_use"),
    [(_domain, "eu-west-2", "us-east-1"), (_distribution, "us-east-1", "eu-west-2")],
)
def test_a_certificate_of_another_region_is_refused(
    stack: Stack, resource: Callable[[str], Resources], of_use: str, of_no_use: str
) -> None:
    stack({"Queue": QUEUE})

    refused, reason = stack({"Queue": QUEUE, "Front": resource(of_no_use)})
    taken, _ = stack({"Queue": QUEUE, "Front": resource(of_use)})

    assert (refused, f"must be in '{of_use}'" in reason) == ("UPDATE_ROLLBACK_COMPLETE", True)
    assert taken == "UPDATE_COMPLETE"


def test_a_template_is_judged_once_whenever_it_is_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(emulated, "lint", lambda template, *_: asked.append(template) or [])
    template = '{"S3Key": "serverless/floodmanager/dev/%s/own-%s.zip"}'
    moments = ("1796117124379-2026-12-01T09:25:24.379Z", "1796117124380-2026-12-01T09:25:24.380Z")

    for moment in (*moments, moments[0]):
        emulated._mistakes(template % (moment, "one"))
    emulated._mistakes(template % (moments[0], "two"))

    assert len(asked) == 2
