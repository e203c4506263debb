"""Rules for rights and secrets."""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from infra.template import Template, as_list, of_type, statements, target

REVIEWED = sorted(Path(__file__).parent.glob("actions*.yml"))
SECRET_NAMES = re.compile(r"SECRET|PASSWORD|TOKEN|CREDENTIAL|(^|_)KEY(_|$)")
PARAMETERS = ["secret", "previous-secret", "id-key", "origin-key"]
ON_OBJECTS = {"s3:DeleteObject", "s3:GetObject", "s3:PutObject"}
OF_FEW = ("totp-key", "mail-key", "smtp-password")  # parameters that one function or two may read
# The one secret that CloudFormation reads from the parameter store: the proof that a request came by the CDN.
ORIGIN_HEADER = "X-Origin-Key"
ORIGIN_KEY = re.compile(r"\{\{resolve:ssm:/[\w/-]+/origin-key\}\}")
# No secret: the ARN of the web ACL, which infra/edge.py makes in another region.
WEB_ACL = re.compile(r"\{\{resolve:ssm:/[\w/-]+/web-acl\}\}")
COMMANDS = "handlers/run_command.handler"
LOOK_ON = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::Dashboard")
# Resources that give rights outside the functions' roles, where reviews would miss them.
BESIDE_ROLES = (
    "AWS::IAM::AccessKey", "AWS::IAM::Group", "AWS::IAM::GroupPolicy", "AWS::IAM::InstanceProfile",
    "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::User", "AWS::IAM::UserPolicy",
    "AWS::IAM::UserToGroupAddition",
)  # fmt: skip


def every_function_has_a_role_of_its_own(template: Template) -> Iterator[str]:
    owners = defaultdict(list)
    roles = dict(of_type(template, "AWS::IAM::Role"))
    for name, body in of_type(template, "AWS::Lambda::Function"):
        owners[target(body["Properties"]["Role"])].append(name)
    for role, names in owners.items():
        if len(names) > 1:
            yield f"{' and '.join(names)} share {role}"
        if role not in roles:
            yield f"{names[0]} has a role that is not in here"
    for name, body in roles.items():
        if name not in owners:
            yield f"{name} is no function's"
        if body["Properties"].get("ManagedPolicyArns"):
            yield f"{name} has rights that AWS may widen"


def rights_lie_in_roles_alone(template: Template) -> Iterator[str]:
    for name, body in of_type(template, *BESIDE_ROLES):
        yield f"{name} ({body['Type']}) gives rights beside the roles"


def every_right_is_named(template: Template) -> Iterator[str]:
    for name, statement in _allowed(template):
        if {"NotAction", "NotResource", "NotPrincipal"} & statement.keys():
            yield f"{name} allows all but something"
        if any("*" in str(part) for part in as_list(statement.get("Action", []))):
            yield f"{name} allows {statement['Action']}"
        if any(_is_open(part, statement) for part in as_list(statement.get("Resource", "named"))):
            yield f"{name} allows {statement.get('Action')} on {statement['Resource']}"


def _is_open(resource: Any, statement: dict[str, Any]) -> bool:
    """Return whether a resource is not named. Objects have no names yet: one folder of a bucket may be given.

    Of a whole bucket no more than adding objects is allowed.
    """
    objects = str(resource.get("Fn::Sub")) if isinstance(resource, dict) else ""
    found = re.fullmatch(r"\$\{\w+Bucket\.Arn\}/(\w+/)?\*", objects)
    allowed = ON_OBJECTS if found and found[1] else {"s3:PutObject"}
    return "*" in json.dumps(resource) and not (found and {*as_list(statement.get("Action"))} <= allowed)


def nobody_is_let_in_but_services(template: Template) -> Iterator[str]:
    for name, statement in _allowed(template):
        principal = statement.get("Principal", {"Service": []})
        services = as_list(principal.get("Service", "*")) if isinstance(principal, dict) else ["*"]
        if len(principal) != 1 or not all(_is_service(service) for service in services):
            yield f"{name} lets {principal} in"
        is_role = template["Resources"][name]["Type"] == "AWS::IAM::Role"
        if "Principal" in statement and is_role and services != ["lambda.amazonaws.com"]:
            yield f"{name} may be taken by {services}"
        if "Principal" in statement and not is_role and "Condition" not in statement:
            yield f"{name} lets {services} in for whomever they serve"


def _is_service(name: Any) -> bool:
    return isinstance(name, str) and bool(re.fullmatch(r"[a-z0-9-]+\.amazonaws\.com", name))


