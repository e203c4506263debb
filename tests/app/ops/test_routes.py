"""Alive, well, and on what it rests."""

import json

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app import clock, db
from app.config import VERSION
from app.factory import create_app
from app.tiles.models import OWN, ROOT, Document, TileDocument
from tests.moments import NOON

NEVER_HEARD = dict.fromkeys(("fetched_at", "age_s", "tried_at", "whole", "in_force"))
NEVER_HEARD |= {"state": "unknown", "stale": True, "broken": 0, "reasons": []}


def test_health_asks_no_other_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """No table exists here, and nothing answers at the database's address."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    answer = create_app(TESTING=True).test_client().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok", "version": VERSION})
    assert answer.headers["Cache-Control"] == "no-store"


def test_status_without_map_tiles_is_well(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = client.get("/status.json")

    assert answer.json == {
        "status": "ok",
        "version": VERSION,
        "checked_at": "2026-11-21T12:00:00Z",
        "dependencies": [{"name": "database", "state": "ok"}, {"name": "map tiles", "state": "absent"}],
        "sources": [NEVER_HEARD | {"name": "ea"}, NEVER_HEARD | {"name": "nws"}],
    }
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=5"


def test_status_tells_how_old_the_tiles_are(client: FlaskClient) -> None:
    TileDocument.replace(ROOT, Document(built_at=NOON * 1000), OWN)

    with time_machine.travel(NOON + 75, tick=False):
        _, tiles = client.get("/status.json").json["dependencies"]

    assert tiles == {"name": "map tiles", "state": "ok", "as_of": "2026-11-21T12:00:00Z", "age_s": 75}


def test_status_is_304_until_something_happens(client: FlaskClient) -> None:
    etag = client.get("/status.json").headers["ETag"]
    same = client.get("/status.json", headers={"If-None-Match": etag})
    TileDocument.replace(ROOT, Document(built_at=clock.now_ms()), OWN)

    assert (same.status_code, client.get("/status.json", headers={"If-None-Match": etag}).status_code) == (304, 200)


def test_status_of_a_lost_database_is_told_and_not_failed(
    app: Flask, dynoxide_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    db.connection.cache_clear()
    TileDocument._connection = None

    answer = app.test_client().get("/status.json")
    db.connection.cache_clear()
    TileDocument._connection = None

    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert {part["state"] for part in answer.json["dependencies"]} == {"down"}
    assert "127.0.0.1" not in json.dumps(answer.json)


@pytest.mark.parametrize("path", ["/healthz", "/status.json", "/openapi.json"])
def test_unknown_parameter_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}?verbose=1").json["errors"][0]["pointer"] == "verbose"
