"""The stream's reader: what Lambda does with a batch, done here."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from app.aws.streams import as_lambda_record
from infra.local.data_folder import PREFIX
from infra.local.streams import Event, Stream, deliver, read_once
from infra.tables import create_tables, delete_tables


class Function:
    """A Lambda function that fails as told: some records by raising, some by name."""

    def __init__(self, *, raises_at: str = "", names: str = "", heals_after: int = 99) -> None:
        self.raises_at, self.names, self.heals_after = raises_at, names, heals_after
        self.failures = 0
        self.done: list[str] = []

    def __call__(self, event: Event, context: None) -> Any:
        assert event["shardId"] == "shard"
        for record in event["Records"]:
            number = record["dynamodb"]["SequenceNumber"]
            fails = number in (self.raises_at, self.names) and self.failures < self.heals_after
            self.failures += fails
            if fails and number == self.raises_at:
                raise RuntimeError(number)
            if fails:
                return {"batchItemFailures": [{"itemIdentifier": number}]}
            self.done.append(number)
        return {"batchItemFailures": []}


def hand_over(function: Function, count: int) -> list[str]:
    """Deliver records 1 to `count`; gives the positions that were kept."""
    records: list[Event] = [{"dynamodb": {"SequenceNumber": str(number + 1)}} for number in range(count)]
    kept: list[str] = []

    def keep(record: Event) -> None:
        kept.append(record["dynamodb"]["SequenceNumber"])

    deliver(records, "shard", handler=function, handled=keep, pause=lambda seconds: None)
    return kept


def test_batch_that_succeeds_is_handed_over_once() -> None:
    function = Function()

    assert hand_over(function, 3) == ["3"]
    assert function.done == ["1", "2", "3"]


def test_failure_by_name_comes_again_from_that_record() -> None:
    function = Function(names="2", heals_after=2)

    assert hand_over(function, 3) == ["1", "3"]
    assert function.done == ["1", "2", "3"]


def test_record_that_always_fails_is_tried_six_times_and_passed_over() -> None:
    function = Function(names="2")

    assert hand_over(function, 3) == ["1", "2", "3"]
    assert (function.failures, function.done) == (6, ["1", "3"])


def test_batch_that_raises_is_halved_until_the_culprit_is_alone() -> None:
    function = Function(raises_at="3")

    kept = hand_over(function, 8)

    assert kept[-1] == "8"
    assert sorted(set(function.done), key=int) == ["1", "2", "4", "5", "6", "7", "8"]


def test_batch_that_raises_once_loses_nothing() -> None:
    function = Function(raises_at="3", heals_after=1)

    hand_over(function, 4)

    assert set(function.done) == {"1", "2", "3", "4"}


def test_record_has_the_shape_that_lambda_gives(stream: Stream, reports: Any) -> None:
    reports.put_item(Item={"id": "rep_1", "mark": b"\x00\xff", "tags": [b"\x01"]})

    ((_, records),) = stream.batches()

    record = records[-1]
    assert record["eventSource"] == "aws:dynamodb"
    assert record["eventSourceARN"] == stream.arn
    assert record["dynamodb"]["NewImage"] == {
        "id": {"S": "rep_1"},
        "mark": {"B": "AP8="},
        "tags": {"L": [{"B": "AQ=="}]},
    }
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], int)


def test_reader_goes_on_where_it_stopped(stream: Stream, reports: Any, address: str, tmp_path: Path) -> None:
    read_once(stream, lambda event, context: None)
    seen: list[str] = []

    def note(event: Event, context: None) -> None:
        seen.extend(record["dynamodb"]["Keys"]["id"]["S"] for record in event["Records"])

    reports.put_item(Item={"id": "rep_1"})
    assert read_once(stream, note)
    reports.put_item(Item={"id": "rep_2"})
    after_restart = Stream(address, tmp_path / "stream.json")

    assert read_once(after_restart, note)
    assert not read_once(after_restart, note)
    assert seen == ["rep_1", "rep_2"]


def test_reader_with_nothing_to_do_asks_one_question(stream: Stream, reports: Any) -> None:
    """It asks twice a second, all day long."""
    read_once(stream, lambda event, context: None)
    asked: list[str] = []
    stream.client.meta.events.register("before-call", lambda model, **_: asked.append(model.name))

    has_found = [read_once(stream, lambda event, context: None) for _ in range(3)]

    assert (has_found, asked) == ([False] * 3, ["GetRecords"] * 3)


def test_batch_that_was_not_handled_to_its_end_comes_again(stream: Stream, reports: Any) -> None:
    read_once(stream, lambda event, context: None)
    reports.put_item(Item={"id": "rep_1"})
    broken = next(stream.batches())

    assert list(stream.batches()) == [broken]


@pytest.mark.parametrize("kept", ["", "{", '{"stream": "another", "shards": {"x": "99"}}', "[]"])
def test_position_of_another_stream_is_forgotten(reports: Any, address: str, tmp_path: Path, kept: str) -> None:
    reports.put_item(Item={"id": "rep_1"})
    (tmp_path / "kept.json").write_text(kept)

    found = dict(Stream(address, tmp_path / "kept.json").batches())

    assert found == dict(Stream(address, tmp_path / "no-file.json").batches()) != {}


def test_whole_seconds_stay_whole_and_fractions_stay() -> None:
    times = [datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 21, microsecond=250000, tzinfo=UTC)]
    made = [as_lambda_record({"dynamodb": {"ApproximateCreationDateTime": time}}, "arn") for time in times]

    assert [one["dynamodb"]["ApproximateCreationDateTime"] for one in made] == [1795219200, 1795219200.25]


@pytest.fixture
def address(dynoxide_address: str) -> Iterator[str]:
    """A database with our tables; it remembers what the stream held before the tables were dropped."""
    client = boto3.client("dynamodb", endpoint_url=dynoxide_address)
    create_tables(client, PREFIX)
    yield dynoxide_address
    delete_tables(client, PREFIX)


@pytest.fixture
def reports(address: str) -> Any:
    return boto3.resource("dynamodb", endpoint_url=address).Table(f"{PREFIX}-reports")


@pytest.fixture
def stream(address: str, tmp_path: Path) -> Stream:
    return Stream(address, tmp_path / "stream.json")
