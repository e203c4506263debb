"""Convert the roles of a CloudFormation template to plain IAM policies, for a linter that knows no references."""

import json
import re
from typing import Any

ACCOUNT, REGION = "123456789012", "eu-west-2"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
# Value of `Fn::GetAtt` for a kind of resource, with a placeholder for its name.
ARNS = {
    ("AWS::DynamoDB::Table", "Arn"): f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{name}}",
    ("AWS::DynamoDB::Table", "StreamArn"): f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{{name}}/stream/2026",
    ("AWS::Logs::LogGroup", "Arn"): f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:{{name}}:*",
    ("AWS::S3::Bucket", "Arn"): "arn:aws:s3:::{name}",
    ("AWS::SQS::Queue", "Arn"): f"arn:aws:sqs:{REGION}:{ACCOUNT}:{{name}}",
}
# Kinds of resources of which a plain reference is the name.
NAMED = ("AWS::SES::ConfigurationSet",)
_VARIABLE = re.compile(r"\$\{([^}]+)\}")

Template = dict[str, Any]


def policies(template: Template) -> dict[str, str]:
    """Return each role's policies as JSON, by `<role>-<policy>`. Raises KeyError for an unknown reference."""
    return {
        f"{name}-{policy['PolicyName']}": json.dumps(_resolved(policy["PolicyDocument"], template["Resources"]))
        for name, role in template["Resources"].items()
        if role["Type"] == "AWS::IAM::Role"
        for policy in role["Properties"].get("Policies", [])
    }


def _resolved(value: Any, resources: dict[str, Any]) -> Any:
    if isinstance(value, list):
        return [_resolved(part, resources) for part in value]
    if not isinstance(value, dict):
        return value
    if "Fn::GetAtt" in value:
        return _arn(resources, *value["Fn::GetAtt"])
    if "Fn::Sub" in value:
        return _VARIABLE.sub(lambda match: _variable(match[1], resources), value["Fn::Sub"])
    return {name: _resolved(part, resources) for name, part in value.items()}


def _variable(name: str, resources: dict[str, Any]) -> str:
    logical_id, _, attribute = name.partition(".")
    if attribute:
        return _arn(resources, logical_id, attribute)
    if name in PSEUDO or resources[name]["Type"] not in NAMED:
        return PSEUDO[name]
    return name


def _arn(resources: dict[str, Any], logical_id: str, attribute: str) -> str:
    return ARNS[resources[logical_id]["Type"], attribute].format(name=logical_id)
