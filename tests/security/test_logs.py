"""S10: log lines hold nothing that a person said, and no caller can write a line of their own into them."""

import json
import logging
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import telemetry
from app.reports import create
from tests.factories import tell_consumer
from tests.reporting import bearer, new_key

# What a person says of themselves and of their place, each text found nowhere else.
NAME, PASSWORD, EMAIL = "quillon-ferrars", "a-wet-zephyrine-evening", "quillon@mail.example"
TITLE, DETAILS = "Water at Brackenwhistle 9", "Ring 07700900461 for Ottoline Ferrars"
LAT, LON, PLACE = 51.50127, -0.12483, "Brackenwhistle-lane"
TEXTS = (NAME, PASSWORD, EMAIL, TITLE, DETAILS, PLACE, "07700900461", "51.50127", "0.12483")
FORGED = ('x"}\r\n{"level": "AUDIT", "message": "forged"}', "\x1b[31mred", "a\u2028b\u0085c\x00")
Lines = list[str]


def collected(format_line: Callable[[logging.LogRecord], str]) -> Generator[Lines]:
    product, lines = telemetry.logger(), Lines()

    class Collector(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(format_line(record))

    collector = Collector()
    product.addHandler(collector)
    try:
        yield lines
    finally:
        product.removeHandler(collector)


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The product's log as it is written."""
    formatter = telemetry.logger().handlers[0].formatter
    assert formatter is not None
    yield from collected(formatter.format)


def live(client: FlaskClient) -> list[str]:
    """Do everything that a person can do once, rightly and wrongly; returns the secrets handed out meanwhile."""
    client.post("/v1/accounts", json={"username": NAME, "password": PASSWORD, "email": EMAIL})
    client.post("/v1/tokens", json={"username": NAME, "password": PASSWORD + "!"})
    pair = client.post("/v1/tokens", json={"username": NAME, "password": PASSWORD}).json
    own, key = bearer(pair["access_token"]), new_key()
    body = {"location": {"lat": LAT, "lon": LON}, "severity": "severe", "title": TITLE, "description": DETAILS}
    filed = client.post("/v1/reports", json=body, headers=own | {"Idempotency-Key": key})
    client.post("/v1/reports", json=body | {TITLE: DETAILS, "depth_cm": EMAIL}, headers=own | {"Idempotency-Key": key})
    client.patch(f"/v1/reports/{filed.json['id']}", json={"title": DETAILS[:40]}, headers=own | {"If-Match": '"v1"'})
    where = {"lat": LAT, "lon": LON, "radius_km": 1}
    for path in ("/v1/reports", "/v1/nearby", "/v1/warnings", "/", "/warnings", f"/{PLACE}", f"/v1/reports/{PLACE}"):
        client.get(path, query_string=where | {"place": PLACE} if path in ("/", "/warnings") else where, headers=own)
    client.get("/v1/places", query_string={"query": PLACE})
    client.post("/sign-in", data={"username": NAME, "password": PASSWORD, "next": f"/{PLACE}"})
    client.post("/report", data={"lat": LAT, "lon": LON, "title": TITLE, "description": DETAILS, "key": key})
    client.post("/authenticate", json={"username": NAME, "password": PASSWORD})
    refreshed = client.post("/v1/tokens/refresh", json={"refresh_token": pair["refresh_token"]}).json
    client.delete("/v1/me", json={"password": PASSWORD}, headers=bearer(refreshed["access_token"]))
    return [*pair.values(), *refreshed.values(), key]


def told_in(lines: Lines, secrets: list[Any]) -> set[str]:
    written = "\n".join(lines)
    wanted = [*TEXTS, *(text for text in secrets if isinstance(text, str) and len(text) > 12)]
    return {text for text in wanted if text in written}


def test_log_holds_nothing_that_a_person_said(client: FlaskClient, noon: Any, lines: Lines) -> None:
    secrets = live(client)

    assert len(lines) >= 15
    assert told_in(lines, secrets) == set()


def test_naive_twin_logs_what_it_was_asked(client: FlaskClient, noon: Any) -> None:
    """A log of whole requests, as most servers write it."""
    from flask import request

    logging_of_requests = collected(lambda _: f"{request.full_path} {dict(request.headers)} {request.get_data()!r}")
    lines = next(logging_of_requests)

    client.post("/v1/accounts", json={"username": NAME, "password": PASSWORD, "email": EMAIL})
    logging_of_requests.close()

    assert told_in(lines, []) == {NAME, PASSWORD, EMAIL}


def test_error_of_ours_tells_where_but_not_over_what(
    client: FlaskClient, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        try:
            raise KeyError(TITLE)
        except KeyError as error:
            raise ValueError(f"cannot use {DETAILS}") from error

    monkeypatch.setattr(create, "file_limited", fail)
    body = {"location": {"lat": LAT, "lon": LON}, "severity": "severe", "title": TITLE}

    answer = client.post("/v1/reports", json=body, headers={"Idempotency-Key": new_key()})

    [line] = [json.loads(text) for text in lines if "traceback" in text]
    assert answer.status_code == 500 and told_in([*lines, answer.text], []) == set()
    assert "in fail" in line["traceback"] and "ValueError" in line["traceback"] and "KeyError" in line["traceback"]


@pytest.mark.parametrize("text", FORGED)
def test_no_line_can_be_forged(client: FlaskClient, lines: Lines, text: str) -> None:
    visible = text.encode("unicode_escape").decode()
    client.get("/v1/reports", query_string={"cursor": text})
    client.get(f"/v1/reports/{visible}", headers={"X-Request-ID": visible})
    client.post("/v1/tokens", json={"username": text, "password": text})
    client.open("/v1/" + text.replace("\r", "%0d").replace("\n", "%0a"), method="GET")

    assert len(lines) >= 4
    for line in lines:
        assert isinstance(json.loads(line), dict)
        assert all(sign.isprintable() for sign in line) and "forged" not in line


def test_consumer_tells_numbers_only(client: FlaskClient, lines: Lines) -> None:
    from tests.factories import make_report

    tell_consumer([make_report(lat=LAT, lon=LON, title=TITLE, description=DETAILS, place="home")])

    assert lines and told_in(lines, []) == set()
