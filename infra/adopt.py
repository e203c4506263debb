"""Import existing tables, queues and buckets into the stack; every deployment does so first (plugin.js).

They are left by a deployment that was taken back, and by `serverless remove`, because all of them are retained; and
CloudFormation creates nothing whose name is taken. An import changes none of them. The deployment then adds the rest,
so that the next command after any failure is `make deploy` again. Decision record 0062. Not tried on real AWS.
"""

import argparse
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from infra import names
from infra.aws_times import TIMES
from infra.indexes import TABLE, as_described
from infra.template import deployed_template

LOOK_EVERY_S, LOOKS = 3, 100
ABSENT = ("404", "AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket", "ResourceNotFoundException")
# Identifiers that CloudFormation needs to import a resource.
IDENTIFIERS = {
    TABLE: "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueUrl",
}
# Bytes of a template in the request; a larger one is read from a bucket.
MOST_IN_REQUEST = 51_200
OWN_BUCKET = "ServerlessDeploymentBucket"  # the CLI's own for artifacts, in the stack
# Resources that a Ref, a GetAtt or a Sub names, in JSON; names of AWS's own have colons.
_REFERENCE = re.compile(r'"Ref": "(\w+)"|"Fn::GetAtt": \["(\w+)"|\$\{(\w+)[.}]')
Client = Callable[[str], Any]
Resource = dict[str, Any]


def adopt(client: Client, template: dict[str, Any], stack: str) -> list[str]:
    """Import what exists and is not in the stack; return the names. Raises botocore's errors."""
    account = client("sts").get_caller_identity()["Account"]
    present = deployed_template(client("cloudformation"), stack)
    found = {
        logical_id: there
        for logical_id, body in template["Resources"].items()
        if body.get("DeletionPolicy") == "Retain" and logical_id not in present["Resources"]
        if (there := _find(client, body, account))
    }
    if found:
        all_there = {*present["Resources"], *found}
        kept = {logical_id: _alone(body, all_there) for logical_id, (_, body) in found.items()}
        whole = {**present, "Resources": {**present["Resources"], **kept}} | _conditions(template, present, kept)
        _import(client, stack, whole, {logical_id: identifier for logical_id, (identifier, _) in found.items()})
    return [identifier for identifier, _ in found.values()]


def _alone(body: Resource, there: set[str]) -> Resource:
    """Return a resource without what refers to resources that are not there yet; the deployment itself adds that.

    A template that names any other is refused, whichever branch of a condition it stands in.
    """
    properties = {name: value for name, value in body["Properties"].items() if _named_in(value) <= there}
    after = body.get("DependsOn", [])
    waits = [name for name in ([after] if isinstance(after, str) else after) if name in there]
    whole = {name: value for name, value in body.items() if name != "DependsOn"} | {"Properties": properties}
    return whole | ({"DependsOn": waits} if waits else {})


def _named_in(value: Any) -> set[str]:
    found = _REFERENCE.findall(json.dumps(value))
    return {name for names_of_one in found for name in names_of_one if name}


