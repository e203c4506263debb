"""Import the resources of an earlier deployment into a new stack: `python -m infra.adopt --stage prod`.

`serverless remove` leaves tables, queues and the bucket, and CloudFormation creates nothing whose name is taken. This
command makes a stack of them alone, by an import that changes none of them; `make deploy STAGE=prod` then adds the
rest. If a deployment was refused because of them, its stack (with the CLI's own bucket) imports them. Not tried on real
AWS.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from infra.indexes import TABLE, as_described
from infra.lint import package
from infra.template import deployed_template

SERVICE = "floodmanager"
TIMES = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})
LOOK_EVERY_S, LOOKS = 3, 100
ABSENT = ("404", "AWS.SimpleQueueService.NonExistentQueue", "NoSuchBucket", "ResourceNotFoundException")
# Identifiers that CloudFormation needs to import a resource.
IDENTIFIERS = {
    TABLE: "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::SQS::Queue": "QueueUrl",
}
Client = Callable[[str], Any]


def adopt(client: Client, template: dict[str, Any], stack: str) -> list[str]:
    """Make the stack of existing resources, if there are any; return their names. Raises botocore's errors."""
    account = client("sts").get_caller_identity()["Account"]
    present = deployed_template(client("cloudformation"), stack)
    resources = {
        logical_id: identifier
        for logical_id, body in template["Resources"].items()
        if body.get("DeletionPolicy") == "Retain" and logical_id not in present["Resources"]
        if (identifier := _find(client, body, account))
    }
    if resources:
        kept = {logical_id: _as_it_is(client, template["Resources"][logical_id]) for logical_id in resources}
        whole = {**present, "Resources": {**present["Resources"], **kept}} | _conditions(template, present, kept)
        _import(client("cloudformation"), stack, whole, resources)
    return list(resources.values())


def _conditions(template: dict[str, Any], present: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """Return the member `Conditions` of the stack's template with those that its resources use, if there are any."""
    used = set(re.findall(r'"Fn::If": \["(\w+)"', json.dumps(kept)))
    added = {name: body for name, body in template.get("Conditions", {}).items() if name in used}
    return {"Conditions": {**present.get("Conditions", {}), **added}} if added else {}


def _as_it_is(client: Client, body: dict[str, Any]) -> dict[str, Any]:
    """Return a resource as it exists: a table of an earlier release lacks indexes, which later deployments add."""
    if body["Type"] != TABLE:
        return body
    return as_described(body, client("dynamodb").describe_table(TableName=body["Properties"]["TableName"])["Table"])


def _find(client: Client, body: dict[str, Any], account: str) -> str:
    """Return the identifier of an existing resource; empty if it does not exist."""
    properties = body["Properties"]
    try:
        match body["Type"]:
            case "AWS::DynamoDB::Table":
                return str(client("dynamodb").describe_table(TableName=properties["TableName"])["Table"]["TableName"])
            case "AWS::SQS::Queue":
                return str(client("sqs").get_queue_url(QueueName=properties["QueueName"])["QueueUrl"])
            case "AWS::S3::Bucket":
                name = properties["BucketName"]["Fn::Sub"].replace("${AWS::AccountId}", account)
                client("s3").head_bucket(Bucket=name)
                return str(name)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ABSENT:
            raise
    return ""


def _import(client: Any, stack: str, template: dict[str, Any], resources: dict[str, str]) -> None:
    kinds = {logical_id: template["Resources"][logical_id]["Type"] for logical_id in resources}
    names = {"StackName": stack, "ChangeSetName": f"{stack}-adopt"}
    client.create_change_set(
        **names,
        ChangeSetType="IMPORT",
        TemplateBody=json.dumps(template),
        ResourcesToImport=[
            {
                "ResourceType": kinds[logical_id],
                "LogicalResourceId": logical_id,
                "ResourceIdentifier": {IDENTIFIERS[kinds[logical_id]]: identifier},
            }
            for logical_id, identifier in resources.items()
        ],
    )
    looks = {"Delay": LOOK_EVERY_S, "MaxAttempts": LOOKS}
    client.get_waiter("change_set_create_complete").wait(**names, WaiterConfig=looks)
    client.execute_change_set(**names)
    client.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=looks)


def _client(region: str, service: Any) -> Any:
    return boto3.client(service, region_name=region, config=TIMES)


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.adopt", description="A stack of what was left behind.")
    reader.add_argument("--stage", required=True)
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    asked = reader.parse_args(arguments)
    stack = f"{SERVICE}-{asked.stage}"
    with TemporaryDirectory() as folder:
        template = json.loads(package(asked.stage, Path(folder) / "service").read_text(encoding="utf-8"))
    try:
        adopted = adopt(partial(_client, asked.region), template, stack)
    except (BotoCoreError, ClientError, WaiterError) as error:
        print(f"{stack} could not adopt what is there: {error}", file=sys.stderr)
        return 1
    print("\n".join(adopted) or "Nothing of this stage is there.")
    print(f"Next: make deploy STAGE={asked.stage}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
