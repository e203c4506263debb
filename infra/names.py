"""Check the names of a template's resources before anything is made, and keep those that a stage already has.

`python -m infra.names --template FILE --stack floodmanager-prod`. Names that are one space for an account or for all of
AWS carry the region, so that a second region can have the same stage. A stage that was deployed before they did keeps
its names: a bucket cannot be renamed, and its content would stay behind.
"""

import argparse
import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.aws_times import TIMES
from infra.template import Template, deployed_template

# The longest that AWS has, where it is not known yet.
LONGEST_REGION = "ap-southeast-1"
_KNOWN = {"AWS::AccountId": "0" * 12}
_OF_THE_REGION = "-${AWS::Region}"
_WORD = "[A-Za-z0-9_-]"
# The property with the name, its most characters, and the characters that its service takes: each service's API
# reference.
RULES = {
    "AWS::S3::Bucket": ("BucketName", 63, "[a-z0-9-]"),
    "AWS::DynamoDB::Table": ("TableName", 255, "[A-Za-z0-9_.-]"),
    "AWS::SQS::Queue": ("QueueName", 80, _WORD),
    "AWS::SNS::Topic": ("TopicName", 256, _WORD),
    "AWS::Lambda::Function": ("FunctionName", 64, _WORD),
    "AWS::Logs::LogGroup": ("LogGroupName", 512, "[A-Za-z0-9_./#-]"),
    "AWS::CloudWatch::Alarm": ("AlarmName", 255, "[ -~]"),
    "AWS::CloudWatch::Dashboard": ("DashboardName", 255, _WORD),
    "AWS::CloudFront::Function": ("Name", 64, _WORD),
    "AWS::CloudFront::CachePolicy": ("CachePolicyConfig.Name", 128, _WORD),
    "AWS::CloudFront::OriginAccessControl": ("OriginAccessControlConfig.Name", 64, _WORD),
    "AWS::CloudFront::ResponseHeadersPolicy": ("ResponseHeadersPolicyConfig.Name", 128, _WORD),
}
# Kinds whose names are one space for the account or for all of AWS. Other names are for each region, or CloudFormation
# makes them (roles).
BEYOND_THE_REGION = (
    "AWS::S3::Bucket",
    "AWS::CloudFront::Function",
    "AWS::CloudFront::CachePolicy",
    "AWS::CloudFront::OriginAccessControl",
    "AWS::CloudFront::ResponseHeadersPolicy",
)
STACK = re.compile("[a-z][a-z0-9-]*[a-z0-9]")


def faults(template: Template, stack: str, region: str = LONGEST_REGION) -> list[str]:
    """Return a sentence for each name that its service would refuse; none if all are good."""
    found = []
    if not STACK.fullmatch(stack):
        found.append(f"The stage may have lower-case letters, digits and hyphens, and ends in no hyphen: {stack}.")
    for logical_id, body in template["Resources"].items():
        _, most, characters = RULES.get(body["Type"], ("", 0, ""))
        name = resolved(given(body), region)
        if name and len(name) > most:
            found.append(f"{logical_id}: {name} has {len(name)} characters, at most {most} are allowed.")
        if name and not re.fullmatch(f"{characters}+", name):
            found.append(f"{logical_id}: {name} has other characters than {characters}.")
    return found


def given(body: dict[str, Any]) -> Any:
    """Return the name that a resource has in the template; None if it has none."""
    part: Any = body.get("Properties", {})
    for step in RULES.get(body["Type"], ("",))[0].split("."):
        part = part.get(step) if isinstance(part, dict) else None
    return part


def resolved(name: Any, region: str, account: str = _KNOWN["AWS::AccountId"]) -> str:
    """Return a name with account and region put in; empty for anything but a text or a Fn::Sub."""
    text = name.get("Fn::Sub") if isinstance(name, dict) else name
    if not isinstance(text, str):
        return ""
    return text.replace("${AWS::AccountId}", account).replace("${AWS::Region}", region)


def former(name: Any) -> Any:
    """Return the name that such a resource had before names carried the region; None if it is the same."""
    text = str(name.get("Fn::Sub", "")) if isinstance(name, dict) else ""
    if not text.endswith(_OF_THE_REGION):
        return None
    return {"Fn::Sub": text.removesuffix(_OF_THE_REGION)}


def with_name(body: dict[str, Any], name: Any) -> dict[str, Any]:
    """Return a resource with another name."""
    first, *inner = RULES[body["Type"]][0].split(".")
    properties = body["Properties"]
    value = {**properties[first], inner[0]: name} if inner else name
    return {**body, "Properties": {**properties, first: value}}


def kept(wanted: Template, deployed: Template) -> Template:
    """Return the template with the names that resources of the stack already have, where those are global."""
    resources = dict(wanted["Resources"])
    for logical_id, body in wanted["Resources"].items():
        there = deployed["Resources"].get(logical_id, {"Type": ""})
        if body["Type"] in BEYOND_THE_REGION and there["Type"] == body["Type"] and given(there) is not None:
            resources[logical_id] = with_name(body, given(there))
    return {**wanted, "Resources": resources}


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.names", description="Are all names good?")
    reader.add_argument("--template", required=True, type=Path)
    reader.add_argument("--stack", required=True)
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    asked = reader.parse_args(arguments)
    template = json.loads(asked.template.read_text(encoding="utf-8"))
    try:
        client = boto3.client("cloudformation", region_name=asked.region, config=TIMES)
        found = faults(kept(template, deployed_template(client, asked.stack)), asked.stack, asked.region)
    except (BotoCoreError, ClientError) as error:
        # A stage whose name CloudFormation refuses comes to this line too.
        found = faults(template, asked.stack, asked.region) or [f"{asked.stack} could not be read: {error}"]
    print(*found, sep="\n", end="\n" if found else "", file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
