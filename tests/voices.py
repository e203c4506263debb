"""Persons who vote and flag in tests: visitors, each on a network of their own, and what they send."""

from itertools import count
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import tokens
from app.core import clock

_numbers = count(1)


class Visitor:
    """A visitor with a token, known for some hours, on a network of their own unless one is given."""

    def __init__(self, client: FlaskClient, *, address: str = "", known_for_h: float = 2) -> None:
        number = next(_numbers)
        self.client = client
        self.address = address or f"20.{number // 250 % 250}.{number % 250}.7"
        since_s = clock.now_ms() // 1000 - int(known_for_h * 3600)
        token = tokens.sign(tokens.Use.VISITOR, f"vis_{number:016x}", issued_s=since_s)
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method: str, path: str, **rest: Any) -> TestResponse:
        return self.client.open(
            path, method=method, headers=self.headers, environ_base={"REMOTE_ADDR": self.address}, **rest
        )

    def vote(self, report_id: str, condition: str = "flooded", **more: Any) -> TestResponse:
        return self.send("PUT", f"/v1/reports/{report_id}/votes", json={"condition": condition} | more)

    def take_back(self, report_id: str) -> TestResponse:
        return self.send("DELETE", f"/v1/reports/{report_id}/votes")

    def flag(self, report_id: str, reason: str = "not_flooding", **more: Any) -> TestResponse:
        return self.send("POST", f"/v1/reports/{report_id}/flags", json={"reason": reason} | more)
