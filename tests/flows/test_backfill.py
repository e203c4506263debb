"""`flask backfill`: paced, resumable, safe to repeat, and never over what is newer."""

from typing import Any

import boto3
import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.reports import entry_encoding
from app.reports.index import backfill, completeness, consume
from app.reports.index.keys import CHANGE_SHARDS, change_shards
from app.reports.models import Report
from tests.conftest import PREFIX
from tests.factories import make_report, sign_in_as, tell_consumer
from tests.rig import calls, release_1

REPORTS = f"{PREFIX}-reports"
BODY = {"location": {"lat": 51.5, "lon": -0.12}, "depth_cm": 30}
LISTS = [
    "/v1/reports?limit=100",
    "/v1/reports?lat=51.5&lon=-0.12&radius_km=5",
    "/v1/reports?since=2020-01-01T00:00:00Z",
]
DELTA = "/v1/reports?updated_since=2020-01-01T00:00:00Z"


def as_before(*, is_known: bool = True) -> None:
    """All rows as release 1 leaves them, and nothing noted."""
    client = boto3.client("dynamodb")
    for item in client.scan(TableName=REPORTS)["Items"]:
        if item["id"]["S"].startswith("rep_"):
            client.put_item(TableName=REPORTS, Item=release_1.as_written(item))
    client.delete_item(TableName=REPORTS, Key={"id": {"S": "complete"}})
    completeness.cache.read_ms = None


def run_backfill(app: Flask, *more: str) -> Result:
    done = app.test_cli_runner().invoke(args=["backfill", "--rate", "100000", *more])
    completeness.cache.read_ms = None
    return done


def entry_of(report: Report) -> Any:
    item = boto3.client("dynamodb").get_item(TableName=REPORTS, Key={"id": {"S": report.id}})["Item"]
    return entry_encoding.unpack(report.id, item["entry"]["B"])


@pytest.fixture
def reports(tables: None, noon: Any) -> list[Report]:
    made = [make_report(created_ms=clock.now_ms() - day * clock.DAY_MS) for day in range(4) for _ in range(3)]
    tell_consumer(made)
    return made


def test_it_fills_all_and_readers_use_it(app: Flask, client: FlaskClient, reports: list[Report]) -> None:
    told = client.get("/v1/reports?limit=100").get_json()
    as_before()
    assert not completeness.is_complete(completeness.BY_DAY)

    done = run_backfill(app)

    assert done.exit_code == 0, done.output
    assert all(completeness.is_complete(copy) for copy in completeness.COPIES)
    assert [entry_of(report) for report in reports] == [report.entry() for report in reports]
    assert client.get("/v1/reports?limit=100").get_json() == told


def test_it_goes_on_where_it_was_stopped(app: Flask, reports: list[Report]) -> None:
    as_before()
    with calls.cut_off("UpdateItem", after=8, by=KeyboardInterrupt):
        assert run_backfill(app, *completeness.INDEXES).exit_code != 0
    assert not completeness.is_complete(completeness.BY_DAY)

    with calls.counted() as counted:
        done = run_backfill(app, *completeness.INDEXES)

    assert done.exit_code == 0, done.output
    assert counted.made["Query"] < len(backfill.partitions())
    assert [entry_of(report) for report in reports] == [report.entry() for report in reports]
    assert completeness.is_complete(completeness.BY_DAY)


def test_it_never_writes_over_a_newer_version(tables: None, noon: Any) -> None:
    report = make_report(title="Before")
    as_before()
    (seen,) = Report.find_all([report.id])
    newer = Report.get(report.id)
    newer.title, newer.version = "After", 2
    newer.save()

    assert backfill.complete_rows([seen]) == 0

    assert entry_of(report).title == "After"


