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

from tests.deploy.cloud import ACCOUNT, REGION, Cloud

_ARN = f"arn:aws:{{service}}:{REGION}:{ACCOUNT}:{{name}}"
_OBJECT = "object:"
_SEND_MAIL = "/v2/email/outbound-emails"
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
            role = _role_of(environ.get("HTTP_AUTHORIZATION", ""))
            if role is None:
                return services(this, environ, start_response)
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            environ["wsgi.input"] = io.BytesIO(body)
            wanted = list(_wanted(environ.get("HTTP_X_AMZ_TARGET") or _stored_object(environ), body))
            denied = [f"{role}: {action} on {on}" for action, on in wanted if not _allows(role, action, on)]
            self.used.setdefault(role, set()).update(action for action, _ in wanted)
            if not denied:
                return services(this, environ, start_response)
            self.refused += denied
            told = json.dumps({"__type": "AccessDeniedException", "message": denied[0]}).encode()
            start_response("400 Bad Request", [("Content-Type", "application/x-amz-json-1.0")])
            return [told]

        return ask


def _stored_object(environ: dict[str, Any]) -> str:
    """The path of an object that a request of S3 stores, which is no call in JSON; else the request's own path."""
    is_stored = "/s3/aws4_request" in environ["HTTP_AUTHORIZATION"] and environ["REQUEST_METHOD"] == "PUT"
    return f"{_OBJECT}{environ['PATH_INFO']}" if is_stored else str(environ["PATH_INFO"])


def _role_of(authorization: str) -> str | None:
    """The name of the role whose key signed; None for a person's key."""
    key = re.search(r"Credential=([^/]+)/", authorization)
    session = sts_backends[ACCOUNT]["aws"].get_assumed_role_from_access_key(key[1]) if key else None
    return session.role_arn.rpartition("/")[2] if session else None


def _wanted(target: str, body: bytes) -> Iterator[tuple[str, str]]:
    """Actions and the resources that they touch, of one call in JSON or of one object that is stored."""
    if target == _SEND_MAIL:
        asked = json.loads(body)
        domain = asked["FromEmailAddress"].rpartition("@")[2].rstrip(">")
        for name in (f"identity/{domain}", f"configuration-set/{asked['ConfigurationSetName']}"):
            yield "ses:SendEmail", _ARN.format(service="ses", name=name)
        return
    if target.startswith(_OBJECT):
        yield "s3:PutObject", f"arn:aws:s3:::{target.removeprefix(_OBJECT).lstrip('/')}"
        return
    family, _, operation = target.rpartition(".")
    service = _SERVICES.get(family.partition("_")[0])
    if service is None:
        yield target, "unknown to tests/deploy/functions_rights.py"
        return
    asked = json.loads(body)
    if service == "sqs":
        names = [asked["QueueUrl"].rpartition("/")[2] if "QueueUrl" in asked else asked["QueueName"]]
    elif service == "ssm":
        names = [f"parameter{name}" for name in asked["Names"]]
    else:
        yield from _on_tables(operation, asked)
        return
    for name in names:
        yield f"{service}:{operation}", _ARN.format(service=service, name=name)


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
