"""Work that is done once for all calls gives what the libraries give."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.auth import AUTH_TYPE_MAPS, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from botocore.parsers import JSONParser, ResponseParserFactory
from pynamodb.attributes import AttributeContainer
from pynamodb.exceptions import AttributeDeserializationError, AttributeNullError
from pynamodb.models import Model

from app.accounts.models import Account
from app.accounts.throttle_models import Throttle
from app.core import dynamodb, prepared
from app.reports.models import Report

URL = "https://dynamodb.eu-west-2.amazonaws.com/"
BODY = b'{"TableName":"reports","Key":{"id":{"S":"rep_1"}}}'
HEADERS = {"X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": "application/x-amz-json-1.0"}


def _signed(kind: type[SigV4Auth], credentials: ReadOnlyCredentials, region: str, moment: str) -> str:
    request = AWSRequest("POST", URL, dict(HEADERS), BODY)
    request.context["timestamp"] = moment
    signer: Any = kind(credentials, "dynamodb", region)
    signer._modify_request_before_signing(request)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    signer._inject_signature_to_request(request, signer.signature(text, request))
    return str(request.headers["Authorization"])


@pytest.mark.parametrize("token", [None, "a-session-token"])
@pytest.mark.parametrize("region", ["eu-west-2", "us-east-1"])
def test_signature_is_botocores_on_every_day_and_with_every_key(region: str, token: str | None) -> None:
    signatures = set()
    for secret in ("one", "another"):
        for moment in ("20261201T235959Z", "20261202T000000Z", "20261201T000000Z"):
            credentials = ReadOnlyCredentials("AKID", secret, token)
            ours = _signed(prepared.PreparedAuth, credentials, region, moment)
            assert ours == _signed(SigV4Auth, credentials, region, moment)
            signatures.add(ours)
    assert len(signatures) == 6


def test_every_call_is_signed_by_our_signer() -> None:
    client = dynamodb.connection().client
    _, chosen = client.meta.events.emit_until_response("choose-signer.dynamodb.GetItem", signature_version="v4")
    assert AUTH_TYPE_MAPS[chosen] is prepared.PreparedAuth


def test_address_is_worked_out_once_and_is_the_resolvers() -> None:
    asked = []

    class Resolver:
        other = "kept"

        def construct_endpoint(self, **call: Any) -> str:
            asked.append(call)
            return URL

    endpoint = SimpleNamespace(_response_parser_factory=ResponseParserFactory())
    client = SimpleNamespace(_ruleset_resolver=Resolver(), _endpoint=endpoint, meta=SimpleNamespace(events=_NoEvents()))
    for _ in range(2):
        prepared.prepare(client)
    assert [client._ruleset_resolver.construct_endpoint(operation_model=n) for n in range(3)] == [URL] * 3
    assert asked == [{"operation_model": 0}] and client._ruleset_resolver.other == "kept"


class _NoEvents:
    def register(self, *_: Any) -> None:
        """Register nothing."""


def test_address_does_not_depend_on_the_account_of_the_credentials() -> None:
    assert dynamodb.connection().client.meta.config.account_id_endpoint_mode == "disabled"


def test_row_is_sent_as_pynamodb_sends_it() -> None:
    report = Report(id="rep_1", sort="1#rep_1", day_shard="2026-12-01#0", body_hash="", status="pending", lat=51.5)
    report.lon, report.visibility, report.radius_m, report.severity = -0.12, "home", 50, "severe"
    report.condition, report.packed, report.is_disputed = "flooded", b"\x01\x00", False
    report.observed_at_ms = report.updated_at_ms = report.expires_at_ms = report.version = 1
    assert report.serialize() == Model.serialize(report)
    count = Throttle("key", purge_at_s=1, mark="")
    assert count.serialize() == Model.serialize(count)


def test_row_without_a_column_that_it_must_have_is_not_sent() -> None:
    for serialize in (Model.serialize, Throttle.serialize):
        with pytest.raises(AttributeNullError, match="purge_at_s"):
            serialize(Throttle("key"))
    assert Throttle("key").serialize(null_check=False) == {"id": {"S": "key"}}


STORED = {
    "text": {"S": "Größe"},
    "empty": {"S": ""},
    "number": {"N": "51.5"},
    "flag": {"BOOL": False},
    "nothing": {"NULL": True},
    "bytes": {"B": "AQA="},
    "no bytes": {"B": ""},
    "names": {"SS": ["a", "b"]},
    "many bytes": {"BS": ["AQA=", "Ag=="]},
    "list": {"L": [{"S": "a"}, {"M": {"deep": {"B": "AQA="}}}, {"L": []}]},
    "map": {"M": {"name": {"N": "1"}}},
    "later": {"LATER": {"S": "a"}},
    "with a null": {"S": "a", "N": None},
    "of two kinds": {"S": "a", "N": "1"},
    "of no kind": {},
    "a null": {"S": None},
    "null": None,
}


def _parsed(parser: Any, item: dict[str, Any]) -> Any:
    client = dynamodb.connection().client
    shape = client.meta.service_model.operation_model("GetItem").output_shape
    body = json.dumps({"Item": item, "ConsumedCapacity": {"CapacityUnits": 0.5}}).encode()
    return parser.parse({"status_code": 200, "headers": {"x-amzn-requestid": "1"}, "body": body}, shape)


def test_answer_is_read_as_botocore_reads_it() -> None:
    ours = dynamodb.connection().client._endpoint._response_parser_factory.create_parser("json")
    assert type(ours) is not JSONParser
    assert _parsed(ours, STORED) == _parsed(JSONParser(), STORED)
    assert _parsed(ours, STORED)["Item"]["bytes"] == {"B": b"\x01\x00"}


READ = {
    "id": {"S": "rep_1"},
    "lat": {"N": "51.5"},
    "radius": {"N": "50"},
    "place": {"S": "home"},
    "entry": {"B": b"\x01\x00"},
    "disputed": {"BOOL": True},
    "title": {"NULL": True},
    "of_a_later_release": {"S": "?"},
    "depth": {},
}


@pytest.mark.parametrize("item", [READ, {}, {"id": {"S": "rep_1"}}])
@pytest.mark.parametrize("model", [Report, Throttle, Account])
def test_row_is_read_as_pynamodb_reads_it(model: type[Model], item: dict[str, Any]) -> None:
    """With the defaults of columns that are not stored, and a report's names for those that are."""
    row = model.from_raw_data(item)
    as_read = model(_user_instantiated=False)
    AttributeContainer._container_deserialize(as_read, item)
    assert row.attribute_values == as_read.attribute_values


def test_value_of_another_kind_than_its_column_is_refused() -> None:
    with pytest.raises(AttributeDeserializationError, match="title"):
        Report.from_raw_data({"id": {"S": "rep_1"}, "title": {"N": "1"}})


def test_defaults_are_made_for_each_row() -> None:
    first, second = (Account.from_raw_data({"username": {"S": name}}) for name in ("one", "two"))
    first.token_version = 7
    assert (first.token_version, second.token_version, second.role) == (7, 1, "resident")
