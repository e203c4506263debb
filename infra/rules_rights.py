"""Our own rules for who may do what, and for secrets."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from infra.template import Template, as_list, of_type, statements, target

REVIEWED = Path(__file__).with_name("actions.yml")
SECRET_NAMES = re.compile(r"SECRET|PASSWORD|TOKEN|CREDENTIAL|(^|_)KEY(_|$)")
PARAMETERS = ["secret", "previous-secret", "id-key", "origin-key"]


def every_function_has_a_role_of_its_own(template: Template) -> Iterator[str]:
    owners = defaultdict(list)
    for name, body in of_type(template, "AWS::Lambda::Function"):
        owners[target(body["Properties"]["Role"])].append(name)
    for role, names in owners.items():
        if len(names) > 1:
            yield f"{' and '.join(names)} share {role}"
    for name, body in of_type(template, "AWS::IAM::Role"):
        if name not in owners:
            yield f"{name} is no function's"
        if body["Properties"].get("ManagedPolicyArns"):
            yield f"{name} has rights that AWS may widen"


def every_right_is_named(template: Template) -> Iterator[str]:
    for name, body in _with_policies(template):
        for told in statements(body):
            if told["Effect"] != "Allow":
                continue
            if {"NotAction", "NotResource", "NotPrincipal"} & told.keys():
                yield f"{name} allows all but something"
            if any("*" in str(part) for part in as_list(told["Action"])):
                yield f"{name} allows {told['Action']}"
            if any("*" in json.dumps(part) for part in as_list(told.get("Resource", "named"))):
                yield f"{name} allows {told['Action']} on {told['Resource']}"
            if told.get("Principal") in ("*", {"AWS": "*"}):
                yield f"{name} allows everybody"


def _with_policies(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, body in template["Resources"].items():
        if {"Policies", "PolicyDocument"} & body.get("Properties", {}).keys():
            yield name, body


def every_right_is_reviewed(template: Template) -> Iterator[str]:
    reviewed = yaml.safe_load(REVIEWED.read_text(encoding="utf-8"))
    for name, body in of_type(template, "AWS::IAM::Role"):
        granted = rights(body)
        wanted = {place: sorted(actions) for place, actions in reviewed.get(name, {}).items()}
        for place in granted.keys() | wanted.keys():
            if granted.get(place, []) != wanted.get(place, []):
                yield f"{name} may {granted.get(place, [])} on {place}; reviewed is {wanted.get(place, [])}"


def rights(role: dict[str, Any]) -> dict[str, list[str]]:
    """What a role may do, by place: a table, one of its indexes or its stream, a queue, a log group, our parameters."""
    found = defaultdict(set)
    for told in statements(role):
        for resource in as_list(told["Resource"]):
            found[_place(resource)].update(as_list(told["Action"]))
    return {place: sorted(actions) for place, actions in found.items()}


def _place(resource: Any) -> str:
    if not isinstance(resource, dict):
        return str(resource)
    if "Fn::GetAtt" in resource:
        name, attribute = resource["Fn::GetAtt"]
        return str(name if attribute == "Arn" else f"{name}.{attribute}")
    text = resource.get("Fn::Sub", "")
    if text.rpartition("/")[2] in PARAMETERS and ":parameter/floodmanager/" in text:
        return "parameter"
    return str(text.replace("${", "").replace(".Arn}", ""))


def functions_are_called_by_those_named(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::Permission"):
        if not body["Properties"].get("SourceArn"):
            yield f"{name} lets a whole service call"


def no_secret_is_written_down(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::Function"):
        variables = body["Properties"].get("Environment", {}).get("Variables", {})
        for variable, value in variables.items():
            if SECRET_NAMES.search(variable) or "{{resolve:" in json.dumps(value):
                yield f"{name} has {variable} in its environment"
    if "{{resolve:ssm-secure:" in json.dumps(template) or "AWS::SSM::Parameter" in json.dumps(template):
        yield "a secret is written into a resource"


RULES: list[Callable[[Template], Iterator[str]]] = [
    every_function_has_a_role_of_its_own,
    every_right_is_named,
    every_right_is_reviewed,
    functions_are_called_by_those_named,
    no_secret_is_written_down,
]
