"""Deploy the web ACL of a stage's CDN, and the alarms of both: `python -m infra.edge deploy --stage prod`.

A web ACL for CloudFront can only live in us-east-1, and CloudFormation deploys to one region at a time; so
infra/edge.yml is a stack of its own, `<service>-<stage>-edge`. A deployment with `cdn` and `web_acl` on runs this
before its own stack, and after it with the CDN's id (plugin.js). Safe to repeat. The ACL's ARN goes into the parameter
store of the stage's region, where the stage's template finds it.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.aws_times import TIMES

SERVICE = "floodmanager"
REGION = "us-east-1"
TEMPLATE = Path(__file__).with_name("edge.yml")
LOOK_EVERY_S = 3.0
READY_WITHIN_S = 300.0
READY = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
NEVER_MADE = "ROLLBACK_COMPLETE"
GONE = "DELETE_COMPLETE"
PARAMETER = "web-acl"


class EdgeFailed(Exception):
    """The stack did not reach a good state. The message names its state and the reason."""


def deploy(
    client: Any,
    prefix: str,
    *,
    distribution: str = "",
    email: str = "",
    wait: Callable[[float], None] = time.sleep,
) -> str:
    """Create or update the web ACL and the alarms; return its ARN. Raises EdgeFailed, or botocore's errors.

    Without a distribution the one of before stays watched: it is not known before the stage's own stack is made.
    """
    name = f"{prefix}-edge"
    stack = _look(client, name)
    if stack and stack["StackStatus"] == NEVER_MADE:
        remove(client, prefix, wait=wait)
        stack = None
    before = {one["ParameterKey"]: one["ParameterValue"] for one in (stack or {}).get("Parameters", [])}
    values = {"Prefix": prefix, "Distribution": distribution or before.get("Distribution", ""), "AlarmEmail": email}
    wanted = {
        "StackName": name,
        "TemplateBody": TEMPLATE.read_text(encoding="utf-8"),
        "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
    }
    try:
        if stack is None:
            client.create_stack(**wanted)
        else:
            client.update_stack(**wanted)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
    stack = _settled(client, name, wait)
    return str(next(output["OutputValue"] for output in stack["Outputs"] if output["OutputKey"] == "WebAclArn"))


def remove(client: Any, prefix: str, *, wait: Callable[[float], None] = time.sleep) -> None:
    """Delete the web ACL. Raises EdgeFailed while a CDN still uses it."""
    name = f"{prefix}-edge"
    client.delete_stack(StackName=name)
    for _ in _turns(wait):
        stack = _look(client, name)
        if stack is None:
            return
        if stack["StackStatus"].endswith("FAILED"):
            raise _failure(stack)
    raise EdgeFailed(f"{name} is still there after {READY_WITHIN_S:.0f} s.")


def _settled(client: Any, name: str, wait: Callable[[float], None]) -> dict[str, Any]:
    for _ in _turns(wait):
        stack = _look(client, name)
        if stack is None or not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
    if stack is None or stack["StackStatus"] not in READY:
        raise _failure(stack or {"StackName": name, "StackStatus": "absent"})
    return stack


def _turns(wait: Callable[[float], None]) -> Any:
    for turn in range(int(READY_WITHIN_S / LOOK_EVERY_S)):
        if turn:
            wait(LOOK_EVERY_S)
        yield turn


def _look(client: Any, name: str) -> dict[str, Any] | None:
    try:
        stack: dict[str, Any] = client.describe_stacks(StackName=name)["Stacks"][0]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return None if stack["StackStatus"] == GONE else stack


def _failure(stack: dict[str, Any]) -> EdgeFailed:
    reason = stack.get("StackStatusReason", "CloudFormation's events say why")
    return EdgeFailed(f"{stack['StackName']} in {REGION} is {stack['StackStatus']}: {reason}.")


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.edge", description="The web ACL before a stage's CDN.")
    reader.add_argument("act", choices=("deploy", "remove"))
    reader.add_argument("--stage", required=True)
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"), help="of the stage")
    reader.add_argument("--distribution", default="", help="the CDN's id, once it is made")
    reader.add_argument("--email", default="", help="who receives alarms")
    asked = reader.parse_args(arguments)
    client = boto3.client("cloudformation", region_name=REGION, config=TIMES)
    prefix = f"{SERVICE}-{asked.stage}"
    try:
        if asked.act == "remove":
            remove(client, prefix)
            print(f"{prefix}-edge is gone.")
        else:
            arn = deploy(client, prefix, distribution=asked.distribution, email=asked.email)
            ssm = boto3.client("ssm", region_name=asked.region, config=TIMES)
            ssm.put_parameter(Name=f"/{SERVICE}/{asked.stage}/{PARAMETER}", Value=arn, Type="String", Overwrite=True)
            print(f"The web ACL is {arn}.")
    except (BotoCoreError, ClientError, EdgeFailed) as error:
        print(f"The web ACL of {asked.stage} could not be settled: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
