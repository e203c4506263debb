"""Costs of the figures: read units of an admin's look at them, and of the sweep that counts, as DynamoDB bills them."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.geo.tiles import tile_at
from app.reports.entry import sort_key
from app.reports.index.models import ROOT, Document, TileDocument
from app.reports.models import Report
from app.review import figures, queue_length
from app.review.counting import Filed, Origin
from app.review.figure_models import CountedRow
from app.review.queue import content_of
from app.review.queue_models import QueueRow, shown_values
from app.review.surroundings import Nearby
from app.review.urgency import key_of, state_of, state_shard_of
from tests.factories import make_report, sign_in_as

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
WAITING, DISPUTED = 1600, 400
QUIET_UNITS, STORM_UNITS = 20, 220
# Half a unit for each report, and the queries of an hour; then what is stored of a day.
SWEEP_UNITS, IDLE_UNITS = 100 + 50, 6


@pytest.fixture
def read_units(dynoxide: str) -> Iterator[list[float]]:
    """The read units of each call, as they are billed."""
    billed: list[float] = []

    def ask(params: Any, **_: Any) -> None:
        params["ReturnConsumedCapacity"] = "TOTAL"

    def note(parsed: Any, model: Any, **_: Any) -> None:
        consumed = parsed.get("ConsumedCapacity", [])
        if model.name not in WRITES:
            billed.extend(one["CapacityUnits"] for one in (consumed if isinstance(consumed, list) else [consumed]))

    events = dynamodb.connection().client.meta.events
    events.register("provide-client-params.dynamodb", ask)
    events.register("after-call.dynamodb", note)
    yield billed
    events.unregister("after-call.dynamodb", note)
    events.unregister("provide-client-params.dynamodb", ask)


def wait_in_queue() -> None:
    """Store rows of a long queue in four tiles, as its consumer does, and the documents that name the tiles."""
    tiles = dict[str, set[str]]()
    with QueueRow.batch_write() as batch:
        for number in range(WAITING + DISPUTED):
            place = {"lat": 51.5 + number % 2 * 8, "lon": -0.12 + number // 2 % 2 * 8}
            report = queued_report(number, **place)
            key, state = key_of(report, is_warned=False), state_of(report)
            row = QueueRow(*key, **shown_values(content_of(report, Nearby([], []), is_warned=False)))
            row.state_shard = state_shard_of(key, state)
            batch.save(row)
            tile = tile_at(**place, z=6)
            tiles.setdefault(tile.parent(4).key, set()).add(tile.key)
    for coarser, finer in tiles.items():
        TileDocument.replace(coarser, Document(counts={"severe": 9}, children=sorted(finer)))
    TileDocument.replace(ROOT, Document(counts={"severe": 9}, children=sorted(tiles)))


def queued_report(number: int, **place: float) -> Report:
    now_ms = clock.now_ms()
    report_id = f"rep_{number:026d}"
    report = Report(report_id, sort=sort_key(now_ms - number, report_id), body_hash="-", radius_m=50, version=1)
    report.severity, report.status, report.condition = "severe", "pending", "flooded"
    report.title = "Water in the road, up to the kerb and rising"
    report.observed_at_ms = report.updated_at_ms = now_ms - number
    report.expires_at_ms = now_ms + 48 * clock.HOUR_MS
    report.is_disputed = number >= WAITING or None
    report.put_at(**place, visibility="home")
    return report


def count_a_day(*, but_last: int = 0) -> None:
    """Store the numbers of a day with 100,000 reports, as the sweep does."""
    now_ms = clock.now_ms()
    counts = figures._pack([Filed(0, Origin.ACCOUNT)] * 350, [], is_at_least=False)
    for begin_ms in range(figures.since(now_ms), now_ms + 1 - but_last * figures.STEP_MS, figures.STEP_MS):
        assert CountedRow.store(begin_ms, counts, seen_late_ms=None)


def test_look_at_the_figures_is_bounded_in_a_storm(
    dynoxide_client: FlaskClient, read_units: list[float], noon: time_machine.Traveller
) -> None:
    admin = sign_in_as("admin")
    wait_in_queue()
    count_a_day(but_last=2)
    for _ in range(250):
        make_report()
    read_units.clear()

    answer = dynoxide_client.get("/v1/admin/figures", headers=admin).json

    assert answer["missing"] == [] and not answer["reports"]["is_whole"]
    assert answer["queue"]["waiting"]["is_at_least"] and answer["queue"]["disputed"]["is_at_least"]
    assert answer["queue"]["waiting"]["number"] >= queue_length.MOST_ROWS // 2
    assert sum(read_units) <= STORM_UNITS, read_units


def test_look_at_a_counted_day_costs_little_however_much_came_in(
    dynoxide_client: FlaskClient, read_units: list[float], noon: time_machine.Traveller
) -> None:
    """A day with 100,000 reports, counted by the sweep."""
    admin = sign_in_as("admin")
    count_a_day()
    read_units.clear()

    answer = dynoxide_client.get("/v1/admin/figures", headers=admin).json

    assert answer["reports"]["account"] >= 96_000 and answer["reports"]["is_whole"]
    assert sum(read_units) <= QUIET_UNITS, read_units


def test_sweep_reads_each_report_once(dynoxide: str, read_units: list[float], noon: time_machine.Traveller) -> None:
    for _ in range(200):
        make_report()
    noon.shift(8 * 60)
    read_units.clear()

    assert figures.count_settled(lambda: True) == figures.STEPS_AT_ONCE

    assert sum(read_units) <= SWEEP_UNITS, read_units
    for _ in range(30):
        figures.count_settled(lambda: True)
    read_units.clear()
    assert figures.count_settled(lambda: True) == 0
    assert sum(read_units) <= IDLE_UNITS, read_units
