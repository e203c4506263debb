"""tests/events has an event for each function of serverless.yml, which it takes; `invoke local` uses them."""

import importlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.cli import redrive
from tests.declared import functions

ROOT = Path(__file__).parents[2]
FUNCTIONS = functions()
EVENTS = {name: ROOT / "tests" / "events" / f"{name}.json" for name in FUNCTIONS}
STATUSES = {"api": 200, "file_report": 201, "sign_in": 401}


@pytest.fixture(autouse=True)
def _quiet_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    """No source is asked."""
    monkeypatch.setattr("handlers.ingest_warnings.asked_sources", dict)


def asked(name: str) -> Any:
    """The answer of a function to its sample, by its handler in serverless.yml."""
    module, _, function = FUNCTIONS[name]["handler"].replace("/", ".").rpartition(".")
    event = json.loads(EVENTS[name].read_text(encoding="utf-8"))
    return getattr(importlib.import_module(module), function)(event, None)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_takes_its_sample_and_sets_nothing_aside(
    name: str, queues: Callable[[str], list[str]], audit_bucket: str
) -> None:
    answer = asked(name)

    assert answer.get("statusCode") == STATUSES.get(name), answer
    assert answer.get("batchItemFailures", []) == []
    assert answer.get("status", 0) == 0
    assert [queue for queue in redrive.EVERY_QUEUE if queues(queue)] == []


@pytest.mark.parametrize("name", [name for name, one in FUNCTIONS.items() if "stream" in str(one.get("events"))])
def test_sample_of_a_stream_passes_its_filter(name: str) -> None:
    records = json.loads(EVENTS[name].read_text(encoding="utf-8"))["Records"]
    table = records[0]["eventSourceARN"].partition(":table/floodmanager-dev-")[2].partition("/")[0]
    sources = [one["stream"] for one in FUNCTIONS[name]["events"]]
    [source] = [one for one in sources if one["arn"]["Fn::GetAtt"][0] == f"{table.title()}Table"]
    wanted = {kind for pattern in source.get("filterPatterns", []) for kind in pattern["eventName"]}

    assert {record["eventName"] for record in records} <= (wanted or {"INSERT", "MODIFY", "REMOVE"})


@pytest.mark.parametrize("name", ["file_report", "sign_in"])
def test_sample_of_a_request_comes_by_a_route_of_the_function(name: str) -> None:
    event = json.loads(EVENTS[name].read_text(encoding="utf-8"))

    assert event["routeKey"] in [one["httpApi"] for one in FUNCTIONS[name]["events"]]
