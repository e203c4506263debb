"""Read a packaged CloudFormation template."""

import re
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

Template = dict[str, Any]
_SUBSTITUTED = re.compile(r"\$\{(\w+)\.")


def of_type(template: Template, *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the resources of some kinds, with their logical ids."""
    return ((name, body) for name, body in template["Resources"].items() if body["Type"] in kinds)


def target(value: Any) -> str:
    """Return the logical id that a Ref, a GetAtt or a Sub refers to; empty if none."""
    if not isinstance(value, dict):
        return ""
    if "Fn::GetAtt" in value:
        return str(value["Fn::GetAtt"][0])
    if "Fn::Sub" in value:
        match = _SUBSTITUTED.search(value["Fn::Sub"])
        return match[1] if match else ""
    return str(value.get("Ref", ""))


def name_of(template: Template, logical_id: str) -> Any:
    """Return the name of a function, table, queue or topic."""
    properties = template["Resources"][logical_id]["Properties"]
    return next(
        properties[name] for name in ("FunctionName", "TableName", "QueueName", "TopicName") if name in properties
    )


def statements(body: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a role or of a resource's policy."""
    properties = body["Properties"]
    documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
    if "PolicyDocument" in properties:
        documents.append(properties["PolicyDocument"])
    return [statement for document in documents for statement in as_list(document["Statement"])]


def as_list(value: Any) -> list[Any]:
    """Return a value that may be one or many as a list."""
    return value if isinstance(value, list) else [value]


def dead_letters(template: Template) -> set[str]:
    """Return the queues that receive the dead letters of others."""
    targets = [body["Properties"].get("RedrivePolicy", {}).get("deadLetterTargetArn") for _, body in _queues(template)]
    for _, body in of_type(template, "AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig"):
        targets.append(body["Properties"].get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"))
    for _, body in of_type(template, "AWS::Events::Rule"):
        targets.extend(aim.get("DeadLetterConfig", {}).get("Arn") for aim in body["Properties"]["Targets"])
    names = {name for name, _ in _queues(template)}
    return {target(one) for one in targets} & names


def _queues(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    return of_type(template, "AWS::SQS::Queue")


def deployed_template(client: Any, stack: str) -> Template:
    """Return the deployed template of the stack; one without resources if there is no stack."""
    try:
        body = client.get_template(StackName=stack)["TemplateBody"]
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        body = {}
    return {"Resources": {}, **(body if isinstance(body, dict) else {})}