def _conditions(template: dict[str, Any], present: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return the member `Conditions` of the stack's template with those that its resources use, if there are any."""
    used = set(re.findall(r'"Fn::If": \["(\w+)"', json.dumps(kept)))
    added = {name: body for name, body in template.get("Conditions", {}).items() if name in used}
    return {"Conditions": {**present.get("Conditions", {}), **added}} if added else {}


def _find(client: Client, body: Resource, account: str) -> tuple[str, Resource] | None:
    """Return the identifier of an existing resource, and its body as it exists; None if it does not exist."""
    properties = body["Properties"]
    try:
        match body["Type"]:
            case "AWS::DynamoDB::Table":
                table = client("dynamodb").describe_table(TableName=properties["TableName"])["Table"]
                # One of an earlier release lacks indexes, which later deployments add.
                return str(table["TableName"]), as_described(body, table)
            case "AWS::SQS::Queue":
                return str(client("sqs").get_queue_url(QueueName=properties["QueueName"])["QueueUrl"]), body
            case "AWS::S3::Bucket":
                return _find_bucket(client("s3"), body, account)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
    return None


def _find_bucket(client: Any, body: Resource, account: str) -> tuple[str, Resource]:
    """Return a bucket by its name or by its former one, if that lies in this region. Raises ClientError if absent."""
    region, name = client.meta.region_name, body["Properties"]["BucketName"]
    before = names.former(name)
    if before and _region_of(client, names.resolved(before, region, account)) == region:
        return names.resolved(before, region, account), names.with_name(body, before)
    found = names.resolved(name, region, account)
    client.head_bucket(Bucket=found)
    return found, body


def _region_of(client: Any, bucket: str) -> str:
    """Return the region of a bucket of this account; empty for none, and for one that another account has."""
    try:
        answer = client.head_bucket(Bucket=bucket)
    except ClientError:
        return ""
    return str(answer.get("BucketRegion") or client.meta.region_name)


def _import(client: Client, stack: str, template: dict[str, Any], identifiers: dict[str, str]) -> None:
    kinds = {logical_id: template["Resources"][logical_id]["Type"] for logical_id in identifiers}
    change = {"StackName": stack, "ChangeSetName": f"{stack}-adopt"}
    cloud_formation = client("cloudformation")
    cloud_formation.create_change_set(
        **change,
        **_said(client, stack, json.dumps(template, separators=(",", ":"))),
        ChangeSetType="IMPORT",
        # As the deployment itself: the stack may hold roles already.
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        ResourcesToImport=[
            {
                "ResourceType": kinds[logical_id],
                "LogicalResourceId": logical_id,
                "ResourceIdentifier": {IDENTIFIERS[kinds[logical_id]]: identifier},
            }
            for logical_id, identifier in identifiers.items()
        ],
    )
    looks = {"Delay": LOOK_EVERY_S, "MaxAttempts": LOOKS}
    cloud_formation.get_waiter("change_set_create_complete").wait(**change, WaiterConfig=looks)
    cloud_formation.execute_change_set(**change)
    cloud_formation.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=looks)


def _said(client: Client, stack: str, template: str) -> dict[str, str]:
    """Return the template as a member of the request; a large one is put into the stack's own bucket first."""
    if len(template.encode()) <= MOST_IN_REQUEST:
        return {"TemplateBody": template}
    own = client("cloudformation").describe_stack_resource(StackName=stack, LogicalResourceId=OWN_BUCKET)
    bucket = own["StackResourceDetail"]["PhysicalResourceId"]
    key = f"adopted/{hashlib.sha256(template.encode()).hexdigest()}.json"
    storage = client("s3")
    storage.put_object(Bucket=bucket, Key=key, Body=template.encode())
    region = storage.meta.region_name
    suffix = "amazonaws.com.cn" if storage.meta.partition == "aws-cn" else "amazonaws.com"
    return {"TemplateURL": f"https://s3.{region}.{suffix}/{bucket}/{key}"}


def _client(region: str, service: Any) -> Any:
    return boto3.client(service, region_name=region, config=TIMES)


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.adopt", description="Take into the stack what is there.")
    reader.add_argument("--stack", required=True)
    reader.add_argument("--template", required=True, type=Path, help="the packaged one")
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    asked = reader.parse_args(arguments)
    template = json.loads(asked.template.read_text(encoding="utf-8"))
    try:
        adopted = adopt(partial(_client, asked.region), template, asked.stack)
    except (BotoCoreError, ClientError, WaiterError) as error:
        print(f"{asked.stack} could not adopt what is there: {error}", file=sys.stderr)
        return 1
    if adopted:
        print(f"{asked.stack} takes in what an earlier deployment has left, unchanged: {', '.join(adopted)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
