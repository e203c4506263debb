"""Bodies: JSON as RFC 8259 means it, or a 400 that says why not; never a 5xx."""

import gzip
import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.core.errors import Malformed
from app.http.headers import MAX_BODY_BYTES
from app.http.strict_json import DEEPEST, parse
from tests.reporting import mistakes_of, new_key

REPORT = '{"location": {"lat": 51.5, "lon": -0.12}, "severity": "minor"}'
JSON = "application/json"


def send(client: FlaskClient, body: bytes | str, media_type: str | None = "application/json") -> TestResponse:
    return client.post("/v1/reports", data=body, content_type=media_type, headers={"Idempotency-Key": new_key()})


@pytest.mark.parametrize(
    "said",
    [
        "null",
        "true",
        "0",
        "-0.0",
        "1.5e3",
        '""',
        '"\\ud834\\udd1e"',
        "[]",
        "{}",
        ' {"a": [1, {"b": null}]} \n',
        '"\u2028"',
    ],
)
def test_good_json_is_read(said: str) -> None:
    assert parse(said.encode()) == json.loads(said)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", "empty"),
        (b" \n\t", "empty"),
        (b"\xff\xfe{\x00}\x00", "not UTF-8"),
        (b'{"a": "\xed\xa0\x80"}', "not UTF-8"),
        (b'{"a": "\xc0\xaf"}', "not UTF-8"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b'{"a": 1', "not JSON"),
        (b'{"a": 1}}', "not JSON"),
        (b"{'a': 1}", "not JSON"),
        (b'{"a": 1,}', "not JSON"),
        (b'{"a": 01}', "not JSON"),
        (b'{"a": +1}', "not JSON"),
        (b'{"a": 1} // end', "not JSON"),
        (b'{"a": "\x00"}', "not JSON"),
        (b'{"a": "tab\there"}', "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": -1e999}', "too large"),
        (b'{"a": 1, "b": 2, "a": 1}', "twice"),
        (b'{"a": {"b": {"c": 1, "c": 2}}}', "twice"),
        (b'{"a": 1, "\\u0061": 2}', "twice"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"a": ["\\udc00\\ud800"]}', "surrogate"),
        (b'{"\\ud800": 1}', "surrogate"),
        (b"9" * 5000, "too many digits"),
        (b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1), "nested"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested"),
        (b"[" * 100_000, "nested"),
    ],
    ids=lambda value: str(value)[:24] if isinstance(value, bytes) else value,
)
def test_anything_else_is_refused_with_the_reason(client: FlaskClient, said: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        parse(said)

    answer = send(client, said)
    assert (answer.status_code, answer.json["type"]) == (400, "/docs/errors/malformed")
    assert why in answer.json["detail"]


def test_depth_counts_brackets_outside_texts_only() -> None:
    assert parse(b'{"a": "' + b"[" * 5000 + rb"\"[\\" + b'"}') == {"a": "[" * 5000 + '"[\\'}
    assert parse(b"[" * DEEPEST + b"]" * DEEPEST) is not None
    assert parse(b"[" + b"[]," * 5000 + b"[]]") == [[]] * 5001


@pytest.mark.parametrize("said", ["[]", "null", "1", '"text"', "true", "[{}]"])
def test_body_must_be_an_object(client: FlaskClient, said: str) -> None:
    assert mistakes_of(send(client, said)) == {("", "type")}


@pytest.mark.parametrize("number", ["1" * 39, "1" * 300, "-" + "1" * 39, "1.5e300", "9e307"])
def test_huge_numbers_are_out_of_range(client: FlaskClient, number: str) -> None:
    body = f'{{"location": {{"lat": {number}, "lon": 0}}, "severity": "minor", "radius_m": {number}}}'

    found = mistakes_of(send(client, body))

    assert {pointer for pointer, _ in found} == {"/location/lat", "/radius_m"}
    assert {code for _, code in found} <= {"range", "type"}


@pytest.mark.parametrize(
    "media_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "Application/JSON;charset=UTF-8",
        'application/json; profile="x"',
    ],
)
def test_json_is_taken_with_any_parameter(client: FlaskClient, media_type: str) -> None:
    assert send(client, REPORT, media_type).status_code == 201


@pytest.mark.parametrize(
    "media_type",
    [
        None,
        "",
        "text/plain",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/ld+json",
        "json",
        ";",
        "application/xml",
    ],
)
def test_other_media_types_are_not(client: FlaskClient, media_type: str | None) -> None:
    answer = send(client, REPORT, media_type)

    assert (answer.status_code, answer.json["type"]) == (415, "/docs/errors/unsupported-media-type")


