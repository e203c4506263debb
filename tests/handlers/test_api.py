"""Answers of the web function. Each gap is tried with serverless-wsgi alone too, where the same test must fail."""

import base64
from collections.abc import Callable

import pytest

from tests.handlers.probe import (
    Ask,
    Gaps,
    Test,
    ask_library,
    ask_ours,
    fails_alone,
    http_api,
    make_probe,
    refused,
    rest_api,
)

gap = Gaps()


@gap
def test_three_cookies_leave_an_http_api_as_a_list(ask: Ask) -> None:
    reply = ask(http_api("/cookies"))

    assert [cookie.split("=")[0] for cookie in reply["cookies"]] == ["first", "second", "third"]
    assert not [name for name in reply["headers"] if name.lower() == "set-cookie"]


@gap
def test_three_cookies_leave_a_rest_api_each_on_its_own(ask: Ask) -> None:
    event = rest_api("/cookies", multiValueHeaders=None)

    reply = ask(event)

    assert len(reply["multiValueHeaders"]["Set-Cookie"]) == 3
    assert not [name for name in reply["headers"] if name.lower() == "set-cookie"]


@gap
def test_repeated_headers_of_a_reply_leave_joined(ask: Ask) -> None:
    for event in (http_api("/cookies"), rest_api("/cookies")):
        assert ask(event)["headers"]["Link"] == '</a>; rel="next", </b>; rel="last"'


@pytest.mark.parametrize("event", [http_api, rest_api])
def test_bytes_go_in_and_out_unchanged(event: Callable[..., dict[str, object]], ask: Ask) -> None:
    sent = bytes(range(256))
    body = base64.b64encode(sent).decode()
    query = {"rawQueryString": "type=image/png", "queryStringParameters": {"type": "image/png"}}

    reply = ask(event("/media", method="POST", body=body, isBase64Encoded=True, **query))

    assert reply["isBase64Encoded"] is True
    assert base64.b64decode(reply["body"]) == sent


@pytest.mark.parametrize(
    "media_type",
    [
        "application/problem+json",
        "application/geo+json",
        "application/cap+xml",
        "application/atom+xml",
        "application/rss+xml",
        "application/ld+json",
        "application/manifest+json",
        "application/x-ndjson",
        "application/yaml",
        "application/vnd.oai.openapi+json",
    ],
)
def test_text_leaves_as_text(media_type: str) -> None:
    app = make_probe()
    event = rest_api("/media", method="POST", body="é", queryStringParameters={"type": f"{media_type}; charset=utf-8"})

    reply = ask_ours(app)(event)

    assert (reply["isBase64Encoded"], reply["body"]) == (False, "é")
    assert ask_library(app)(event)["isBase64Encoded"] is True


def test_text_types_of_the_library_still_leave_as_text(ask: Ask) -> None:
    for media_type in ("text/csv", "text/html", "text/css", "application/json", "image/svg%2Bxml"):
        reply = ask(http_api("/media", rawQueryString=f"type={media_type}"))
        assert (reply["isBase64Encoded"], reply["body"]) == (False, "plain")


def test_compressed_text_leaves_as_base64(ask: Ask) -> None:
    reply = ask(http_api("/media", rawQueryString="type=application/geo%2Bjson&encoding=gzip"))

    assert (reply["isBase64Encoded"], base64.b64decode(reply["body"])) == (True, b"plain")


@gap
def test_answer_to_head_has_no_body(ask: Ask) -> None:
    reply = ask(http_api(method="HEAD"))

    assert (reply["statusCode"], reply["body"], reply["isBase64Encoded"]) == (200, "", False)


@gap
def test_answer_without_content_has_neither_body_nor_type(ask: Ask) -> None:
    for status in (204, 304):
        reply = ask(http_api(f"/empty/{status}"))
        assert (reply["statusCode"], reply["body"], reply["isBase64Encoded"]) == (status, "", False)
        assert not {"content-type", "content-length"} & {name.lower() for name in reply["headers"]}


@gap
def test_unchanged_answer_is_a_304_without_body(ask: Ask) -> None:
    etag = ask(http_api("/media", rawQueryString="type=text/csv"))["headers"]["ETag"]

    reply = ask(http_api("/media", rawQueryString="type=text/csv", headers={"if-none-match": etag}))

    assert (reply["statusCode"], reply["body"], reply["headers"]["ETag"]) == (304, "", etag)


def test_streamed_answer_is_sent_whole_and_closed() -> None:
    app, alone = make_probe(), make_probe()

    assert ask_ours(app)(http_api("/stream"))["body"] == "onetwo"
    ask_library(alone)(http_api("/stream"))

    assert (app.closed, alone.closed) == ([True], [])  # type: ignore[attr-defined]


@gap
def test_reply_larger_than_lambda_takes_becomes_a_problem(ask: Ask) -> None:
    for event in (http_api("/size/6291456"), rest_api("/size/4800000", queryStringParameters={"type": "image/png"})):
        problem = refused(ask(event), status=500)
        assert "larger than can be sent" in problem["detail"]


def test_reply_just_within_the_limit_leaves(ask: Ask) -> None:
    assert len(ask(http_api("/size/6290000"))["body"]) == 6_290_000


def test_refusal_has_the_headers_of_every_answer(ask: Ask) -> None:
    reply = ask(http_api(headers={"authorization": "a,b", "x-request-id": "a-request-of-mine"}))

    assert refused(reply)["request_id"] == reply["headers"]["X-Request-ID"]
    assert reply["headers"]["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("test", gap, ids=lambda test: test.__name__.removeprefix("test_"))
def test_library_alone_has_the_gap(test: Test) -> None:
    fails_alone(test)
