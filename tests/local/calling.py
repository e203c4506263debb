"""Requests with every byte of the head as a test wants it: urllib and the like put headers together themselves."""

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

TINY = Path(__file__).with_name("tiny")


@dataclass
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> list[str]:
        return [value for given, value in self.headers if given.lower() == name]


def call(url: str, target: str = "/", method: str = "GET", *, body: bytes = b"", headers: Any = ()) -> Answer:
    """`headers` are pairs, sent in their order; Host and Content-Length come by themselves."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=300)
    try:
        return send(connection, parts.path + target, method, body=body, headers=headers)
    finally:
        connection.close()


def send(
    connection: http.client.HTTPConnection, target: str, method: str = "GET", *, body: bytes = b"", headers: Any = ()
) -> Answer:
    connection.putrequest(method, target, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    got = connection.getresponse()
    return Answer(got.status, got.getheaders(), got.read())
