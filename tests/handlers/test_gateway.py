"""Requests as the app receives them. Each gap is tried with serverless-wsgi alone, where the same test must fail."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from handlers import gateway
from tests.handlers.probe import (
    CONTEXT,
    Ask,
    Gaps,
    Test,
    ask_library,
    ask_ours,
    fails_alone,
    http_api,
    load,
    make_probe,
    refused,
    rest_api,
    seen,
)

HOST = "a1b2c3d4e5.execute-api.eu-west-2.amazonaws.com"
gap = Gaps()


@contextmanager
def base_path(value: str) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(gateway.BASE_PATH, value)
        yield


def test_three_cookies_arrive_from_every_kind_of_api(ask: Ask) -> None:
    wanted = {"a": "1", "b": "2", "c": "3"}

    assert seen(ask(http_api(cookies=["a=1", "b=2", "c=3"])))["cookies"] == wanted
    assert seen(ask(rest_api(headers={"Cookie": ["a=1; b=2; c=3"]})))["cookies"] == wanted


@gap
def test_cookies_in_several_header_lines_arrive(ask: Ask) -> None:
    assert seen(ask(rest_api(headers={"cookie": ["a=1", "b=2; c=3"]})))["cookies"] == {"a": "1", "b": "2", "c": "3"}


@gap
def test_cookie_header_stays_where_the_event_has_no_list(ask: Ask) -> None:
    assert seen(ask(http_api(headers={"cookie": "a=1; b=2"})))["cookies"] == {"a": "1", "b": "2"}


@gap
def test_request_without_cookies_has_no_cookie_header(ask: Ask) -> None:
    assert "Cookie" not in seen(ask(http_api()))["headers"]


@gap
def test_repeated_request_headers_arrive_joined(ask: Ask) -> None:
    reply = ask(rest_api(headers={"X-Multi": ["one", "two"], "Accept": ["text/html", "application/json;q=0.9"]}))

    assert seen(reply)["headers"]["X-Multi"] == "one, two"
    assert seen(reply)["headers"]["Accept"] == "text/html, application/json;q=0.9"


@pytest.mark.parametrize(
    "name", ["Authorization", "Content-Type", "Content-Length", "Idempotency-Key", "Host", "If-Match"]
)
def test_header_that_must_come_once_is_refused_when_it_comes_twice(name: str) -> None:
    app = make_probe()
    event = rest_api(method="PUT", headers={name: ["1", "2"]})

    assert name in refused(ask_ours(app)(event))["detail"]
    assert ask_library(app)(event)["statusCode"] == 200


@pytest.mark.parametrize("name", ["authorization", "content-type", "content-length", "idempotency-key", "host"])
def test_header_that_must_come_once_is_refused_when_a_gateway_joined_two(name: str) -> None:
    app = make_probe()
    event = http_api(headers={name: "one,two"})

    refused(ask_ours(app)(event))
    assert ask_library(app)(event)["statusCode"] == 200


@gap
def test_same_header_in_two_spellings_counts_as_twice(ask: Ask) -> None:
    refused(ask(http_api(headers={"Authorization": "Bearer good", "authorization": "Bearer evil"})))


def test_list_of_entity_tags_in_one_header_is_no_repetition(ask: Ask) -> None:
    reply = ask(http_api(method="PUT", headers={"if-match": '"a", "b"'}))

    assert seen(reply)["headers"]["If-Match"] == '"a", "b"'


@gap
def test_name_with_underscore_cannot_pass_for_one_with_a_hyphen(ask: Ask) -> None:
    for event in (http_api(headers={"x_user_id": "evil"}), rest_api(headers={"X_User_Id": ["evil"]})):
        assert "X-User-Id" not in seen(ask(event))["headers"]


@gap
def test_name_with_a_long_s_cannot_pass_for_one_with_an_s(ask: Ask) -> None:
    assert "X-User-Id" not in seen(ask(http_api(headers={"x-u\u017fer-id": "evil"})))["headers"]


@gap
def test_line_breaks_in_a_header_are_refused(ask: Ask) -> None:
    for value in ("a\r\nSet-Cookie: b=c", "a\nb", "a\rb", "a\0b"):
        refused(ask(http_api(headers={"x-request-id": value})))


@gap
def test_header_beyond_latin_1_reaches_the_app_as_utf_8_in_latin_1(ask: Ask) -> None:
    got = seen(ask(http_api(headers={"x-place": "水"})))["headers"]["X-Place"]

    assert got.encode("latin-1").decode() == "水"


@gap
def test_body_that_is_not_base64_is_refused(ask: Ask) -> None:
    for body in ("!!!!", "YQ", "YQ==YQ==", "Y Q=", "ä"):
        assert "base64" in refused(ask(http_api(method="POST", body=body, isBase64Encoded=True)))["detail"]


def test_null_body_is_an_empty_one(ask: Ask) -> None:
    assert seen(ask(http_api(method="POST", body=None)))["content_length"] == 0


@gap
def test_half_a_surrogate_pair_reaches_the_app_as_bytes_that_are_no_text(ask: Ask) -> None:
    body = seen(ask(http_api(method="POST", body="\ud800")))["body"].encode("latin-1")

    with pytest.raises(UnicodeDecodeError):
        body.decode()


@gap
def test_chunked_body_is_read_whole(ask: Ask) -> None:
    sent = {"transfer-encoding": "chunked", "content-length": "3"}

    got = seen(ask(http_api(method="POST", body="grüße", headers=sent)))

    assert (got["content_length"], got["body"].encode("latin-1").decode()) == (7, "grüße")
    assert "Transfer-Encoding" not in got["headers"]


# Paths and queries


@gap
def test_default_stage_is_no_mount_point(ask: Ask) -> None:
    assert seen(ask(http_api()))["script_root"] == ""


@gap
def test_named_stage_is_a_mount_point(ask: Ask) -> None:
    got = seen(ask(http_api("/dev/echo/here", request_context={"stage": "dev"})))

    assert (got["script_root"], got["path"]) == ("/dev", "/echo/here")


def test_named_stage_ends_at_a_slash(ask: Ask) -> None:
    assert ask(http_api("/development", request_context={"stage": "dev"}))["statusCode"] == 404
    assert seen(ask(http_api("/dev", request_context={"stage": "dev"})))["path"] == "/"


@gap
def test_named_stage_of_an_http_api_with_payload_1_is_a_mount_point(ask: Ask) -> None:
    got = seen(ask(load("http_api_payload_1")))

    assert (got["script_root"], got["path"]) == ("/dev", "/echo/here")


def test_stage_of_a_rest_api_is_no_part_of_its_path(ask: Ask) -> None:
    got = seen(ask(rest_api("/echo/here", request_context={"stage": "echo", "path": "/echo/echo/here"})))
    root = seen(ask(rest_api("/", request_context={"path": "/prod"})))
    own_domain = seen(ask(rest_api("/echo/here", request_context={"path": "/echo/here"})))

    assert (got["script_root"], got["path"]) == ("/echo", "/echo/here")
    assert (root["script_root"], own_domain["script_root"]) == ("/prod", "")


@gap
def test_base_path_ends_at_a_slash(ask: Ask) -> None:
    with base_path("echo"):
        assert ask(http_api("/echoes/v1"))["statusCode"] == 404
        for event in (http_api("/echo/echo/here"), rest_api("/echo/echo/here")):
            got = seen(ask(event))
            assert (got["script_root"], got["path"]) == ("/echo", "/echo/here")
    with base_path("/ec/"):
        assert seen(ask(http_api("/echo/here")))["script_root"] == ""


@gap
def test_base_path_alone_is_the_root(ask: Ask) -> None:
    with base_path("v1"):
        for event in (http_api("/v1"), rest_api("/v1"), http_api("/v1/")):
            got = seen(ask(event))
            assert (got["script_root"], got["path"]) == ("/v1", "/")


@gap
def test_path_that_an_http_api_decoded_is_not_decoded_again(ask: Ask) -> None:
    for decoded in ("a%2Fb", "a%252Fb", "a%00b", "%61dmin", "café", "a?b"):
        assert seen(ask(http_api(f"/echo/{decoded}")))["rest"] == decoded


def test_path_of_a_rest_api_and_of_a_function_url_is_decoded_once(ask: Ask) -> None:
    for sent, rest in (
        ("a%252Fb", "a%2Fb"),
        ("caf%C3%A9", "café"),
        ("a%00b", "a\0b"),
        ("a%2Fb", "a/b"),
        ("a%3Fb", "a?b"),
    ):
        assert seen(ask(rest_api(f"/echo/{sent}")))["rest"] == rest
        assert seen(ask(http_api(f"/echo/{sent}", name="function_url")))["rest"] == rest


@gap
def test_question_mark_in_a_path_is_no_query(ask: Ask) -> None:
    assert seen(ask(http_api("/echo/a?admin=true")))["rest"] == "a?admin=true"


def test_broken_escapes_do_not_break_the_app(ask: Ask) -> None:
    for path in ("/echo/%", "/echo/%zz", "/echo/%ff%fe", "/echo/\ud800"):
        assert seen(ask(rest_api(path)))["path"].startswith("/echo/")
        assert seen(ask(http_api(path)))["path"].startswith("/echo/")


def test_query_arrives_with_repetitions_and_escapes(ask: Ask) -> None:
    wanted = {"tag": ["a b", "c&d"], "plus": ["1+1"], "place": ["Köln"], "flag": [""]}
    raw = "tag=a+b&tag=c%26d&plus=1%2B1&place=K%C3%B6ln&flag="

    assert seen(ask(http_api(rawQueryString=raw)))["query"] == wanted
    assert seen(ask(rest_api(multiValueQueryStringParameters=wanted)))["query"] == wanted


@gap
def test_parameter_without_value_is_empty(ask: Ask) -> None:
    got = seen(ask(rest_api(queryStringParameters={"flag": None, "a": "1"})))

    assert got["query"] == {"flag": [""], "a": ["1"]}


@gap
def test_missing_and_null_members_are_empty(ask: Ask) -> None:
    for event in (http_api(body=None, queryStringParameters=None), rest_api(multiValueHeaders=None)):
        event["rawQueryString"] = event["headers"] = None
        assert seen(ask(event))["query"] == {}
        del event["headers"]
        assert seen(ask(event))["path"] == "/echo/here"


# Who asks, and of whom


@gap
def test_null_authorizer_is_none(ask: Ask) -> None:
    for event in (http_api, rest_api):
        assert seen(ask(event(request_context={"authorizer": None})))["environ"]["serverless.authorizer"] is None


def test_authorizer_reaches_the_app_but_names_no_user(ask: Ask) -> None:
    claims = {"jwt": {"claims": {"sub": "a"}}}
    got = seen(ask(http_api(request_context={"authorizer": claims})))["environ"]

    assert (got["serverless.authorizer"], got["REMOTE_USER"]) == (claims, "")


def test_address_is_the_gateways_word_not_the_callers(ask: Ask) -> None:
    forged = "198.51.100.1, 203.0.113.9"

    assert seen(ask(http_api(headers={"x-forwarded-for": forged})))["remote_addr"] == "203.0.113.9"
    assert seen(ask(rest_api(headers={"X-Forwarded-For": [forged]})))["remote_addr"] == "203.0.113.9"


@gap
def test_host_is_the_gateways_word_not_the_callers(ask: Ask) -> None:
    got = seen(ask(http_api(headers={"host": "evil.example"})))

    assert (got["url"], got["environ"]["SERVER_NAME"]) == (f"https://{HOST}/echo/here", HOST)


@gap
def test_host_that_is_no_host_is_refused(ask: Ask) -> None:
    for host in ("evil.example/path", "a b", "a\r\nb", "user@evil.example", "ä.example"):
        refused(ask(http_api(headers={"host": host})))


@gap
def test_scheme_is_one_of_two(ask: Ask) -> None:
    for said, scheme in (("http", "http"), ("javascript", "https"), ("https", "https")):
        assert seen(ask(http_api(headers={"x-forwarded-proto": said})))["scheme"] == scheme


@gap
def test_requests_carry_the_gateways_id_or_else_lambdas(ask: Ask) -> None:
    ids = [
        seen(ask(event))["environ"]["floodmanager.gateway_request_id"]
        for event in (http_api(), rest_api(), http_api(request_context={"requestId": None}))
    ]

    assert ids == ["TnE2gjKRLPEEJTw=", "0e9d8c7b-6a5f-4e3d-2c1b-0a9f8e7d6c5b", CONTEXT.aws_request_id]


@pytest.mark.parametrize("test", gap, ids=lambda test: test.__name__.removeprefix("test_"))
def test_library_alone_has_the_gap(test: Test) -> None:
    fails_alone(test)
