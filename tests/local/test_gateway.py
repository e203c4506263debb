"""The local gateway before tiny functions: what a function gets, and what becomes of its answer."""

import base64
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from infra.local.gateway import Gateway, running
from infra.local.runtime_api import PAYLOAD_BYTES
from tests.local.calling import TINY, Answer, call
from tests.local.local_run import HANGS_S, await_true
from tests.local.tiny.functions import BYTES

EVENTS = Path(__file__).parents[1] / "events"
MEGABYTE = 1024 * 1024


def answered(url: str, answer: Any, **more: Any) -> Answer:
    """The reply to a function that gives this answer."""
    return call(url, f"/?do=answer&with={quote(json.dumps(answer))}", **more)


def shape(value: Any) -> Any:
    """Members and types, without what differs from request to request."""
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items() if name not in ("headers", "multiValueHeaders")}
    return type(value).__name__


def test_http_api_sends_payload_2_as_documented(http_api: Gateway) -> None:
    documented = json.loads((EVENTS / "http_api.json").read_text())

    event = call(http_api.url, "/echo/here", headers=[("User-Agent", "a test")]).json

    assert shape(event) == shape(documented)
    assert documented["headers"].keys() - event["headers"].keys() == {"accept", "accept-encoding"}  # of that caller
    assert event["headers"]["x-forwarded-for"] == "127.0.0.1"


def test_rest_api_sends_payload_1_as_documented(rest_api: Gateway) -> None:
    documented = json.loads((EVENTS / "rest_api.json").read_text())

    event = call(rest_api.url, "/echo/here", headers=[("User-Agent", "a test")]).json

    assert event.keys() == documented.keys()
    assert event["requestContext"].keys() == documented["requestContext"].keys()
    assert event["requestContext"]["identity"].keys() == documented["requestContext"]["identity"].keys()
    for name in ("resource", "path", "httpMethod", "pathParameters"):
        assert event[name] == documented[name]
    assert event["requestContext"]["path"] == "/dev/echo/here"


def test_http_api_joins_repeated_headers_and_lists_cookies(http_api: Gateway) -> None:
    sent = [("X-Tag", "one"), ("x-tag", "two"), ("Cookie", "a=1; b=2"), ("Cookie", "c=3"), ("X-Town", "Köln".encode())]

    event = call(http_api.url, headers=sent).json

    assert event["headers"]["x-tag"] == "one,two"
    assert event["headers"]["x-town"] == "Köln"
    assert event["cookies"] == ["a=1", "b=2", "c=3"]
    assert "cookie" not in event["headers"]


def test_rest_api_keeps_repeated_headers_apart(rest_api: Gateway) -> None:
    event = call(rest_api.url, headers=[("X-Tag", "one"), ("X-Tag", "two"), ("Cookie", "a=1")]).json

    assert event["multiValueHeaders"]["X-Tag"] == ["one", "two"]
    assert event["headers"]["X-Tag"] == "two"
    assert event["headers"]["Cookie"] == "a=1"


def test_path_is_decoded_once_for_an_http_api_and_not_for_a_rest_api(http_api: Gateway, rest_api: Gateway) -> None:
    target = "/a%20b/%252F/%C3%A9?q=%20x&q=y&empty="

    for_http, for_rest = call(http_api.url, target).json, call(rest_api.url, target).json

    assert for_http["rawPath"] == for_http["requestContext"]["http"]["path"] == "/a b/%2F/é"
    assert for_http["rawQueryString"] == "q=%20x&q=y&empty="
    assert for_http["queryStringParameters"] == {"q": " x,y", "empty": ""}
    assert for_rest["path"] == "/a%20b/%252F/%C3%A9"
    assert for_rest["multiValueQueryStringParameters"] == {"q": [" x", "y"], "empty": [""]}
    assert for_rest["queryStringParameters"] == {"q": "y", "empty": ""}


@pytest.mark.parametrize(
    ("kind", "is_text"),
    [
        ("application/json; charset=utf-8", True),
        ("text/csv", True),
        ("application/x-www-form-urlencoded", False),
        ("image/png", False),
        ("", False),
    ],
)
def test_http_api_sends_text_as_text_and_all_else_as_base64(http_api: Gateway, kind: str, is_text: bool) -> None:
    body = '{"town": "Köln"}'.encode()

    event = call(http_api.url, method="POST", body=body, headers=[("Content-Type", kind)] if kind else ()).json

    assert event["isBase64Encoded"] is not is_text
    assert event["body"] == (body.decode() if is_text else base64.b64encode(body).decode())


