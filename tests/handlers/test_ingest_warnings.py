"""The schedule's event in; what the sources say, stored."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock
from app.core.config import settings
from app.core.environment import BadSettings
from app.factory import create_app
from app.warnings.models import OfficialWarning
from handlers.ingest_warnings import handler
from tests.configured import settings_of
from tests.factories import sign_in_as
from tests.rig.calls import counted
from tests.rig.official import SQUARE, EnvironmentAgency, WeatherService, alert, flood
from tests.rig.upstream import Answering, Asked, Reply, Upstream

EVENT = {"source": "aws.events", "detail-type": "Scheduled Event"}
Deploy = Callable[..., None]


@pytest.fixture
def deploy(tables: None) -> Iterator[Callable[..., list[Upstream]]]:
    """`deploy(ea=..., nws=...)` lets the product read from upstreams that answer so."""
    with ExitStack() as opened:

        def start(**answering: Answering) -> list[Upstream]:
            made = [opened.enter_context(Upstream(one)) for one in answering.values()]
            addresses = zip(answering, made, strict=True)
            value = ",".join(f"{name}={host.address}" for name, host in addresses)
            opened.enter_context(settings_of(FLOOD_SOURCES=value))
            return made

        yield start


def agency(*codes: str, etag: str = "") -> Answering:
    """The Environment Agency at the host's root, with these areas in force."""
    inner = EnvironmentAgency(floods=[flood(code) for code in codes], polygons=dict.fromkeys(codes, SQUARE))

    def answer(asked: Asked) -> Reply:
        if etag and asked.headers.get("If-None-Match") == etag:
            return Reply(b"", 304)
        path = asked.path if asked.path.startswith("/flood-monitoring") else f"/flood-monitoring{asked.path}"
        reply = inner(Asked(path, asked.query, asked.headers))
        return Reply(reply.body, reply.status, {**reply.headers, **({"ETag": etag} if etag else {})})

    return answer


def weather(count: int) -> Answering:
    now = clock.rfc3339(clock.now_ms() + clock.DAY_MS)
    geometry = {"type": "Polygon", "coordinates": SQUARE["coordinates"]}
    return WeatherService(alerts=[alert(n, expires=now, geometry=geometry, parameters={}) for n in range(count)])


def broken(asked: Asked) -> Reply:
    return Reply(b"<html>503</html>", 503)


def in_force(source: str) -> int:
    return sum(row.mark().is_in_force(clock.now_ms()) for row in OfficialWarning.of_source(source))


def client() -> FlaskClient:
    return create_app(TESTING=True).test_client()


def test_all_sources_are_taken_in_and_a_second_event_changes_nothing(deploy: Any) -> None:
    deploy(ea=agency("061FWF10", "061FWF11"), nws=weather(3))

    first, second = handler(EVENT, None), handler(EVENT, None)

    assert {name: one["in_force"] for name, one in first.items()} == {"ea": 2, "nws": 3}
    assert [one["changed"] for one in second.values()] == [0, 0]
    assert len(client().get("/v1/nearby?lat=51.05&lon=0.05").json["items"]) > 0


def test_unchanged_answer_costs_only_the_states_row(deploy: Any) -> None:
    (host,) = deploy(ea=agency("061FWF10", etag='"seven"'))
    handler(EVENT, None)
    asked = len(host.asked)

    with counted() as calls:
        outcome = handler(EVENT, None)

    assert (calls.written, len(host.asked) - asked, outcome["ea"]["in_force"]) == (["sources"], 1, 1)


def test_source_that_is_down_keeps_its_last_word_and_others_go_on(deploy: Any) -> None:
    hosts = deploy(ea=agency("061FWF10"), nws=weather(2))
    handler(EVENT, None)
    hosts[0].answering = broken

    outcome = handler(EVENT, None)

    told = {one["name"]: one for one in client().get("/status.json").json["sources"]}
    assert (in_force("ea"), in_force("nws"), bool(outcome["ea"]["failure"])) == (1, 2, True)
    assert (told["ea"]["state"], told["ea"]["fetched_at"] is not None, told["nws"]["state"]) == ("down", True, "ok")
    assert client().get("/status.json").json["status"] == "degraded"
    assert "503" in told["ea"]["reasons"][0]


def test_source_that_staff_have_turned_off_is_not_asked_and_is_named_as_such(deploy: Any) -> None:
    hosts = deploy(ea=agency("061FWF10"), nws=weather(2))
    handler(EVENT, None)
    asked = len(hosts[1].asked)
    staff = {"reason": "source_wrong", "sources": {"nws": "off"}}
    changed = client().put("/v1/admin/switches", json=staff, headers=sign_in_as("admin"))
    assert changed.status_code == 200, changed.text

    outcome = handler(EVENT, None)

    told = {one["name"]: one["state"] for one in client().get("/status.json").json["sources"]}
    assert (list(outcome), len(hosts[1].asked), told) == (["ea"], asked, {"ea": "ok", "nws": "off"})
    assert client().get("/status.json").json["status"] == "ok"
    assert "has been turned off here" in client().get("/status", headers={"Accept": "text/html"}).text
    assert in_force("nws") == 2, "its warnings stay until they end"


def test_broken_item_is_told_at_the_status_and_the_rest_is_taken(deploy: Any) -> None:
    inner = EnvironmentAgency(floods=[flood("061FWF10"), flood("061FWF11", severityLevel=0, severity="?")])
    deploy(ea=lambda asked: inner(Asked(f"/flood-monitoring{asked.path}", asked.query, asked.headers)))

    handler(EVENT, None)

    (told,) = client().get("/status.json").json["sources"]
    assert (told["state"], told["in_force"], told["broken"]) == ("ok", 1, 1)
    assert "061FWF11 has a severity that is not known" in told["reasons"][0]


@pytest.mark.parametrize("event", [{}, None, {"source": "aws.s3"}, {"Records": []}, "text"])
def test_any_other_event_is_refused(tables: None, event: Any) -> None:
    with pytest.raises(ValueError, match="schedule"):
        handler(event, None)


def test_failure_of_ours_in_one_source_leaves_the_others_and_fails_the_event(deploy: Any) -> None:
    from app.core import dynamodb

    deploy(ea=agency("061FWF10"), nws=weather(2))
    events = dynamodb.connection().client.meta.events

    def fail(params: dict[str, Any], **_: Any) -> None:
        if '"source#ea"' in str(params["body"]):
            raise dynamodb.OutOfTime("the database is slow")

    events.register("before-call.dynamodb.GetItem", fail, unique_id="fail")
    with pytest.raises(ExceptionGroup) as told:
        handler(EVENT, None)
    events.unregister("before-call.dynamodb.GetItem", unique_id="fail")

    assert (len(told.value.exceptions), in_force("ea"), in_force("nws")) == (1, 0, 2)


def test_wrong_setting_names_itself(deploy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    deploy()
    monkeypatch.setenv("FLOOD_SOURCES", "usgs")
    monkeypatch.setenv("AWS_PROFILE", "moto")
    settings.cache_clear()

    with pytest.raises(BadSettings, match="FLOOD_SOURCES names 'usgs'"):
        handler(EVENT, None)
