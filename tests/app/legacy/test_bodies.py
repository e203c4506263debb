"""Bodies of the old clients: the exact sentences, in the order of the first server, and never a 5xx."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.legacy.old_clients import PASSWORD, error_of, registered, report, string_map

CREDENTIALS = "Username and password are required"
WRONG = "Incorrect username or password"
MISSING = "Missing required fields"
SEVERITY = "Severity must be between 1 and 5"
TYPES = "Incorrect data types in request"
NUMBERS = ("gps_latitude", "gps_longitude", "radius", "severity")
INF, NAN = float("inf"), float("nan")
WITHOUT_CREDENTIALS = [
    *(b"", b"{", b"null", b"[]", b'"x"', b"\xff", b"{}", b"[" * 5000, b'{"a": NaN}'),
    *(b'{"username": "bob"}', b'{"username": "", "password": ""}', b'{"username": null, "password": null}'),
    *(b'{"username": 5, "password": true}', b'{"username": "\\ud800", "password": "x"}'),
    b'{"username": "bob", "username": "eve", "password": "x"}',
]
OF_NO_USE = [
    *(("gps_latitude", 999), ("gps_latitude", -90.1), ("gps_latitude", 10**400), ("gps_longitude", 180.5)),
    *(("radius", -5), ("radius", -0.1), ("radius", 1e12), ("radius", 10**400), ("severity", 2.7), ("severity", "3")),
    *(("radius", "far"), ("radius", ""), ("radius", "1e99"), ("radius", "0x10"), ("gps_latitude", "51,5")),
    *(("title", 5), ("title", ["x"]), ("title", True), ("description", 5), ("description", {})),
]


@pytest.mark.parametrize("path", ["/register", "/authenticate", "/report_flood"])
@pytest.mark.parametrize("body", WITHOUT_CREDENTIALS)
def test_body_without_name_and_password_gets_the_first_sentence(client: FlaskClient, path: str, body: bytes) -> None:
    answer = client.post(path, data=body, content_type="application/json")

    assert (answer.status_code, error_of(answer)) == (400, CREDENTIALS)


@pytest.mark.parametrize("path", ["/register", "/authenticate", "/report_flood"])
def test_form_gets_the_first_sentence(client: FlaskClient, path: str) -> None:
    answer = client.post(path, data={"username": "bob", "password": PASSWORD})

    assert (answer.status_code, error_of(answer)) == (400, CREDENTIALS)


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"username": "", "password": "wrong", "title": ..., "severity": 9}, CREDENTIALS),
        ({"password": "wrong", "title": ..., "severity": 9, "radius": "far"}, WRONG),
        ({"title": ..., "severity": 9, "radius": "far"}, MISSING),
        ({"severity": 9, "radius": "far"}, SEVERITY),
        ({"radius": "far"}, TYPES),
    ],
)
def test_first_fault_in_the_old_order_is_told(client: FlaskClient, wanted: dict[str, Any], sentence: str) -> None:
    registered(client)

    answer = report(client, **wanted)

    assert (answer.status_code, error_of(answer)) == (400, sentence)


@pytest.mark.parametrize("name", [*NUMBERS, "title", "description"])
@pytest.mark.parametrize("value", [..., None])
def test_every_field_is_required(client: FlaskClient, name: str, value: Any) -> None:
    registered(client)

    assert error_of(report(client, **{name: value})) == MISSING


@pytest.mark.parametrize("severity", [0, 6, 999, -1, 5.5, 10**400])
def test_severity_beyond_its_numbers_gets_its_sentence(client: FlaskClient, severity: float) -> None:
    registered(client)

    assert error_of(report(client, severity=severity)) == SEVERITY


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", [INF, -INF, NAN, True, "inf", "nan", [3], {"a": 1}])
def test_what_is_no_finite_number_is_refused(client: FlaskClient, name: str, value: Any) -> None:
    registered(client)

    answer = report(client, **{name: value})

    assert (answer.status_code, error_of(answer)) == (400, TYPES)


@pytest.mark.parametrize(("name", "value"), OF_NO_USE)
def test_value_out_of_range_or_of_another_type_is_refused(client: FlaskClient, name: str, value: Any) -> None:
    registered(client)

    assert error_of(report(client, **{name: value})) == TYPES


def test_number_too_large_for_a_float_is_refused_as_its_field(client: FlaskClient) -> None:
    registered(client)
    said = f'{{"username": "bob", "password": "{PASSWORD}", "gps_latitude": 1e999, "gps_longitude": 0, "radius": 1, '

    answer = client.post(
        "/report_flood", data=said + '"severity": 1, "title": "x", "description": "x"}', content_type="application/json"
    )

    assert error_of(answer) == TYPES


def test_large_body_is_refused_as_text(client: FlaskClient) -> None:
    answer = client.post("/report_flood", data=b"x" * 300_000, content_type="application/json")

    assert (answer.status_code, error_of(answer)) == (413, "The body is larger than this address takes.")


def test_bad_token_is_refused_as_text(client: FlaskClient) -> None:
    answer = client.get("/view_floods", headers={"Authorization": "Bearer x"})

    assert answer.status_code == 401
    assert error_of(answer).startswith("The token is not valid")


def test_members_unknown_to_the_old_server_are_ignored(client: FlaskClient) -> None:
    registered(client)

    assert string_map(report(client, extra={"a": [1]})) == {"message": "Flood reported successfully"}
