"""Unreadable or unfinished data: answered from the readable part, counted, rebuilt; never a failure."""

import json
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from flask.testing import FlaskClient

from app.core import clock, dynamodb, telemetry
from app.reports import entry_encoding
from app.reports.index import columns, completeness
from app.reports.index.ended import rebuild_ended
from app.reports.index.models import ROOT, ZOOMS, TileDocument
from app.reports.models import Report
from tests.conftest import PREFIX
from tests.factories import make_report, tell_consumer

REPORTS, TILES = f"{PREFIX}-reports", f"{PREFIX}-tiles"
DELTA = "/v1/reports?updated_since=2020-01-01T00:00:00Z"
PATHS = [
    "/v1/reports",
    "/v1/reports?lat=51.5&lon=-0.12&radius_km=5",
    "/v1/reports?bbox=-10,40,10,60&limit=100",
    "/v1/reports?since=2020-01-01T00:00:00Z",
    "/v1/reports?since=2020-01-01T00:00:00Z&lat=51.5&lon=-0.12&radius_km=5",
    DELTA,
    "/v1/nearby?lat=51.5&lon=-0.12&radius_km=5",
    "/tiles/13/4093/2724",
    "/tiles/8/127/85",
]


@pytest.fixture
def reports(tables: None, noon: Any) -> list[Report]:
    """Some reports that the documents know, one that is changed, and one that is newer than they are."""
    made = [
        make_report(title=f"Water {number}", created_ms=clock.now_ms() - number * 60_000) for number in range(1, 30)
    ]
    made.append(make_report(lat=54.9, lon=-2.93, created_ms=clock.now_ms() - clock.HOUR_MS))
    tell_consumer(made)
    made[3].version, made[3].severity = 2, "extreme"
    made[3].index(clock.now_ms(), is_change=True)
    made[3].save()
    return [*made, make_report(title="New")]


def answers(client: FlaskClient) -> dict[str, Any]:
    told = {path: client.get(path) for path in PATHS}
    assert {path: answer.status_code for path, answer in told.items()} == dict.fromkeys(PATHS, 200)
    return {path: answer.get_json(force=True) for path, answer in told.items()}


def lists(told: dict[str, Any]) -> dict[str, Any]:
    """Search without the tiles, which may show less until they are rebuilt."""
    return {path: body for path, body in told.items() if not path.startswith("/tiles")}


@contextmanager
def refused(index: str, why: str) -> Iterator[list[str]]:
    """The database refuses each query of an index, as DynamoDB does while it is not ready."""
    met: list[str] = []

    def refuse(params: dict[str, Any], **_: Any) -> Any:
        if json.loads(params["body"]).get("IndexName") != index:
            return None
        met.append(index)
        error = {"Error": {"Code": "ValidationException", "Message": why}, "ResponseMetadata": {"HTTPStatusCode": 400}}
        return AWSResponse("", 400, {}, None), error

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb.Query", refuse)
    try:
        yield met
    finally:
        events.unregister("before-call.dynamodb.Query", refuse)


@pytest.mark.parametrize("index", completeness.INDEXES)
@pytest.mark.parametrize(
    "why",
    [
        "The table does not have the specified index: {}",
        "Cannot read from backfilling global secondary index: {}",
    ],
)
@pytest.mark.usefixtures("reports")
def test_without_an_index_an_answer_is_the_same_or_names_what_is_missing_or_is_refused(
    client: FlaskClient, index: str, why: str
) -> None:
    told = answers(client)

    with refused(index, why.format(index)):
        for path in PATHS:
            answer = client.get(path)
            body = answer.get_json(force=True)
            assert answer.status_code == 503 or body == told[path] or body["missing"], path
            assert answer.status_code == 200 or "since=" in path
            assert answer.status_code == 200 or int(answer.headers["Retry-After"]) > 0

    assert answers(client) == told


