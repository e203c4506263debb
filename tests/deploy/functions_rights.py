"""Rights of deployed functions: keys of their roles, and a check of each call against their policies.

moto lets everybody do everything. Here a request that is signed with a role's keys must be allowed by a policy of that
role, by action and resource, as IAM decides without conditions; else it is refused as AWS refuses it.
"""

import io
import json
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from tests.deploy import functions_objects as objects
from tests.deploy.cloud import ACCOUNT, REGION, Cloud

_ARN = f"arn:aws:{{service}}:{REGION}:{ACCOUNT}:{{name}}"
_SEND_MAIL = "/v2/email/outbound-emails"
_INVOCATION = re.compile(r"/2015-03-31/functions/([^/]+)/invocations")
_SERVICES = {"DynamoDB": "dynamodb", "AmazonSQS": "sqs", "AmazonSSM": "ssm", "DynamoDBStreams": "dynamodb"}


def keys_of_role(cloud: Cloud, arn: str) -> dict[str, str]:
    """Temporary keys of the function's role, as Lambda hands them to it."""
    told = cloud.clients("sts").assume_role(RoleArn=arn, RoleSessionName="function")["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": told["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": told["SecretAccessKey"],
        "AWS_SESSION_TOKEN": told["SessionToken"],
    }


class Rights:
    """Stands before the account's services. Remembers what each role used and what it was refused."""

    def __init__(self) -> None:
        self.used: dict[str, set[str]] = {}
        self.refused: list[str] = []

    def before(self, services: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def ask(this: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if objects.is_form(environ):
                return self._take_form(services, this, environ, start_response)
            role = _role_of(environ.get("HTTP_AUTHORIZATION", ""))
            if role is None:
                return services(this, environ, start_response)
            body = _body(environ)
            if objects.is_of_s3(environ):
                wanted = list(objects.actions(environ))
            else:
                wanted = list(_wanted(environ.get("HTTP_X_AMZ_TARGET") or environ["PATH_INFO"], body))
            if denied := self._denied(role, wanted):
                return _refuse(denied, start_response, is_of_s3=objects.is_of_s3(environ))
            return services(this, environ, start_response)

        return ask

    def _take_form(self, services: Any, this: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Take what a browser sends, by the rights of the role that has signed the form."""
        try:
            fields = objects.form(environ, _body(environ))
        except objects.Denied as fault:
            return _refuse(str(fault), start_response, is_of_s3=True)
        role = _role_of(f"Credential={fields['x-amz-credential']}")
        if role and (denied := self._denied(role, list(objects.form_actions(environ, fields)))):
            return _refuse(denied, start_response, is_of_s3=True)
        return services(this, environ, start_response)

    def _denied(self, role: str, wanted: list[tuple[str, str]]) -> str:
        """Return the first action that a role may not do, and note all."""
        denied = [f"{role}: {action} on {on}" for action, on in wanted if not _allows(role, action, on)]
        self.used.setdefault(role, set()).update(action for action, _ in wanted)
        self.refused += denied
        return denied[0] if denied else ""


def _body(environ: dict[str, Any]) -> bytes:
    body: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    return body


def _refuse(reason: str, start_response: Any, *, is_of_s3: bool) -> Iterable[bytes]:
    if is_of_s3:
        start_response("403 Forbidden", [("Content-Type", "application/xml")])
        return [f"<Error><Code>AccessDenied</Code><Message>{reason}</Message></Error>".encode()]
    start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.0")])
    return [json.dumps({"__type": "AccessDeniedException", "message": reason}).encode()]


def _role_of(authorization: str) -> str | None:
    """The name of the role whose key signed; None for a person's key."""
    key = re.search(r"Credential=([^/]+)/", authorization)
    session = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(key[1]) if key else None
    return session.role_arn.rpartition("/")[2] if session else None


def _wanted(target: str, body: bytes) -> Iterator[tuple[str, str]]:
    """Actions and the resources that they touch, of one call in JSON or of one that its path names."""
    if found := list(_by_path(target, body)):
        yield from found
        return
    family, _, operation = target.rpartition(".")
    service = _SERVICES.get(family.partition("_")[0])
    if service is None:
        yield target, "unknown to tests/deploy/functions_rights.py"
        return
    asked = json.loads(body)
    if service == "sqs":
        operation = operation.removesuffix("Batch")  # the right to send one is the right to send ten
        names = [asked["QueueUrl"].rpartition("/")[2] if "QueueUrl" in asked else asked["QueueName"]]
    elif service == "ssm":
        names = [f"parameter{name}" for name in asked["Names"]]
    else:
        yield from _on_tables(operation, asked)
        return
    for name in names:
        yield f"{service}:{operation}", _ARN.format(service=service, name=name)


def _by_path(path: str, body: bytes) -> Iterator[tuple[str, str]]:
    """Of a message that is sent, or a function that is called."""
    if path == _SEND_MAIL:
        asked = json.loads(body)
        domain = asked["FromEmailAddress"].rpartition("@")[2].rstrip(">")
        for name in (f"identity/{domain}", f"configuration-set/{asked['ConfigurationSetName']}"):
            yield "ses:SendEmail", _ARN.format(service="ses", name=name)
    elif called := _INVOCATION.fullmatch(path):
        yield "lambda:InvokeFunction", _ARN.format(service="lambda", name=f"function:{called[1]}")


_INSIDE = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}


def _on_tables(operation: str, asked: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """A transaction is allowed by the rights for what it holds."""
    if "TransactItems" in asked:
        for item in asked["TransactItems"]:
            for act, part in item.items():
                yield f"dynamodb:{_INSIDE.get(act, 'GetItem')}", _table(part["TableName"])
    elif "RequestItems" in asked:
        for name in asked["RequestItems"]:
            yield f"dynamodb:{operation}", _table(name)
    elif "TableName" in asked:
        index = f"/index/{asked['IndexName']}" if "IndexName" in asked else ""
        yield f"dynamodb:{operation}", _table(asked["TableName"]) + index
    else:
        yield f"dynamodb:{operation}", "*"


def _table(name: str) -> str:
    return _ARN.format(service="dynamodb", name=f"table/{name.rpartition('/')[2]}")


def _allows(role: str, action: str, resource: str) -> bool:
    policies = iam_backends[ACCOUNT]["aws"].get_role(role).policies.values()
    statements = [statement for policy in policies for statement in json.loads(policy)["Statement"]]
    fitting = [one for one in statements if _fits(one["Action"], action) and _fits(one["Resource"], resource)]
    effects = {one["Effect"] for one in fitting}
    return effects == {"Allow"}


def _fits(patterns: str | list[str], value: str) -> bool:
    return any(fnmatchcase(value, one) for one in ([patterns] if isinstance(patterns, str) else patterns))
