"""Answers of moto's DynamoDB with rows, read as the JSON that they are."""

import base64
import json
from functools import cached_property
from typing import Any

from botocore.awsrequest import AWSResponse, HeadersDict
from moto.core.botocore_stubber import MockRawResponse


class Answered(AWSResponse):
    """An answer as botocore's events get it. It makes a dictionary of the headers only where one reads them."""

    def __init__(self, url: str, status: int, headers: dict[str, str], raw: bytes) -> None:
        self.url, self.status_code, self.raw = url, status, MockRawResponse(raw)
        self._told, self._content = headers, None

    @cached_property
    def headers(self) -> HeadersDict:  # type: ignore[override]
        return HeadersDict(self._told)


def read_rows(headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """Botocore walks through all that was answered by its description, in which bytes alone are not what JSON has."""
    parsed: dict[str, Any] = loaded(body)
    parsed["ResponseMetadata"] = {
        "RequestId": headers["x-amzn-requestid"],
        "HTTPStatusCode": 200,
        "HTTPHeaders": {name.lower(): value for name, value in headers.items()},
    }
    return parsed


def loaded(body: bytes) -> Any:
    has_bytes = b'"B":' in body or b'"BS":' in body
    return json.loads(body, object_hook=_with_bytes) if has_bytes else json.loads(body)


def _with_bytes(told: dict[str, Any]) -> dict[str, Any]:
    """JSON has no bytes: a value of one of these kinds is text in base64."""
    if len(told) == 1:
        if type(text := told.get("B")) is str:
            return {"B": base64.b64decode(text)}
        if type(texts := told.get("BS")) is list and all(type(each) is str for each in texts):
            return {"BS": [base64.b64decode(each) for each in texts]}
    return told