@pytest.mark.usefixtures("reports")
def test_an_index_that_is_not_there_is_counted(client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    telemetry.logger().addHandler(caplog.handler)

    with refused(completeness.BY_DAY, "The table does not have the specified index"):
        client.get(PATHS[3])

    telemetry.logger().removeHandler(caplog.handler)
    assert any("UnusableIndexes" in vars(record) for record in caplog.records)


def test_a_batch_of_changes_waits_for_an_index_that_is_not_ready(reports: list[Report]) -> None:
    """No record is to blame for that, so none becomes a dead letter."""
    for item in documents():
        item.body = b""
        item.save()

    not_ready = refused(completeness.BY_CELL, "Cannot read from backfilling global secondary index")
    with not_ready, pytest.raises(completeness.IndexUnusable):
        tell_consumer(reports[-1:])


@pytest.mark.usefixtures("reports")
def test_an_outage_is_no_reason_to_distrust_an_index(client: FlaskClient) -> None:
    answers(client)

    def fail(**_: Any) -> Any:
        error = {"Error": {"Code": "InternalServerError", "Message": "-"}, "ResponseMetadata": {"HTTPStatusCode": 500}}
        return AWSResponse("", 500, {}, None), error

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb.Query", fail)
    status = client.get(PATHS[3]).status_code
    events.unregister("before-call.dynamodb.Query", fail)

    assert status == 503
    assert all(completeness.is_complete(copy) for copy in completeness.COPIES)


LATER = entry_encoding.FORMAT + 1
SPOILINGS: dict[str, Callable[[bytes], bytes | None]] = {
    "is not there": lambda _: None,
    "is cut": lambda packed: packed[:-5],
    "is empty but for its format": lambda packed: packed[:1],
    "is of a later format": lambda packed: bytes([LATER]) + packed[1:],
    "is no text": lambda packed: packed[:1] + b"\xff\xfe\xfd",
}


def spoil_entry(report: Report, spoil: Callable[[bytes], bytes | None]) -> None:
    client: Any = boto3.client("dynamodb")
    key = {"TableName": REPORTS, "Key": {"id": {"S": report.id}}}
    spoilt = spoil(client.get_item(**key)["Item"]["entry"]["B"])
    if spoilt is None:
        client.update_item(**key, UpdateExpression="REMOVE entry")
    else:
        client.update_item(**key, UpdateExpression="SET entry = :e", ExpressionAttributeValues={":e": {"B": spoilt}})


@pytest.mark.parametrize("spoil", SPOILINGS.values(), ids=SPOILINGS)
def test_an_entry_that_cannot_be_read_is_answered_from_its_row(
    client: FlaskClient, reports: list[Report], spoil: Callable[[bytes], bytes | None]
) -> None:
    told = answers(client)

    for report in reports[1::2] + reports[-1:]:
        spoil_entry(report, spoil)

    assert answers(client) == told


def test_half_filled_indexes_are_answered_from_rows(client: FlaskClient, reports: list[Report]) -> None:
    told = answers(client)
    everything: Any = boto3.client("dynamodb")
    everything.update_item(TableName=REPORTS, Key={"id": {"S": "complete"}}, UpdateExpression="REMOVE copies")
    for report in reports[::2]:
        key = {"id": {"S": report.id}}
        everything.update_item(TableName=REPORTS, Key=key, UpdateExpression="REMOVE entry, changed_lane")
    completeness.cache.read_ms = None

    assert client.get(DELTA).status_code == 503  # some changes are in no partition of their index
    now = {path: client.get(path).get_json(force=True) for path in PATHS if path != DELTA} | {DELTA: told[DELTA]}
    assert lists(now) == lists(told)  # the tiles are from the indexes, and newer


@contextmanager
def without_rows() -> Iterator[None]:
    """Rows have gone since an index held them."""

    def forget(params: dict[str, Any], **_: Any) -> Any:
        if REPORTS not in json.loads(params["body"])["RequestItems"]:
            return None
        return AWSResponse("", 200, {}, None), {"Responses": {REPORTS: []}, "UnprocessedKeys": {}}

    events = dynamodb.connection().client.meta.events
    events.register("before-call.dynamodb.BatchGetItem", forget)
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb.BatchGetItem", forget)


def test_an_entry_whose_row_has_gone_is_left_out(client: FlaskClient, reports: list[Report]) -> None:
    spoil_entry(reports[-1], SPOILINGS["is cut"])

    with without_rows():
        told = client.get("/v1/reports?limit=100")

    assert told.status_code == 200
    assert {item["id"] for item in told.get_json()["items"]} == {report.id for report in reports[:-1]}


def test_a_page_of_entries_whose_rows_have_gone_is_not_the_end(client: FlaskClient, reports: list[Report]) -> None:
    """A skipped item must not look like the end of an index, or everything older would be missing."""
    for report in reports:
        spoil_entry(report, SPOILINGS["is cut"])

    with without_rows():
        page = Report.newest_in_shard(reports[0].day_shard, limit=3)

    assert page.entries == []
    assert page.last_key


def text_of(body: bytes) -> dict[str, Any]:
    return dict(json.loads(zlib.decompress(body)))


def packed(content: Any) -> bytes:
    return zlib.compress(json.dumps(content).encode())


def with_columns(body: bytes, **changed: Any) -> bytes:
    content = text_of(body)
    return packed(content | {"columns": content["columns"] | changed})


SPOILT_DOCUMENTS: dict[str, Callable[[bytes], bytes]] = {
    "is cut": lambda body: body[:-7],
    "is empty": lambda _: b"",
    "is of a later format": lambda body: packed(text_of(body) | {"format": columns.FORMAT + 1}),
    "has a column of another length": lambda body: with_columns(body, title=["one"] * 101),
    "lacks a column": lambda body: with_columns(body, lat=None),
    "is a list": lambda _: packed([1]),
}


@pytest.mark.parametrize(
    ("zoom", "spoil"),
    [(None, spoil) for spoil in SPOILT_DOCUMENTS.values()]
    + [(zoom, SPOILT_DOCUMENTS["is cut"]) for zoom in (0, 6, 13)],
)
def test_documents_that_cannot_be_read_are_answered_from_the_index_and_made_anew(
    client: FlaskClient, reports: list[Report], zoom: int | None, spoil: Callable[[bytes], bytes]
) -> None:
    told = answers(client)
    whole = TileDocument.read([item.tile.removeprefix("2/") for item in documents()])
    for item in documents():
        if zoom is None or item.tile.startswith(f"2/{zoom}/"):
            item.body = spoil(item.body)
            item.save()

    assert lists(answers(client)) == lists(told)

    tell_consumer(reports[-2:])  # a change in each of the two towns
    made = TileDocument.read(whole)
    assert all(document.is_readable for document in made.values())
    for key in (ROOT, "4/7/5"):
        assert sum(made[key].counts.values()) == sum(whole[key].counts.values()) + 1
    assert lists(answers(client)) == lists(told)


def test_the_sweep_mends_what_it_comes_by(client: FlaskClient, reports: list[Report]) -> None:
    for item in documents():
        item.body = b""
        item.save()

    for _ in ZOOMS:
        rebuild_ended()

    assert all(document.is_readable for document in TileDocument.read([ROOT, "4/7/5", "13/4093/2724"]).values())
    assert len(client.get("/v1/reports?limit=100").get_json()["items"]) == len(reports)


def documents() -> list[TileDocument]:
    return [item for item in TileDocument.scan() if item.tile.startswith("2/")]


@pytest.mark.parametrize("spoil", SPOILT_DOCUMENTS.values(), ids=SPOILT_DOCUMENTS)
def test_a_change_over_documents_that_cannot_be_read_is_no_poison(
    client: FlaskClient, reports: list[Report], spoil: Callable[[bytes], bytes], capsys: pytest.CaptureFixture[str]
) -> None:
    for item in documents():
        item.body = spoil(item.body)
        item.save()

    tell_consumer(reports[-1:])

    assert "poison" not in capsys.readouterr().err
    assert client.get("/v1/reports?limit=100").get_json()["items"][0]["title"] == "New"
    assert len(client.get("/v1/reports?limit=100").get_json()["items"]) == len(reports)


def test_columns_that_nobody_knows_are_passed_over(client: FlaskClient, reports: list[Report]) -> None:
    told = answers(client)
    for item in documents():
        rows = len(text_of(item.body)["columns"].get("id", []))
        content = text_of(with_columns(item.body, confidence=["low"] * rows))
        item.body = packed(content | {"a_member_of_later": {"x": 1}})
        item.save()

    assert answers(client) == told


def test_what_cannot_be_read_is_counted(
    client: FlaskClient, reports: list[Report], caplog: pytest.LogCaptureFixture
) -> None:
    for item in documents():
        item.body = b""
        item.save()
    spoil_entry(reports[-1], SPOILINGS["is cut"])
    telemetry.logger().addHandler(caplog.handler)

    client.get("/v1/reports?since=2020-01-01T00:00:00Z")
    client.get("/tiles/8/127/85")

    telemetry.logger().removeHandler(caplog.handler)
    counted = {name for record in caplog.records for name in vars(record) if name.startswith("Unreadable")}
    assert counted == {"UnreadableEntries", "UnreadableDocuments"}
