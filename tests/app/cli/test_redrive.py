"""`flask redrive`: dead letters go back to where they came from, and are dropped only when that went well."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.aws import functions, streams
from app.aws import queues as queue_client
from app.core import clock
from app.reports.entry import Status
from app.reports.models import Report
from handlers import account_changed, end_expired, report_changed
from handlers.batches import set_aside
from tests.app.api.fake_aws import FakeAws, fake_aws
from tests.conftest import PREFIX
from tests.factories import make_report, stream_record, tell_consumer
from tests.handlers.test_erasures import queue_depth

Taking = Callable[[str], list[str]]
CHANGES = "report-changes-dead-letters"


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAws]:
    deployed = {
        f"{PREFIX}-report_changed": report_changed.handler,
        f"{PREFIX}-account_changed": account_changed.handler,
        f"{PREFIX}-end_expired": end_expired.handler,
    }
    with fake_aws(deployed) as server:
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", server.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", server.url)
        functions._client.cache_clear()
        yield server
    functions._client.cache_clear()


def redrive(app: Flask, *names: str) -> tuple[int, str]:
    done = app.test_cli_runner().invoke(args=["redrive", *names])
    return done.exit_code, done.output


def tile(client: FlaskClient) -> str:
    return client.get("/tiles/6/31/21").get_data(as_text=True)


def lost_batch(report: Report) -> dict[str, Any]:
    """The dead letter that Lambda writes for a batch that it gave up."""
    arrived = clock.rfc3339(int(report.updated_at_ms))
    place = {"streamArn": "arn:aws:dynamodb:eu-west-2:123456789012:table/x/stream/y", "shardId": "s" * 30}
    bounds = {"startSequenceNumber": "1" * 21, "endSequenceNumber": "1" * 21}
    return {"DDBStreamBatchInfo": {**place, **bounds, "approximateArrivalOfFirstRecord": arrived}}


def test_record_whose_poison_is_mended_reaches_its_tile(
    app: Flask, client: FlaskClient, queues: Taking, aws: FakeAws
) -> None:
    tile(client)
    report = make_report()
    set_aside(CHANGES, stream_record(new=report), ValueError(), event={"shardId": "shard-1"})

    code, said = redrive(app, CHANGES)

    assert (code, said.splitlines()) == (0, [f"{CHANGES}: 1 brought back, 0 still there"])
    assert report.id in tile(client)
    assert queues(CHANGES) == []


def test_record_whose_row_is_still_poison_stays_and_is_told(app: Flask, queues: Taking, aws: FakeAws) -> None:
    report = make_report()
    spoil(report)
    set_aside(CHANGES, stream_record(new=report), ValueError(), event={"shardId": "shard-1"})
    before = queues(CHANGES)

    code, said = redrive(app, CHANGES)

    assert code == 1
    assert "0 brought back, 1 still there" in said and "It still cannot be handled" in said
    assert queues(CHANGES) == before


def spoil(report: Report) -> None:
    """Store a latitude that is no number: no release can read the row."""
    boto3.client("dynamodb").update_item(
        TableName=f"{PREFIX}-reports",
        Key={"id": {"S": report.id}},
        UpdateExpression="SET lat = :lat",
        ExpressionAttributeValues={":lat": {"S": "somewhere"}},
    )


def test_row_is_brought_back_as_it_is_now(app: Flask, client: FlaskClient, queues: Taking, aws: FakeAws) -> None:
    tile(client)
    report = make_report(title="Before")
    set_aside(CHANGES, stream_record(new=report), ValueError(), event={"shardId": "shard-1"})
    report.title = "After"
    report.version += 1
    report.save()

    assert redrive(app, CHANGES)[0] == 0

    assert "After" in tile(client) and "Before" not in tile(client)


@pytest.mark.parametrize("is_deleted", [False, True])
def test_report_that_left_the_map_leaves_it_after_all(
    app: Flask, client: FlaskClient, queues: Taking, aws: FakeAws, noon: Any, is_deleted: bool
) -> None:
    """Its row no longer names the cell that it was in; reports are deleted weeks after they were withdrawn."""
    tile(client)
    report = make_report()
    tell_consumer([report])
    before = Report.find(report.id)
    report.status, report.version = Status.WITHDRAWN, report.version + 1
    report.index(clock.now_ms(), is_change=True)
    report.save()
    assert report.id in tile(client)
    set_aside(CHANGES, stream_record(old=before, new=report), ValueError(), event={"shardId": "shard-1"})
    if is_deleted:
        noon.shift(61)
        report.delete()

    assert redrive(app, CHANGES)[0] == 0

    assert report.id not in tile(client)


def test_whole_record_that_a_former_release_kept_is_read_again(
    app: Flask, client: FlaskClient, queues: Taking, aws: FakeAws
) -> None:
    tile(client)
    report = make_report(title="Now")
    record = stream_record(new=report)
    record["dynamodb"]["NewImage"] |= {"lat": {"N": "somewhere"}, "title": {"S": "Then"}}
    queue_client.send(CHANGES, {"record": record, "shard": "shard-1", "error": "ValueError"})

    assert redrive(app, CHANGES)[0] == 0

    assert "Now" in tile(client) and "Then" not in tile(client)


def test_record_without_a_key_stays_and_its_place_is_told(app: Flask, queues: Taking, aws: FakeAws) -> None:
    set_aside(CHANGES, {"dynamodb": {"SequenceNumber": "77"}}, KeyError(), event={"shardId": "shard-1"})

    code, said = redrive(app, CHANGES)

    assert (code, len(queues(CHANGES))) == (1, 1)
    assert "number 77 of shard shard-1" in said


def test_deletion_of_an_account_is_brought_back_by_its_key(app: Flask, queues: Taking, aws: FakeAws) -> None:
    record = {"eventName": "REMOVE", "dynamodb": {"Keys": {"id": {"S": "acc_1"}}, "SequenceNumber": "1"}}
    set_aside("account-changes-dead-letters", record, ValueError(), event={})

    assert redrive(app, "account-changes-dead-letters")[0] == 0

    assert queue_depth("erasures") == 1


def test_batch_that_lambda_gave_up_is_read_from_the_stream_again(
    app: Flask, client: FlaskClient, queues: Taking, aws: FakeAws
) -> None:
    tile(client)
    report = make_report()
    record = stream_record(new=report, number=int("1" * 21))
    aws.records = [record | {"dynamodb": {**record["dynamodb"], "ApproximateCreationDateTime": clock.now_ms() / 1000}}]
    queue_client.send(CHANGES, lost_batch(report))

    assert redrive(app, CHANGES)[0] == 0

    assert report.id in tile(client)


def test_batch_that_the_stream_has_forgotten_is_made_anew_from_the_tables(
    app: Flask, client: FlaskClient, queues: Taking, aws: FakeAws
) -> None:
    from app.geo.tiles import tile_at
    from app.reports.index.models import TileDocument

    report = make_report()
    queue_client.send(CHANGES, lost_batch(report))

    assert redrive(app, CHANGES)[0] == 0

    cell = tile_at(lat=report.lat, lon=report.lon, z=13).key
    assert [row.id for row in TileDocument.read([cell])[cell].rows] == [report.id]


def test_letter_that_fails_stays_and_is_told(app: Flask, queues: Taking, aws: FakeAws) -> None:
    queue_client.send("end-expired-dead-letters", {"requestPayload": {"source": "nobody"}})

    code, said = redrive(app)

    assert code == 1
    assert "end-expired-dead-letters: 0 brought back, 1 still there" in said
    assert "nothing else" in said


@pytest.mark.parametrize("letter", [{"requestPayload": {"source": "aws.events"}}, {"source": "aws.events"}])
def test_failed_schedule_is_run_again(app: Flask, queues: Taking, aws: FakeAws, letter: dict[str, Any]) -> None:
    queue_client.send("end-expired-dead-letters", letter)

    assert redrive(app, "end-expired-dead-letters")[0] == 0


def test_erasure_goes_back_into_its_queue_as_it_was(app: Flask, queues: Taking) -> None:
    queue_client.send("erasures-dead-letters", {"account_id": "acc_1"})

    assert redrive(app, "erasures-dead-letters")[0] == 0

    assert queues("erasures") == ['{"account_id": "acc_1"}']
    assert queues("erasures-dead-letters") == []


def test_unknown_queue_is_refused(app: Flask) -> None:
    code, said = redrive(app, "everything")

    assert code == 2
    assert CHANGES in said


def test_range_whose_end_is_not_found_keeps_its_letter(
    app: Flask, queues: Taking, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MOST_PAGES", 5)
    aws.records = []
    queue_client.send(CHANGES, lost_batch(make_report()))

    code, said = redrive(app, CHANGES)

    assert (code, len(queues(CHANGES))) == (1, 1)
    assert "did not come to record" in said


def test_letters_that_come_round_again_are_tried_once(
    app: Flask, queues: Taking, aws: FakeAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_client, "HIDDEN_S", 0)
    for _ in range(3):
        queue_client.send("end-expired-dead-letters", {"requestPayload": {"source": "nobody"}})

    code, said = redrive(app, "end-expired-dead-letters")

    assert code == 1
    assert "0 brought back, 3 still there" in said
