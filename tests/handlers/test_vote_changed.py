"""The consumer of the votes table's stream: each report once a batch, poison aside, nothing lost in an outage."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app import reactions
from app.core.errors import Unavailable
from app.review.settle import settle
from handlers.vote_changed import DEAD_LETTERS, handler
from tests.factories import make_report
from tests.voices import Visitor

Taking = Callable[[str], list[str]]


def said(report_id: str, person: str = "vis_1", *, number: int = 1, event: str = "INSERT") -> dict[str, Any]:
    """The record of the votes table's stream for one row: keys only."""
    keys = {"report_id": {"S": report_id}, "person": {"S": person}}
    return {
        "eventSource": "aws:dynamodb",
        "eventName": event,
        "dynamodb": {"Keys": keys, "SequenceNumber": str(number), "ApproximateCreationDateTime": 1},
    }


def batch(*records: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Records": list(records), "shardId": "shard-1"} | more


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The reports that are settled, in order."""
    ids: list[str] = []

    def noting(report_id: str) -> None:
        ids.append(report_id)
        settle(report_id)

    monkeypatch.setattr(reactions, "settle", noting)
    return ids


class Clock:
    """A context of Lambda whose time runs out after some looks at it."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def get_remaining_time_in_millis(self) -> int:
        self.looks -= 1
        return 60_000 if self.looks >= 0 else 0


def test_votes_come_to_their_report(client: FlaskClient, noon: Any) -> None:
    report = make_report()
    Visitor(client).vote(report.id, depth_cm=30)

    assert handler(batch(said(report.id)), None) == {"batchItemFailures": []}

    assert client.get(f"/v1/reports/{report.id}").json["votes"] == {"flooded": 2, "receded": 0, "depths_cm": [30]}


def test_each_report_of_a_batch_is_settled_once(tables: None, settled: list[str]) -> None:
    first, second = make_report(), make_report()
    records = [said(one.id, f"vis_{n}", number=n, event="MODIFY") for n in range(50) for one in (first, second)]

    handler(batch(*records), None)

    assert sorted(settled) == sorted([first.id, second.id])


def test_what_ended_by_its_time_and_rows_of_networks_and_tiles_settle_nothing(tables: None, settled: list[str]) -> None:
    report = make_report()
    others = [said("ends#net", "473"), said("folded#8/127/85", "#count"), said(report.id, event="REMOVE")]

    assert handler(batch(*others), None) == {"batchItemFailures": []}

    assert settled == []


def test_votes_on_a_report_that_is_gone_are_passed_over(tables: None, queues: Taking) -> None:
    assert handler(batch(said("rep_gone")), None) == {"batchItemFailures": []}
    assert queues(DEAD_LETTERS) == []


def test_poison_record_and_report_that_breaks_are_set_aside_by_their_keys(
    client: FlaskClient, noon: Any, queues: Taking, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = make_report(), make_report()
    Visitor(client).vote(good.id)

    def breaking(report_id: str) -> None:
        if report_id == bad.id:
            raise ValueError("its rows hold nonsense")
        settle(report_id)

    monkeypatch.setattr(reactions, "settle", breaking)
    strange = said("rep_x", number=2)
    strange["dynamodb"]["Keys"] = {"report_id": {"N": "1"}}

    answer = handler(batch(said(bad.id), strange, said(good.id, number=3)), None)

    assert answer == {"batchItemFailures": []}
    letters = [json.loads(text) for text in queues(DEAD_LETTERS)]
    assert sorted(letter["changed"]["id"] for letter in letters) == ["", bad.id]
    assert {letter["error"] for letter in letters} == {"ValueError", "KeyError"}
    assert client.get(f"/v1/reports/{good.id}").json["votes"]["flooded"] == 2


@pytest.mark.parametrize(
    "error", [EndpointConnectionError(endpoint_url="https://dynamodb.example"), Unavailable("Very busy.")]
)
def test_outage_fails_the_batch_and_sets_nothing_aside(
    tables: None, queues: Taking, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def away(_: str) -> None:
        raise error

    monkeypatch.setattr(reactions, "settle", away)

    with pytest.raises(type(error)):
        handler(batch(said(make_report().id)), None)
    assert queues(DEAD_LETTERS) == []


def test_what_does_not_fit_into_the_time_comes_again(tables: None, settled: list[str]) -> None:
    reports = [make_report() for _ in range(20)]
    records = [said(report.id, number=number) for number, report in enumerate(reports, 1)]

    answer = handler(batch(*records), Clock(looks=1))

    [failure] = answer["batchItemFailures"]
    left = int(failure["itemIdentifier"]) - 1
    assert {report.id for report in reports[:left]} == set(settled) and 0 < left < 20
    assert handler(batch(*records[left:]), None) == {"batchItemFailures": []}
    assert {report.id for report in reports} == set(settled)


def test_a_letter_that_is_brought_back_settles_its_report(tables: None, settled: list[str]) -> None:
    report = make_report()
    record = {"eventSource": "aws:dynamodb", "dynamodb": {"Keys": {"id": {"S": report.id}}, "SequenceNumber": "1"}}

    handler(batch(record, redriven=True), None)

    assert settled == [report.id]