def test_it_keeps_to_its_pace(app: Flask, reports: list[Report], monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    as_before()

    app.test_cli_runner().invoke(args=["backfill", "--rate", "1", completeness.BY_DAY])

    assert max(slept) == pytest.approx(len(reports), abs=5)  # the stopped clock moves only by sleeping


@pytest.mark.usefixtures("reports")
def test_it_refuses_while_the_index_is_not_there(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    as_before()
    states = {completeness.BY_CELL: "CREATING"}

    def describe(parsed: dict[str, Any], **_: Any) -> None:
        told = parsed["Table"]["GlobalSecondaryIndexes"]
        told[:] = [each | {"IndexStatus": states[each["IndexName"]]} for each in told if each["IndexName"] in states]

    events = dynamodb.connection().client.meta.events
    events.register("after-call.dynamodb.DescribeTable", describe)
    missing, creating = run_backfill(app, completeness.BY_DAY), run_backfill(app, completeness.BY_CELL)
    events.unregister("after-call.dynamodb.DescribeTable", describe)

    assert (missing.exit_code, creating.exit_code) == (1, 1)
    assert "has no index entries_by_day yet. Deploy it first." in missing.output
    assert "entries_by_cell is CREATING. Wait until it is ACTIVE" in creating.output
    assert not any(completeness.is_complete(copy) for copy in completeness.COPIES)


@pytest.mark.usefixtures("reports")
def test_tiles_are_not_made_before_the_index_that_they_are_made_from(app: Flask) -> None:
    as_before()

    done = run_backfill(app, completeness.TILES)

    assert done.exit_code == 1
    assert "Fill entries_by_cell first" in done.output


def test_in_a_new_account_nobody_has_to_fill_anything(client: FlaskClient, noon: Any) -> None:
    boto3.client("dynamodb").delete_item(TableName=REPORTS, Key={"id": {"S": "complete"}})
    completeness.cache.read_ms = None
    assert [client.get(path).get_json()["items"] for path in (LISTS[0], DELTA)] == [[], []]

    made = client.post("/v1/reports", json=BODY, headers={"Idempotency-Key": "the-very-first-report-of-all"}).get_json()
    noon.shift(120)

    assert [item["id"] for item in client.get(DELTA).get_json()["items"]] == [made["id"]]
    assert completeness.read_notes().copies == {*completeness.COPIES}


@pytest.mark.usefixtures("reports")
def test_an_account_with_reports_is_not_taken_for_new() -> None:
    as_before()

    make_report()

    assert not any(completeness.is_complete(copy) for copy in completeness.COPIES)


def test_until_then_lists_are_true_and_changes_cannot_be_listed(client: FlaskClient, reports: list[Report]) -> None:
    """The first release changed reports without the key of `entries_by_change`."""
    edited(reports[0])
    told = {path: client.get(path).get_json() for path in LISTS}
    as_before()

    assert {path: client.get(path).get_json() for path in LISTS} == told
    assert "edited" in {item["title"] for item in told[LISTS[0]]["items"]}
    refused = client.get(DELTA)
    assert refused.status_code == 503
    assert int(refused.headers["Retry-After"]) > 0


class TestEntries:
    """An edit, a withdrawal and an erasure rewrite the entry in the same write as the row."""

    def test_edit_and_withdrawal(self, client: FlaskClient) -> None:
        body = {"location": {"lat": 51.5, "lon": -0.12}, "depth_cm": 30, "title": "Mine, at 4 Mill Lane"}
        headers = sign_in_as()
        made = client.post("/v1/reports", json=body, headers=headers | {"Idempotency-Key": "entry-0001"}).get_json()
        report = Report.get(made["id"])

        client.patch(f"/v1/reports/{report.id}", json={"title": "Mine"}, headers=headers | {"If-Match": '"v1"'})
        assert (entry_of(report).title, entry_of(report).version) == ("Mine", 2)

        client.delete(f"/v1/reports/{report.id}", headers=headers)
        assert entry_of(report).status == "withdrawn"

    def test_erasure(self, client: FlaskClient) -> None:
        headers = sign_in_as()
        body = {"location": {"lat": 51.51234, "lon": -0.12345}, "depth_cm": 30, "place": "public"}
        made = client.post("/v1/reports", json=body, headers=headers | {"Idempotency-Key": "entry-0002"}).get_json()
        report = Report.get(made["id"])
        assert entry_of(report).lat == 51.51234

        from app.reports import unlink_account

        unlink_account.unlink_reports(report.account_id, keeps_texts=False, goes_on=lambda _: True)

        assert (entry_of(report).lat, entry_of(report).lon, entry_of(report).visibility) == (51.512, -0.123, "home")

    @pytest.mark.parametrize(("title", "most"), [("Water over the kerb", 110), ("x" * 120, 120), ("水" * 120, 480)])
    def test_it_is_small(self, tables: None, title: str, most: int) -> None:
        report = make_report(title=title, depth_cm=30)

        assert len(entry_encoding.pack(report.entry())) <= most


class TestLanes:
    """Days with very many changes use eight shards, but only once every reader looks into them."""

    def test_a_busy_day_uses_all_lanes_and_nothing_is_lost(self, client: FlaskClient, noon: Any) -> None:
        day = clock.day_of(clock.now_ms())
        made = [make_report(created_ms=clock.now_ms() - number - 1) for number in range(40)]
        tell_consumer(made)
        assert len(change_shards(day)) == 1

        completeness.widen(day)
        assert len(change_shards(day)) == CHANGE_SHARDS
        used = {edited(report).changed_shard for report in made[:20]}
        assert used == {f"{day}#0"}  # a process that asked a minute ago looks there alone

        noon.shift(240)
        used = {edited(report).changed_shard for report in made[20:]}
        assert len(used) > 4

        delta = client.get("/v1/reports?limit=100&updated_since=2020-01-01T00:00:00Z").get_json()["items"]
        assert [item["title"] for item in delta] == ["edited"] * 40
        newest = client.get("/v1/reports?limit=100").get_json()["items"]
        assert [item["title"] for item in newest] == ["edited"] * 40

    def test_the_consumer_opens_them(self, tables: None, noon: Any) -> None:
        reports = [make_report(created_ms=clock.now_ms() - 1) for _ in range(3)]
        for report in reports:
            report.index(clock.now_ms(), is_change=True)
        many = [consume.Change(None, report, clock.now_ms()) for report in reports] * (consume.WIDE_FROM // 3 + 1)

        consume.apply_changes(many, shard="shard-1")

        assert completeness.is_wide(clock.day_of(clock.now_ms()))


def edited(report: Report) -> Report:
    report.title, report.version, report.updated_at_ms = "edited", report.version + 1, clock.now_ms()
    report.index(clock.now_ms(), is_change=True)
    report.save()
    return report
