"""The two shipped phone clients: what they send, and their decoders, which look at no status and forgive nothing.

Swift's JSONDecoder refuses a member that is missing, null or of another type, and with it the whole answer.
"""

import json
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "a wet november evening"
FLOOD = {
    "flood_id": int,
    "user_id": int,
    "gps_longitude": float,
    "gps_latitude": float,
    "radius": float,
    "severity": int,
    "time_reported": str,
    "username": str,
    "title": str,
    "description": str,
}


def flood_body(**wanted: Any) -> dict[str, Any]:
    """Return the body that FloodWarnings sends: its radius is always 100."""
    body = {"username": "bob", "password": PASSWORD, "gps_longitude": -0.12463, "gps_latitude": 51.50041, "radius": 100}
    return body | {"severity": 3, "title": "Water in the road", "description": "Up to the kerb"} | wanted


def registered(client: FlaskClient, username: str = "bob") -> None:
    answer = client.post("/register", json={"username": username, "password": PASSWORD})
    assert string_map(answer) == {"message": "User registered successfully"}


def report(client: FlaskClient, **wanted: Any) -> TestResponse:
    """POST a flood; members that are `...` are left out."""
    said = {name: value for name, value in flood_body(**wanted).items() if value is not ...}
    return client.post("/report_flood", data=json.dumps(said), content_type="application/json")


def _constant(name: str) -> float:
    raise AssertionError(f"{name} is not JSON")


def decoded(answer: TestResponse) -> Any:
    return json.loads(answer.data.decode(), parse_constant=_constant)


def string_map(answer: TestResponse) -> dict[str, str]:
    """`[String: String].self`, of both clients."""
    said = decoded(answer)
    assert isinstance(said, dict)
    assert all(isinstance(value, str) for value in said.values()), said
    return said


def error_of(answer: TestResponse) -> str:
    """The sentence of an error; a `message` beside it would be taken for success."""
    said = string_map(answer)
    assert said.keys() == {"error"}, said
    return said["error"]


def _is_a(value: Any, kind: type) -> bool:
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    if kind is int:
        return type(value) is int and -(2**63) <= value < 2**63
    return isinstance(value, kind)


def floods_of(answer: TestResponse) -> list[dict[str, Any]]:
    """`[Flood].self`, of both clients."""
    said = decoded(answer)
    assert isinstance(said, list)
    for flood in said:
        assert all(_is_a(flood[name], kind) for name, kind in FLOOD.items()), flood
    return said