def _allowed(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return what is allowed in any policy of any resource, wherever the policy is nested."""
    for name, body in template["Resources"].items():
        for statement in _statements_in(body.get("Properties", {})):
            if statement.get("Effect") != "Deny":
                yield name, statement


def _statements_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for part in value:
            yield from _statements_in(part)
    elif isinstance(value, dict):
        yield from as_list(value.get("Statement", []))
        for part in value.values():
            yield from _statements_in(part)


def every_right_is_reviewed(template: Template) -> Iterator[str]:
    reviewed = _reviewed()
    for name, body in of_type(template, "AWS::IAM::Role"):
        granted = rights(body)
        wanted = {place: sorted(actions) for place, actions in reviewed.get(name, {}).items()}
        for place in granted.keys() | wanted.keys():
            if granted.get(place, []) != wanted.get(place, []):
                yield f"{name} may {granted.get(place, [])} on {place}; reviewed is {wanted.get(place, [])}"


@cache
def _reviewed() -> dict[str, dict[str, list[str]]]:
    """Return the rights of the files of reviewed rights, by role and resource."""
    return {name: role for file in REVIEWED for name, role in yaml.safe_load(file.read_text("utf-8")).items()}


def rights(role: dict[str, Any]) -> dict[str, list[str]]:
    """Return a role's rights by resource: table, index, stream, queue, log group, our parameters."""
    found = defaultdict(set)
    for statement in statements(role):
        if statement.get("Effect") != "Allow":
            continue
        for resource in as_list(statement.get("Resource", "all but something")):
            found[_place(resource)].update(as_list(statement.get("Action", "all but something")))
    return {place: sorted(actions) for place, actions in found.items()}


def _place(resource: Any) -> str:
    if not isinstance(resource, dict):
        return str(resource)
    if "Fn::GetAtt" in resource:
        name, attribute = resource["Fn::GetAtt"]
        return str(name if attribute == "Arn" else f"{name}.{attribute}")
    text = resource.get("Fn::Sub", "")
    parameter = text.rpartition("/")[2] if ":parameter/floodmanager/" in text else ""
    if parameter in PARAMETERS:
        return "parameter"
    if parameter in OF_FEW:
        return f"parameter {parameter}"
    if ":ses:" in text:
        return str(text).rpartition(":")[2].partition("/")[0]
    return str(text.replace("${", "").replace(".Arn}", ""))


def functions_are_called_by_those_named(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::Permission"):
        if not body["Properties"].get("SourceArn"):
            yield f"{name} lets a whole service call"
        if not _is_service(body["Properties"].get("Principal")):
            yield f"{name} lets {body['Properties'].get('Principal')} call"


def operators_alone_run_commands(template: Template) -> Iterator[str]:
    for name, function in of_type(template, "AWS::Lambda::Function"):
        if function["Properties"]["Handler"] != COMMANDS:
            continue
        for other, body in template["Resources"].items():
            if body["Type"] not in LOOK_ON and f'"{name}"' in json.dumps(body):
                yield f"{other} ({body['Type']}) leads to {name}, which only an operator may call"


def no_secret_is_written_down(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::Function"):
        for variable in body["Properties"].get("Environment", {}).get("Variables", {}):
            if SECRET_NAMES.search(variable):
                yield f"{name} has {variable} in its environment"
    distributions = {name: deepcopy(body) for name, body in of_type(template, "AWS::CloudFront::Distribution")}
    others = template | {"Resources": template["Resources"] | distributions}
    for body in distributions.values():
        for origin in body["Properties"]["DistributionConfig"]["Origins"]:
            shown = origin.get("OriginCustomHeaders", [])
            origin["OriginCustomHeaders"] = [one for one in shown if not _is_origin_key(one)]
    for part, content in _parts(others):
        text = json.dumps(content)
        if "{{resolve:" in WEB_ACL.sub("", text) or "AWS::SSM::Parameter" in text:
            yield f"a secret is written into {part}"


def _is_origin_key(header: dict[str, Any]) -> bool:
    return header["HeaderName"] == ORIGIN_HEADER and bool(ORIGIN_KEY.fullmatch(str(header["HeaderValue"])))


def _parts(template: Template) -> Iterator[tuple[str, Any]]:
    yield from template["Resources"].items()
    yield from ((part, content) for part, content in template.items() if part != "Resources")


RULES: list[Callable[[Template], Iterator[str]]] = [
    every_function_has_a_role_of_its_own,
    rights_lie_in_roles_alone,
    every_right_is_named,
    nobody_is_let_in_but_services,
    every_right_is_reviewed,
    functions_are_called_by_those_named,
    operators_alone_run_commands,
    no_secret_is_written_down,
]
