"""Take out of moto and botocore what costs tests half of their time and changes no answer.

tests/test_quick_cloud.py compares what is said with and without.
"""

import base64
import json
import os
import sys
from functools import cache
from io import BytesIO
from itertools import count
from threading import RLock
from typing import Any
from uuid import UUID

import botocore.endpoint_provider
import botocore.session
import moto.core.responses
import pynamodb.connection.base
from botocore.awsrequest import AWSPreparedRequest, HeadersDict
from botocore.endpoint import Endpoint
from botocore.endpoint_provider import RuleSet
from botocore.model import OperationModel
from botocore.parsers import BaseJSONParser, JSONParser
from botocore.regions import EndpointRulesetResolver
from botocore.signers import RequestSigner
from botocore.useragent import UserAgentString
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import HTTPException
from moto.core.models import botocore_stubber
from moto.core.request import Request
from moto.core.responses import ActionResult, BaseResponse
from moto.core.serialize import BaseJSONSerializer
from moto.core.utils import get_service_model
from moto.dynamodb.responses import DynamoHandler
from moto.iam.models import get_account_id_from
from werkzeug.datastructures import Headers

from tests import quick_answers, quick_expressions, quick_queries, quick_updates, quick_values
from tests.quick_expressions import ABSENT

SIGNATURE = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=testing/20261128/eu-west-2/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=0",
    "X-Amz-Date": "20261128T120000Z",
}
SAID_AT = "Sat, 28 Nov 2026 12:00:00 GMT"  # no test reads the date of an answer
REGION = "eu-west-2"
HERE = "http://127.0.0.1:"  # dynoxide, and no service of AWS
HOST = f"dynamodb.{REGION}.amazonaws.com"
TARGET = "DynamoDB_20120810."
# What the product does with rows; what is done with tables is rare, and its answers hold dates.
WITH_ROWS = frozenset(f"{act}Item" for act in ("Get", "Put", "Update", "Delete", "BatchGet", "BatchWrite"))
WITH_ROWS |= {"Query", "Scan", "TransactGetItems", "TransactWriteItems"}
# Conditions that do not hold are an everyday answer. Asking again by the long way took three times as long in all.
CONDITION_FAILED = frozenset({"ConditionalCheckFailedException", "TransactionCanceledException"})
_process_request = BotocoreStubber.process_request
_serialized = BaseResponse.serialized
_enrich_response = BaseResponse._enrich_response
_serialize = BaseJSONSerializer._serialize_type_structure
_parse_structure = BaseJSONParser._handle_structure
_sign = RequestSigner.sign
_camelcase = moto.core.responses.camelcase_to_underscores
_send_request = Endpoint._send_request
_construct_endpoint = EndpointRulesetResolver.construct_endpoint
_parse = JSONParser().parse
_call_action = DynamoHandler.call_action
_one_at_a_time = RLock()
_numbers = count(1)
_rule_sets: dict[tuple[int, int], tuple[dict[str, Any], RuleSet]] = {}


def _ask_moto_itself(endpoint: Endpoint, request: dict[str, Any], operation: OperationModel) -> Any:
    """Botocore makes, signs, sends and perhaps repeats a request. What is not answered at once goes that way."""
    if request["url"] != f"https://{HOST}/" or operation.name not in WITH_ROWS or not botocore_stubber.enabled:
        return _send_request(endpoint, request, operation)
    if "MOTO_ACCOUNT_ID" in os.environ:
        return _send_request(endpoint, request, operation)
    try:
        status, headers, body = _handler_of_rows(_asked_with(operation.name), request["body"]).call_action()
    except Exception:
        status = 0
    raw = body.encode() if status in (200, 400) else b""
    parsed = _parsed(status, headers, raw, operation) if raw else None
    if parsed is None:
        return _send_request(endpoint, request, operation)
    parsed["ResponseMetadata"]["RetryAttempts"] = 0
    return quick_answers.Answered(request["url"], status, headers, raw), parsed


@cache
def _asked_with(operation: str) -> Headers:
    """Return the headers of a request, which moto only reads."""
    return Headers({"X-Amz-Target": f"{TARGET}{operation}"} | SIGNATURE)


