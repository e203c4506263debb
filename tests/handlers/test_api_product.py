"""The product through its web function: the main flows over both kinds of API, and what must not break them."""

import gzip
import json
from base64 import b64decode
from typing import Any, Protocol
from urllib.parse import parse_qs

import pytest

from app.core.config import settings
from app.pages.frame import assets
from app.reports import create
from handlers import api
from tests.factories import PASSWORD
from tests.handlers.probe import CONTEXT, http_api, refused, rest_api

pytestmark = pytest.mark.usefixtures("tables")
PLACE = {"lat": 51.7520, "lon": -1.2577}
PICTURES = {"/favicon.ico", "/apple-touch-icon.png"}
FLOOD = {"location": PLACE, "severity": "severe", "title": "Botley Road under water – knee-deep", "place": "public"}


class Call(Protocol):
    def __call__(
        self, method: str, path: str, *, query: str = "", body: Any = None, **headers: str
    ) -> dict[str, Any]: ...


def _named(headers: dict[str, str], body: Any) -> dict[str, str]:
    typed = {"content-type": "application/json"} if body is not None else {}
    return typed | {name.replace("_", "-"): value for name, value in headers.items()}


def over_http_api(method: str, path: str, *, query: str = "", body: Any = None, **headers: str) -> dict[str, Any]:
    text = None if body is None else json.dumps(body)
    event = http_api(path, method=method, rawQueryString=query, headers=_named(headers, body), body=text)
    return api.handler(event, CONTEXT)


def over_rest_api(method: str, path: str, *, query: str = "", body: Any = None, **headers: str) -> dict[str, Any]:
    text = None if body is None else json.dumps(body)
    lists = {name: [value] for name, value in _named(headers, body).items()}
    event = rest_api(path, method=method, multiValueQueryStringParameters=parse_qs(query), headers=lists, body=text)
    return api.handler(event, CONTEXT)


@pytest.fixture(params=[over_http_api, over_rest_api])
def call(request: pytest.FixtureRequest) -> Call:
    return request.param


def read(reply: dict[str, Any], status: int) -> Any:
    assert reply["statusCode"] == status, reply
    body = reply["body"]
    return json.loads(gzip.decompress(b64decode(body)) if reply["isBase64Encoded"] else body)


def signed_in(call: Call) -> str:
    person = {"username": "river-watcher", "password": PASSWORD}
    read(call("POST", "/v1/accounts", body=person), 201)
    return f"Bearer {read(call('POST', '/v1/tokens', body=person), 200)['access_token']}"


def test_resident_registers_reports_and_finds_the_report_nearby(call: Call) -> None:
    authorization = signed_in(call)

    made = call("POST", "/v1/reports", body=FLOOD, authorization=authorization, idempotency_key="first-report")
    near = call("GET", "/v1/reports", query="lat=51.75&lon=-1.26&radius_km=5")

    report = read(made, 201)
    assert made["headers"]["Location"] == f"/v1/reports/{report['id']}"
    assert [(found["id"], found["title"]) for found in read(near, 200)["items"]] == [(report["id"], FLOOD["title"])]


def test_reporter_edits_and_withdraws(call: Call) -> None:
    authorization = signed_in(call)
    made = call("POST", "/v1/reports", body=FLOOD, authorization=authorization, idempotency_key="first-report")
    address = made["headers"]["Location"]

    edited = call(
        "PATCH", address, body={"severity": "minor"}, authorization=authorization, if_match=made["headers"]["ETag"]
    )
    gone = call("DELETE", address, authorization=authorization)

    assert read(edited, 200)["severity"] == "minor"
    assert (gone["statusCode"], gone["body"]) == (204, "")
    assert not {"Content-Type", "Content-Length"} & gone["headers"].keys()


def test_report_sent_again_is_a_replay_over_the_other_gateway(call: Call) -> None:
    other = over_rest_api if call is over_http_api else over_http_api
    observed = FLOOD | {"location": {"lat": -33.9, "lon": 151.2}}

    first = call("POST", "/v1/reports", body=observed, idempotency_key="sent-by-phone-and-again")
    again = other("POST", "/v1/reports", body=observed, idempotency_key="sent-by-phone-and-again")

    assert read(again, 200)["id"] == read(first, 201)["id"]
    assert again["headers"]["Idempotency-Replayed"] == "true"


