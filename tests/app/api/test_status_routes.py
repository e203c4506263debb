"""Alive, well, and on what it rests."""

import json

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.core.config import VERSION
from app.factory import create_app
from app.reports.index.models import ROOT, Document, TileDocument
from app.warnings.sources.message import Act
from tests.moments import NOON
from tests.warning_making import announce, message

NEVER_HEARD = dict.fromkeys(("fetched_at", "age_s", "tried_at", "whole", "in_force"))
NEVER_HEARD |= {"state": "unknown", "stale": True, "broken": 0, "reasons": [], "messages": None}
SITES = {"ea": "https://check-for-flooding.service.gov.uk/", "nws": "https://www.weather.gov/"}


def test_health_asks_no_other_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """No table exists here, and nothing answers at the database's address."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    answer = create_app(TESTING=True).test_client().get("/healthz")

    assert (answer.status_code, answer.json) == (200, {"status": "ok", "version": VERSION})
    assert answer.headers["Cache-Control"] == "no-store"


def test_status_tells_of_sources_that_were_never_heard_and_where_people_read_them(client: FlaskClient) -> None:
    with time_machine.travel(NOON, tick=False):
        answer = client.get("/status.json")

    assert answer.json == {
        "status": "degraded",
        "version": VERSION,
        "checked_at": "2026-11-21T12:00:00Z",
        "notice": None,
        "anonymous_reports": "on",
        "registrations": "on",
        "demonstration": False,
        "dependencies": [{"name": "database", "state": "ok"}, {"name": "map tiles", "state": "absent"}],
        "sources": [NEVER_HEARD | {"name": name, "website": site} for name, site in SITES.items()],
    }
    assert answer.headers["Cache-Control"] == "public, max-age=0, s-maxage=5"


@pytest.mark.parametrize(("seconds", "status"), [(15 * 60, "ok"), (15 * 60 + 1, "degraded")])
def test_status_is_degraded_as_soon_as_one_source_is_stale(client: FlaskClient, seconds: int, status: str) -> None:
    with time_machine.travel(NOON - seconds, tick=False):
        announce(source="nws")
    with time_machine.travel(NOON, tick=False):
        announce(source="ea")
        announce(source="cap:loaded-once-from-a-file")
        answer = client.get("/status.json")

    assert (answer.status_code, answer.json["status"]) == (200, status)


def test_demonstration_does_not_grow_stale(client: FlaskClient) -> None:
    with time_machine.travel(NOON - 24 * 3600, tick=False):
        announce(source="demo")
    with time_machine.travel(NOON, tick=False):
        [demo] = [one for one in client.get("/status.json").json["sources"] if one["name"] == "demo"]

    assert (demo["stale"], demo["age_s"]) == (False, 24 * 3600)


def test_status_counts_what_became_of_each_message(client: FlaskClient) -> None:
    left_out = {"refused:no time": 1, "not_public:exercise": 2, "other_hazard:fire": 3, "duplicate": 1, "unchanged": 2}
    older, end = message("E", sent_at_ms=1, replaces=()), message("over", act=Act.END)
    newer = message("E", replaces=(older.source_id,))
    announce(older, newer, end, source="ea", left_out=left_out)

    told = next(one for one in client.get("/status.json").json["sources"] if one["name"] == "ea")["messages"]

    assert told.pop("kinds") == {"not_public:exercise": 2, "other_hazard:fire": 3, "refused:no time": 1}
    assert told.pop("read") == sum(told.values()) == 12
    assert (told["taken"], told["ended"], told["replaced"]) == (1, 1, 1)


def test_status_tells_how_old_the_tiles_are(client: FlaskClient) -> None:
    TileDocument.replace(ROOT, Document(built_at_ms=NOON * 1000))

    with time_machine.travel(NOON + 75, tick=False):
        _, tiles = client.get("/status.json").json["dependencies"]

    assert tiles == {"name": "map tiles", "state": "ok", "as_of": "2026-11-21T12:00:00Z", "age_s": 75}


def test_status_is_304_until_something_happens(client: FlaskClient) -> None:
    etag = client.get("/status.json").headers["ETag"]
    same = client.get("/status.json", headers={"If-None-Match": etag})
    TileDocument.replace(ROOT, Document(built_at_ms=clock.now_ms()))

    assert (same.status_code, client.get("/status.json", headers={"If-None-Match": etag}).status_code) == (304, 200)


def test_status_of_a_lost_database_is_told_and_not_failed(
    app: Flask, dynoxide_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:1")
    dynamodb.connection.cache_clear()
    TileDocument._connection = None

    answer = app.test_client().get("/status.json")
    dynamodb.connection.cache_clear()
    for model in dynamodb.Table.__subclasses__():
        model._connection = None

    assert (answer.status_code, answer.json["status"]) == (200, "degraded")
    assert {part["state"] for part in answer.json["dependencies"]} == {"down"}
    assert "127.0.0.1" not in json.dumps(answer.json)


@pytest.mark.parametrize("path", ["/healthz", "/status.json", "/openapi.json"])
def test_unknown_parameter_is_refused(client: FlaskClient, path: str) -> None:
    assert client.get(f"{path}?verbose=1").json["errors"][0]["parameter"] == "verbose"