def _parsed(status: int, headers: dict[str, str], raw: bytes, operation: OperationModel) -> dict[str, Any] | None:
    """Return the answer; None for a refusal for which botocore may do more than tell of it."""
    if status == 200:
        return quick_answers.read_rows(headers, raw)
    told = {"status_code": status, "headers": HeadersDict(headers), "body": raw}
    parsed: dict[str, Any] = _parse(told, operation.output_shape)
    code = parsed.get("Error", {}).get("Code")
    if code not in CONDITION_FAILED:
        return None
    return parsed | _parse(told, operation.service_model.shape_for_error_code(code))


def _construct_once(resolver: Any, operation_model: OperationModel, **asked: Any) -> Any:
    """Botocore derives the address of DynamoDB for each call: for rows of our tables it is always the same."""
    if operation_model.name not in WITH_ROWS or operation_model.service_model.service_name != "dynamodb":
        return _construct_endpoint(resolver, operation_model, **asked)
    kept = vars(resolver)
    if "quick" not in kept:
        kept["quick"] = _construct_endpoint(resolver, operation_model, **asked)
    return kept["quick"]


def _rules_once(**told: Any) -> RuleSet:
    """Botocore makes an object of each of a service's rules for each client. Its loaded data are one object now."""
    key = id(told["rules"]), id(told["partitions"])
    if key not in _rule_sets:
        _rule_sets[key] = told, RuleSet(**told)  # with what it was made of, whose place in memory stays taken
    return _rule_sets[key][1]


class _QuickIds:
    """Python asks the system for the randomness of each id. PynamoDB makes one for each call, and only logs it."""

    @staticmethod
    def uuid4() -> UUID:
        return UUID(int=next(_numbers), version=4)


def _go_straight_to_dynamodb(stubber: BotocoreStubber, request: AWSPreparedRequest) -> Any:
    """Moto tries the addresses of all services, and makes a request by werkzeug's means for tests."""
    if request.url.startswith(HERE):
        return None
    if request.url != f"https://{HOST}/":
        return _process_request(stubber, request)
    body: Any = request.body or b""
    body = body.encode() if isinstance(body, str) else body
    told = [(name, value.decode() if isinstance(value, bytes) else value) for name, value in request.headers.items()]
    headers = Headers(told)
    operation = headers.get("X-Amz-Target", "").removeprefix(TARGET)
    try:
        if operation in WITH_ROWS and "X-Moto-Account-Id" not in headers and "MOTO_ACCOUNT_ID" not in os.environ:
            return _handler_of_rows(headers, body).call_action()
        made = _request(told, body)
        return DynamoHandler.dispatch(made, request.url, made.headers)
    except HTTPException as refused:
        return refused.code, refused.get_headers(), refused.get_body()


def _request(told: list[tuple[str, str]], body: bytes) -> Request:
    environ = {"REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/", "QUERY_STRING": ""}
    environ |= {"SERVER_NAME": HOST, "SERVER_PORT": "443", "HTTP_HOST": HOST, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in told}
    wsgi = {"wsgi.url_scheme": "https", "wsgi.input": BytesIO(body), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0)}
    kind = {"CONTENT_TYPE": environ.get("HTTP_CONTENT_TYPE", ""), "CONTENT_LENGTH": str(len(body))}
    return Request(environ | wsgi | kind)


def _handler_of_rows(headers: Headers, body: bytes) -> DynamoHandler:
    """Moto looks for forms, files and queries in the request, and turns each value over by its description."""
    handler = DynamoHandler()
    handler.params = quick_answers.loaded(body)
    handler.headers, handler.querystring, handler.uri_match = headers, {}, {}
    handler.region, handler.current_account = REGION, _account()
    handler.response_headers = {"server": "amazon.com", "date": SAID_AT}
    return handler


def _call_alone(handler: DynamoHandler) -> Any:
    """Moto's tables know no threads: a transaction that is refused puts back what others have written meanwhile."""
    with _one_at_a_time:
        return _call_action(handler)


