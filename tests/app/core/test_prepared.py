"""Work that is done once for all calls gives what the libraries give."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.auth import AUTH_TYPE_MAPS, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials
from pynamodb.exceptions import AttributeNullError
from pynamodb.models import Model

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

    client = SimpleNamespace(_ruleset_resolver=Resolver(), meta=SimpleNamespace(events=_NoEvents()))
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
    count = Throttle("key", purge_at=1, mark="")
    assert count.serialize() == Model.serialize(count)


def test_row_without_a_column_that_it_must_have_is_not_sent() -> None:
    for serialize in (Model.serialize, Throttle.serialize):
        with pytest.raises(AttributeNullError, match="purge_at"):
            serialize(Throttle("key"))
    assert Throttle("key").serialize(null_check=False) == {"id": {"S": "key"}}
