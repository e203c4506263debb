"""Take out of moto and botocore what costs tests a third of their time and changes no answer.

tests/test_quick_cloud.py compares what is said with and without.
"""

import copy
import sys
from decimal import Decimal
from functools import cache
from io import BytesIO
from typing import Any

import moto.core.responses
from botocore.awsrequest import AWSPreparedRequest
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import HTTPException
from moto.core.request import Request
from moto.core.serialize import BaseJSONSerializer
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.responses import DynamoHandler

SIGNATURE = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20261128/eu-west-2/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0",
    "X-Amz-Date": "20261128T120000Z",
}
HOST = "dynamodb.eu-west-2.amazonaws.com"
_process_request = BotocoreStubber.process_request
_serialize = BaseJSONSerializer._serialize_type_structure
_sign = RequestSigner.sign
_project = Item.project
_cast_value = DynamoType.cast_value
assert isinstance(_cast_value, property)


def _go_straight_to_dynamodb(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    """Moto tries the addresses of all services, and makes a request by werkzeug's means for tests."""
    if request.url != f"https://{HOST}/":
        return _process_request(stubber, request)
    body: Any = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    environ = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": ""}
    environ |= {"SERVER_NAME": HOST, "SERVER_PORT": "443", "HTTP_HOST": HOST, "SERVER_PROTOCOL": "HTTP/1.1"}
    told = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in request.headers.items()}
    environ |= {name: value.decode() if isinstance(value, bytes) else value for name, value in told.items()}
    wsgi = {"wsgi.url_scheme": "https", "wsgi.input": BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0)}
    kind = {"CONTENT_TYPE": environ.get("HTTP_CONTENT_TYPE", ""), "CONTENT_LENGTH": str(len(body))}
    made = Request(environ | wsgi | kind)
    try:
        return DynamoHandler.dispatch(made, request.url, made.headers)
    except HTTPException as refused:
        return refused.code, refused.get_headers(), refused.get_body()


def _serialize_as_it_says(serializer: Any, serialized: Any, value: Any, shape: Any, key: str) -> None:
    """A value of an item says of which type it is: moto asks it for each of ten types by each of six names."""
    if shape.name != "AttributeValue" or type(value) is not dict:
        _serialize(serializer, serialized, value, shape, key)
        return
    told: dict[str, Any] = {}
    for kind, content in value.items():
        if kind in {"S", "N"} and type(content) is str:
            told[kind] = content
        else:
            serializer._serialize(told, content, shape.members[kind], kind)
    serialized[key] = told


def _project_members(item: Item, expressions: list[list[str]]) -> Item:
    """Moto turns the whole item into Python's types and back, once for each member that is wanted."""
    if any(len(one) != 1 or "[" in one[0] for one in expressions):
        return _project(item, expressions)
    attrs = {name: copy.deepcopy(item.attrs[name]) for (name,) in expressions if name in item.attrs}
    return Item(hash_key=item.hash_key, range_key=item.range_key, attrs=attrs)


def _cast(value: DynamoType) -> Any:
    """Return the value of an attribute as queries compare it."""
    if value.type == "S":
        return value.value
    return Decimal(value.value) if value.type == "N" else _cast_value.fget(value)


def _differs(one: DynamoType, other: DynamoType) -> bool:
    if one.type != other.type:
        return True
    return one.value != other.value if one.type == "S" else one.cast_value != other.cast_value


def _sign_for_others(signer: Any, operation: str, request: Any, *told: Any, **more: Any) -> None:
    """Neither moto's DynamoDB nor dynoxide verifies who calls; dynoxide wants it to be said."""
    if signer._service_id == "DynamoDB":
        for name, value in SIGNATURE.items():
            request.headers[name] = value
    else:
        _sign(signer, operation, request, *told, **more)


QUICK = (
    (BotocoreStubber, "process_request", _go_straight_to_dynamodb),
    (BaseJSONSerializer, "_serialize_type_structure", _serialize_as_it_says),
    (Item, "project", _project_members),
    (DynamoType, "cast_value", property(_cast)),
    (DynamoType, "__ne__", _differs),
    (RequestSigner, "sign", _sign_for_others),
    (UserAgentString, "to_string", lambda _: "tests"),
    (moto.core.responses, "method_names_from_class", cache(moto.core.responses.method_names_from_class)),
)
SLOW = tuple((owner, name, vars(owner)[name]) for owner, name, _ in QUICK)


def hasten() -> None:
    """For the whole run."""
    for owner, name, quick in QUICK:
        setattr(owner, name, quick)