@pytest.mark.parametrize("coding", ["gzip", "br", "DEFLATE", "identity, gzip", "zstd", "x"])
def test_packed_body_is_not_taken(client: FlaskClient, coding: str) -> None:
    packed = {"Idempotency-Key": new_key(), "Content-Encoding": coding}
    answer = client.post("/v1/reports", data=gzip.compress(REPORT.encode()), content_type=JSON, headers=packed)

    assert (answer.status_code, answer.json["type"]) == (415, "/docs/errors/unsupported-media-type")
    assert "uncompressed" in answer.json["detail"]


@pytest.mark.parametrize("coding", ["identity", "Identity ", ""])
def test_plain_body_may_say_so(client: FlaskClient, coding: str) -> None:
    plain = {"Idempotency-Key": new_key(), "Content-Encoding": coding}

    assert client.post("/v1/reports", data=REPORT, content_type=JSON, headers=plain).status_code == 201


def body_of_bytes(size: int) -> str:
    return REPORT + " " * (size - len(REPORT))


@pytest.mark.parametrize(
    ("size", "status"), [(MAX_BODY_BYTES, 201), (MAX_BODY_BYTES + 1, 413), (4 * MAX_BODY_BYTES, 413)]
)
def test_body_is_at_most_256_kb(client: FlaskClient, size: int, status: int) -> None:
    answer = send(client, body_of_bytes(size))

    assert (answer.status_code, MAX_BODY_BYTES) == (status, 262_144)


def test_names_in_pointers_are_escaped(client: FlaskClient) -> None:
    body = '{"location": {"lat": 1, "lon": 1, "~a/b": 1}, "severity": "minor", "": 1, "é": 1}'

    assert mistakes_of(send(client, body)) == {("/location/~0a~1b", "unknown"), ("/", "unknown"), ("/é", "unknown")}


def test_every_mistake_is_named_at_once(client: FlaskClient) -> None:
    body = """{"location": {"lat": 91, "lon": "0", "alt": 5}, "radius_m": 0, "severity": "huge", "depth_cm": true,
        "titel": 1, "title": "<b>\\u202e\\u0007", "description": 5, "place": "work", "observed_at": "yesterday"}"""

    expected: set[tuple[str, Any]] = {
        ("/location/lat", "range"), ("/location/lon", "type"), ("/location/alt", "unknown"), ("/radius_m", "range"),
        ("/severity", "choice"), ("/depth_cm", "type"), ("/titel", "unknown"), ("/title", "markup"), ("/title", "bidi"),
        ("/title", "control"), ("/description", "type"), ("/place", "choice"), ("/observed_at", "time"),
    }  # fmt: skip
    assert mistakes_of(send(client, body)) == expected


def test_time_out_of_bounds_is_named_beside_other_mistakes(client: FlaskClient) -> None:
    body = REPORT[:-1] + ', "observed_at": "2020-01-01T00:00:00Z", "radius_m": 0}'

    assert mistakes_of(send(client, body)) == {("/observed_at", "range"), ("/radius_m", "range")}


def numbered(count: int) -> dict[str, int]:
    return {f"n{number}": number for number in range(count)}


@pytest.mark.parametrize(
    "said",
    [numbered(51), numbered(100_000 // 10), {"location": numbered(51)}, {"location": [numbered(50)] * 11}],
    ids=["51", "10,000", "51 inside", "550 in all"],
)
def test_flood_of_names_is_one_mistake(client: FlaskClient, said: dict[str, Any]) -> None:
    answer = send(client, json.dumps(said).encode())

    assert (answer.status_code, len(answer.json["errors"])) == (422, 1)
    assert answer.json["errors"][0]["code"] == "too-many-names"


def test_names_up_to_the_limits_are_each_judged(client: FlaskClient) -> None:
    answer = send(client, json.dumps(numbered(50)).encode())

    assert len([one for one in answer.json["errors"] if one["code"] == "unknown"]) == 50


def test_old_client_with_a_flood_of_names_is_told_so_too(client: FlaskClient) -> None:
    answer = client.post("/authenticate", json=numbered(51))

    assert (answer.status_code, answer.json) == (
        400,
        {"error": "The body may have at most 50 names in an object, and 500 in all."},
    )