def test_two_idempotency_keys_are_refused_and_nothing_is_stored(call: Call) -> None:
    reply = call("POST", "/v1/reports", body=FLOOD, idempotency_key="first-report,second-report")

    assert "Idempotency-Key" in refused(reply)["detail"]
    assert read(call("GET", "/v1/reports", query="bbox=-2,51,-1,52"), 200)["items"] == []


def test_forged_address_does_not_widen_the_limit(call: Call, noon: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create, "settings", lambda: settings()._replace(anonymous_writes_hard=30))
    statuses = [
        call(
            "POST",
            "/v1/reports",
            body=FLOOD,
            idempotency_key=f"a-report-of-many-{n:03}",
            x_forwarded_for=f"198.51.100.{n}",
        )["statusCode"]
        for n in range(32)
    ]

    assert statuses == [201] * 30 + [429] * 2


@pytest.mark.parametrize(
    "path", ["/v1/reports/a%252Fb", "/v1/reports/%00", "/v1/reports/..%2F..", "/nö", "//evil.example", "//v1/reports"]
)
def test_odd_paths_are_not_found(call: Call, path: str) -> None:
    reply = call("GET", path)

    assert refused(reply, status=404)["type"] == "/docs/errors/not-found"


def test_hostile_host_appears_nowhere_in_an_answer(call: Call) -> None:
    for path in ("/", "/docs", "/openapi.json", "/v1/reports", "/v1/none"):
        reply = call("GET", path, host="evil.example", x_forwarded_host="evil.example")
        assert "evil.example" not in json.dumps(reply)


def test_whatever_the_product_sends_is_text_that_needs_no_base64(call: Call) -> None:
    rules = [
        rule
        for rule in api.application.whole().url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    ]
    paths = [rule.rule for rule in rules] + ["/none", "/docs/errors/invalid", "/tiles/4/7/5"]

    types = {path: call("GET", path, accept_encoding="identity") for path in paths if path not in PICTURES}

    assert len(paths) > 10
    assert [(path, reply["headers"]["Content-Type"]) for path, reply in types.items() if reply["isBase64Encoded"]] == []


def test_files_of_the_pages_leave_as_text_and_packed_as_base64(call: Call) -> None:
    for name in assets.names():
        asset = assets.find(name)
        assert asset
        address = f"/static/{asset.digest}/{name}"
        plain, packed = call("GET", address, accept_encoding="identity"), call("GET", address, accept_encoding="gzip")

        is_picture = asset.media_type in ("image/png", "image/x-icon")
        body = b64decode(plain["body"]) if is_picture else plain["body"].encode()
        assert (plain["statusCode"], plain["isBase64Encoded"], body) == (200, is_picture, asset.content)
        is_packed = asset.packed is not None and call is over_http_api
        assert packed["isBase64Encoded"] is (is_picture or is_packed)


def test_large_list_leaves_compressed_from_an_http_api_and_plain_from_a_rest_api(call: Call) -> None:
    """A REST API without binary media types passes base64 on unchanged, and compresses by itself if so configured."""
    for number in range(12):
        call("POST", "/v1/reports", body=FLOOD, idempotency_key=f"key-of-a-packed-list-{number}")

    plain, packed = (call("GET", "/v1/reports", accept_encoding=said) for said in ("identity", "gzip, br"))

    assert packed["isBase64Encoded"] is (call is over_http_api)
    assert packed["headers"].get("Content-Encoding") == ("gzip" if call is over_http_api else None)
    body = gzip.decompress(b64decode(packed["body"])).decode() if packed["isBase64Encoded"] else packed["body"]
    assert json.loads(body)["items"] == json.loads(plain["body"])["items"]
    assert len(json.loads(body)["items"]) == 12
    assert "Accept-Encoding" in packed["headers"]["Vary"]