@cache
def _account() -> str:
    return get_account_id_from("AKIAEXAMPLE")


@cache
def _members_of_answer(operation: str) -> frozenset[str]:
    shape = get_service_model("dynamodb").operation_model(operation).output_shape
    return frozenset(shape.members)


def _serialize_rows(handler: BaseResponse, done: ActionResult) -> Any:
    """Moto looks for each value of an item by each of its possible names; what is in an item is JSON as it is."""
    if type(handler) is not DynamoHandler or isinstance(done.result, Exception):
        return _serialized(handler, done)
    operation = handler._get_action()
    if operation not in WITH_ROWS:
        return _serialized(handler, done)
    known = _members_of_answer(operation)
    told: Any = done.result
    body = {name: value for name, value in told.items() if name in known and value is not None}
    headers = {"Content-Type": "application/x-amz-json-1.0"} | handler.response_headers
    return 200, headers, json.dumps(body, default=_as_base64)


def _as_base64(value: Any) -> str:
    return base64.b64encode(value).decode()


def _enrich(headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
    """Moto seeks the place for a request's id, which is XML, at each sign of the answer."""
    if type(body) is str and "<RequestId>" not in body:
        return _enrich_response(headers, "")[0], body
    return _enrich_response(headers, body)


def _request_id(headers: dict[str, str] | None = None) -> str:
    """Moto draws each of 52 signs on its own."""
    made = f"{next(_numbers):052X}"
    if isinstance(headers, dict):
        headers["x-amzn-requestid"] = made
    return made


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


def _parse_as_it_says(parser: Any, shape: Any, value: Any) -> Any:
    """Botocore asks a value for each of ten types that it could have; it has one."""
    if shape.name == "AttributeValue" and type(value) is dict and len(value) == 1:
        ((kind, content),) = value.items()
        if kind in {"S", "N"} and type(content) is str:
            return {kind: content}
        if kind in shape.members and content is not None:
            return {kind: parser._parse_shape(shape.members[kind], content)}
    return _parse_structure(parser, shape, value)


def _sign_for_others(signer: Any, operation: str, request: Any, *told: Any, **more: Any) -> None:
    """Neither moto's DynamoDB nor dynoxide verifies who calls; dynoxide wants it to be said."""
    if signer._service_id == "DynamoDB" and signer._region_name == REGION:
        for name, value in SIGNATURE.items():
            request.headers[name] = value
    else:
        _sign(signer, operation, request, *told, **more)


QUICK = (
    (BotocoreStubber, "process_request", _go_straight_to_dynamodb),
    (BaseResponse, "serialized", _serialize_rows),
    (BaseResponse, "_enrich_response", staticmethod(_enrich)),
    (BaseJSONSerializer, "_serialize_type_structure", _serialize_as_it_says),
    (BaseJSONParser, "_handle_structure", _parse_as_it_says),
    (DynamoHandler, "call_action", _call_alone),
    (RequestSigner, "sign", _sign_for_others),
    (Endpoint, "_send_request", _ask_moto_itself),
    (EndpointRulesetResolver, "construct_endpoint", _construct_once),
    # Data of services are read again, and their folders gone through, for each session: a tenth of a second.
    (botocore.session, "create_loader", cache(botocore.session.create_loader)),
    (botocore.endpoint_provider, "RuleSet", _rules_once),
    (pynamodb.connection.base, "uuid", _QuickIds),
    (UserAgentString, "to_string", lambda _: "tests"),
    (moto.core.responses, "method_names_from_class", cache(moto.core.responses.method_names_from_class)),
    (moto.core.responses, "camelcase_to_underscores", cache(_camelcase)),
    (moto.core.responses, "gen_amzn_requestid_long", _request_id),
    *quick_values.QUICK,
    *quick_queries.QUICK,
    *quick_expressions.QUICK,
    *quick_updates.QUICK,
)
SLOW = tuple((owner, name, vars(owner).get(name, ABSENT)) for owner, name, _ in QUICK)


def hasten() -> None:
    """For the whole run."""
    for owner, name, quick in QUICK:
        setattr(owner, name, quick)
