"""Requests that file, read and change reports, as tests send them."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

# A front door in London: the grid of 0.001 degrees moves it by some 50 m.
DOOR = {"lat": 51.50041, "lon": -0.12463}
DOOR_ON_GRID = {"lat": 51.5, "lon": -0.125}
_numbers = count(1)


def new_key() -> str:
    """An Idempotency-Key that no other test has used."""
    return f"key-of-a-test-{next(_numbers):08d}"


def body_of(**wanted: Any) -> dict[str, Any]:
    """The smallest report, and what a test wants to say beside it."""
    return {"location": dict(DOOR), "severity": "moderate"} | wanted


def file_report(
    client: FlaskClient, *, key: str = "", headers: dict[str, str] | None = None, address: str = "", **wanted: Any
) -> TestResponse:
    """POST a report; `wanted` goes into its body, `address` is the caller's network."""
    said = {"Idempotency-Key": key or new_key()} | (headers or {})
    environment = {"REMOTE_ADDR": address} if address else {}
    return client.post("/v1/reports", json=body_of(**wanted), headers=said, environ_base=environment)


def filed(client: FlaskClient, *, headers: dict[str, str] | None = None, **wanted: Any) -> dict[str, Any]:
    """The report as its reporter gets it; fails unless it was stored."""
    answer = file_report(client, headers=headers, **wanted)
    assert answer.status_code == 201, answer.text
    assert isinstance(answer.json, dict)
    return answer.json


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def mistakes_of(answer: TestResponse) -> set[tuple[str, str]]:
    """Return (place, code) of all mistakes in a 422: the pointer into the body, or the parameter's name."""
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    return {(place_of(mistake), mistake["code"]) for mistake in answer.json["errors"]}


def place_of(mistake: Mapping[str, str]) -> str:
    """Return the one place of a mistake."""
    (place,) = (mistake[name] for name in mistake.keys() & {"pointer", "parameter"})
    return place
