"""Rights on objects: which actions a request of S3 needs, a form of a browser's included.

S3's requests are no calls in JSON: method, path and headers say what is asked. Whether there is an object is shown only
to who may list its bucket, so a request for one that is gone needs that right too.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.policy import HTTP
from typing import Any
from urllib.parse import unquote

from moto.s3.models import s3_backends

from tests.deploy.cloud import ACCOUNT

_SIGNED_FOR_S3 = "/s3/aws4_request"
_BY_METHOD = {"GET": "GetObject", "HEAD": "GetObject", "PUT": "PutObject", "DELETE": "DeleteObject"}


class Denied(Exception):
    """Error: a form is not as it was signed."""


def is_of_s3(environ: Mapping[str, Any]) -> bool:
    return _SIGNED_FOR_S3 in environ.get("HTTP_AUTHORIZATION", "") or is_form(environ)


def is_form(environ: Mapping[str, Any]) -> bool:
    is_sent = environ["REQUEST_METHOD"] == "POST" and "HTTP_AUTHORIZATION" not in environ
    return is_sent and str(environ.get("CONTENT_TYPE", "")).startswith("multipart/form-data")


def actions(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Return the actions that a signed request needs, each with the bucket or object that it touches."""
    bucket, _, key = unquote(environ["PATH_INFO"]).lstrip("/").partition("/")
    method = environ["REQUEST_METHOD"]
    if not key:
        yield ("s3:ListBucket" if method == "GET" else f"{method} of a bucket"), _arn(bucket)
        return
    yield f"s3:{_BY_METHOD.get(method, method)}", _arn(f"{bucket}/{key}")
    if source := environ.get("HTTP_X_AMZ_COPY_SOURCE"):
        bucket, _, key = unquote(source).lstrip("/").partition("/")
        yield "s3:GetObject", _arn(f"{bucket}/{key}")
    if (source or method in ("GET", "HEAD")) and not _is_there(bucket, key):
        yield "s3:ListBucket", _arn(bucket)


def form(environ: Mapping[str, Any], body: bytes) -> dict[str, str]:
    """Return the fields of a form, without the file, which is given by its length.

    Raises Denied if they are not those that the policy in it allows.
    """
    head = f"Content-Type: {environ['CONTENT_TYPE']}\r\n\r\n".encode()
    fields: dict[str, str] = {}
    for part in message_from_bytes(head + body, policy=HTTP).iter_parts():  # type: ignore[attr-defined]
        content = part.get_payload(decode=True)
        name = str(part.get_param("name", header="content-disposition"))
        fields[name.lower()] = str(len(content)) if name == "file" else content.decode()
    _check(fields, json.loads(base64.b64decode(fields["policy"])), environ["PATH_INFO"].strip("/"))
    return fields


def form_actions(environ: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "s3:PutObject", _arn(f"{environ['PATH_INFO'].strip('/')}/{fields['key']}")


def _check(fields: Mapping[str, str], policy: Any, bucket: str) -> None:
    """Compare the fields with the signed policy, as S3 does. Its time is not looked at: tests move no clock of S3."""
    told = {**fields, "bucket": bucket}
    for condition in policy["conditions"]:
        if isinstance(condition, dict):
            [(name, value)] = condition.items()
            if told.get(name.lower()) != value:
                raise Denied(f"Policy Condition failed: {name} is {told.get(name.lower())!r}")
        elif condition[0] == "content-length-range" and not condition[1] <= int(fields["file"]) <= condition[2]:
            raise Denied("Your proposed upload is not within the allowed size")


def _is_there(bucket: str, key: str) -> bool:
    found = s3_backends[ACCOUNT]["aws"].buckets.get(bucket)
    return found is not None and key in found.keys


def _arn(name: str) -> str:
    return f"arn:aws:s3:::{name}"
