"""Waiting for the database: what counts against a request's time, and what does not."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock, dynamodb, replies
from tests.reporting import file_report

WAIT_S = 6


class Watch:
    """A clock that runs only where it is told to."""

    now_s = 1000.0

    def running_s(self) -> float:
        return self.now_s


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    watch = Watch()
    monkeypatch.setattr(clock, "running_s", watch.running_s)
    monkeypatch.setattr(dynamodb, "WAIT_S", WAIT_S)
    return watch


@pytest.fixture
def slow_calls(client: FlaskClient, watch: Watch) -> Iterator[list[str]]:
    """Each call to the database takes two seconds; their names."""
    calls: list[str] = []

    def answer(model: Any, **_: Any) -> None:
        calls.append(model.name)
        watch.now_s += 2

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb", answer)
    yield calls
    events.unregister("before-call.dynamodb", answer)


def test_a_request_begins_no_call_when_its_calls_together_took_its_time(
    client: FlaskClient, slow_calls: list[str]
) -> None:
    said = {"username": "ada", "password": "a long and rainy night"}
    answer = client.post("/v1/tokens", json=said)

    assert (answer.status_code, len(slow_calls)) == (503, WAIT_S // 2)


def test_our_own_work_does_not_count(client: FlaskClient, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine takes half a minute to make sense of a report."""
    from app.reports import create

    make = create._make

    def make_slowly(*said: Any) -> Any:
        watch.now_s += 30
        return make(*said)

    monkeypatch.setattr(create, "_make", make_slowly)

    assert file_report(client).status_code == 201


def test_calls_side_by_side_wait_at_the_same_time(watch: Watch) -> None:
    patience = replies.Patience(WAIT_S)

    for _ in range(3):
        patience.begin()
    watch.now_s += 2
    for _ in range(3):
        patience.end()

    assert patience.begin() == WAIT_S - 2


def test_each_request_has_its_own_time(client: FlaskClient, slow_calls: list[str]) -> None:
    report = f"/v1/reports/rep_{'a' * 26}"

    assert [client.get(report).status_code for _ in range(WAIT_S)] == [404] * WAIT_S