def test_bytes_reach_a_function_unchanged(http_api: Gateway, rest_api: Gateway) -> None:
    for api in (http_api, rest_api):
        event = call(api.url, method="PUT", body=BYTES, headers=[("Content-Type", "application/octet-stream")]).json

        assert base64.b64decode(event["body"]) == BYTES


def test_bytes_of_a_function_reach_the_caller(http_api: Gateway, rest_api: Gateway) -> None:
    wanted = [("Accept", "image/webp,*/*")]

    assert call(http_api.url, "/?do=bytes").body == BYTES
    assert call(rest_api.url, "/?do=bytes", headers=wanted).body == BYTES
    # A REST API decodes only what it takes for binary, by the first type that the caller accepts.
    assert call(rest_api.url, "/?do=bytes").body == base64.b64encode(BYTES)


def test_each_cookie_of_an_answer_is_a_header(http_api: Gateway, rest_api: Gateway) -> None:
    cookies = ["a=1; Path=/; Expires=Sat, 21 Nov 2026 12:00:00 GMT", "b=2"]

    from_http = answered(http_api.url, {"statusCode": 200, "cookies": cookies})
    from_rest = answered(rest_api.url, {"statusCode": 200, "multiValueHeaders": {"Set-Cookie": cookies}})

    assert from_http.header("set-cookie") == from_rest.header("set-cookie") == cookies


def test_lists_win_over_single_headers_of_a_rest_answer(rest_api: Gateway) -> None:
    answer = {"statusCode": 200, "headers": {"X-A": "0", "X-B": "3"}, "multiValueHeaders": {"x-a": ["1", "2"]}}

    got = answered(rest_api.url, answer)

    assert (got.header("x-a"), got.header("x-b")) == (["1", "2"], ["3"])


def test_rest_api_renames_the_headers_that_it_keeps_for_itself(rest_api: Gateway) -> None:
    got = answered(rest_api.url, {"statusCode": 401, "headers": {"WWW-Authenticate": "Bearer"}})

    assert got.header("www-authenticate") == []
    assert got.header("x-amzn-remapped-www-authenticate") == ["Bearer"]


def test_answer_without_status_is_the_body_of_an_http_api_and_a_fault_of_a_rest_api(
    http_api: Gateway, rest_api: Gateway
) -> None:
    got = answered(http_api.url, {"hello": "world"})

    assert (got.status, got.json, got.header("content-type")) == (200, {"hello": "world"}, ["application/json"])
    assert answered(rest_api.url, {"hello": "world"}).status == 502


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": "many"},
        {"statusCode": 20},
        {"statusCode": 200, "body": {"no": "text"}},
        {"statusCode": 200, "body": "?", "isBase64Encoded": True},
        {"statusCode": 200, "headers": {"X-A": "1\r\nX-B: 2"}},
        {"statusCode": 200, "headers": ["X-A"]},
    ],
)
def test_answer_that_is_no_reply_is_the_gateways_error(http_api: Gateway, answer: Any) -> None:
    got = answered(http_api.url, answer)

    assert (got.status, got.json) == (500, {"message": "Internal Server Error"})


@pytest.mark.parametrize("do", ["raise", "exit", f"grow&bytes={PAYLOAD_BYTES}"])
def test_function_that_fails_is_the_gateways_error(http_api: Gateway, rest_api: Gateway, do: str) -> None:
    from_http, from_rest = call(http_api.url, f"/?do={do}"), call(rest_api.url, f"/?do={do}")

    assert (from_http.status, from_http.json) == (500, {"message": "Internal Server Error"})
    assert (from_rest.status, from_rest.json) == (502, {"message": "Internal server error"})
    assert call(http_api.url, "/?do=process").status == 200


def test_module_that_does_not_load_is_the_gateways_error(http_api: Gateway) -> None:
    assert [call(http_api.url, "/broken", method).status for method in ("GET", "POST")] == [500, 500]


def test_function_that_is_late_is_ended(http_api: Gateway) -> None:
    late = call(http_api.url, "/late/now?do=sleep&seconds=20")

    assert (late.status, late.json) == (500, {"message": "Internal Server Error"})
    # The next request is answered by another worker; on a busy machine that may take longer.
    await_true(lambda: call(http_api.url, "/late/now?do=process").status == 200, HANGS_S)


def test_largest_reply_passes(http_api: Gateway) -> None:
    size = PAYLOAD_BYTES - 200

    assert len(call(http_api.url, f"/?do=grow&bytes={size}").body) == size


def test_request_over_ten_megabytes_is_refused(http_api: Gateway) -> None:
    """Told to a caller who waits for it, and to one who is still sending."""
    waiting = call(http_api.url, method="POST", headers=[("Content-Length", str(10 * MEGABYTE + 1))])
    sending = call(http_api.url, method="POST", body=b"x" * (10 * MEGABYTE + 1))

    assert (waiting.status, waiting.json) == (413, {"message": "Request Entity Too Large"})
    assert sending.status == 413


def test_request_that_lambda_does_not_take_is_refused(http_api: Gateway) -> None:
    """Between Lambda's six megabytes and the gateway's ten."""
    text, sizes = [("Content-Type", "text/plain")], (6_000_000, 7_000_000)

    taken, refused = (call(http_api.url, "/?do=size", "POST", body=b"x" * size, headers=text) for size in sizes)

    assert (taken.status, taken.body) == (200, b"6000000")
    assert refused.status == 413


def test_route_decides_on_the_function(http_api: Gateway) -> None:
    event = call(http_api.url, "/late/x").json

    assert event["routeKey"] == event["requestContext"]["routeKey"] == "GET /late/{what}"
    assert event["pathParameters"] == {"what": "x"}
    assert call(http_api.url, "/late/x", "POST").json["routeKey"] == "$default"


def test_rest_api_answers_below_its_stage_alone(rest_api: Gateway) -> None:
    root = rest_api.url.removesuffix("/dev")

    assert call(rest_api.url, "").json["resource"] == "/"
    assert (call(root, "/developer").status, call(root, "/developer").json) == (403, {"message": "Forbidden"})


def test_head_has_headers_and_no_body(http_api: Gateway) -> None:
    answer = {"statusCode": 200, "headers": {"Content-Length": "7"}}

    got = answered(http_api.url, answer, method="HEAD")

    assert (got.status, got.body, got.header("content-length")) == (200, b"", ["7"])


def test_every_reply_names_its_request(http_api: Gateway, rest_api: Gateway) -> None:
    good, bad = call(http_api.url), call(http_api.url, "/broken")

    assert good.header("apigw-requestid") == [good.json["requestContext"]["requestId"]]
    assert bad.header("apigw-requestid") not in ([], good.header("apigw-requestid"))
    assert call(rest_api.url).header("x-amz-apigw-id")


def test_many_callers_get_each_their_own_answer(http_api: Gateway) -> None:
    targets = [f"/?do=answer&with={number}" for number in range(40)]

    with ThreadPoolExecutor(8) as people:
        got = list(people.map(lambda target: call(http_api.url, target).json, targets))

    assert got == list(range(40))


def test_any_function_takes_events_past_the_gateway(http_api: Gateway) -> None:
    assert http_api.invoke("tell", {"Records": []})["variables"]["AWS_LAMBDA_FUNCTION_NAME"] == "tell"


@pytest.fixture(scope="module")
def with_cors(tiny_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    menu = tmp_path_factory.mktemp("menu") / "serverless.yml"
    own = "provider:\n  httpApi:\n    cors:\n      allowedOrigins: ['https://map.example']\n      maxAge: 60\n"
    menu.write_text((TINY / "serverless.yml").read_text().replace("provider:\n", own))
    with running(tiny_zip, {}, menu=menu) as gateway:
        yield gateway


def test_configured_cors_answers_preflights_itself(with_cors: Gateway) -> None:
    asked = [("Origin", "https://map.example"), ("Access-Control-Request-Method", "GET")]

    got = call(with_cors.url, "/broken", "OPTIONS", headers=asked)
    other = call(with_cors.url, "/broken", "OPTIONS", headers=[("Origin", "https://other.example"), asked[1]])

    assert (got.status, got.header("access-control-allow-origin")) == (204, ["https://map.example"])
    assert got.header("access-control-max-age") == ["60"]
    assert (other.status, other.header("access-control-allow-origin")) == (204, [])


def test_configured_cors_replaces_what_the_function_says(with_cors: Gateway, http_api: Gateway) -> None:
    answer = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://functions.own"}}
    asked = [("Origin", "https://map.example")]

    replaced, passed = answered(with_cors.url, answer, headers=asked), answered(http_api.url, answer, headers=asked)

    assert replaced.header("access-control-allow-origin") == ["https://map.example"]
    assert passed.header("access-control-allow-origin") == ["https://functions.own"]


def test_without_cors_the_function_answers_preflights(http_api: Gateway) -> None:
    asked = [("Origin", "https://map.example"), ("Access-Control-Request-Method", "GET")]

    assert call(http_api.url, "/x", "OPTIONS", headers=asked).json["requestContext"]["http"]["method"] == "OPTIONS"
