"""A small area while very many wait around it: its own reports are read by their keys, in the order of the queue."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from flask.testing import FlaskClient

from app.core import dynamodb
from app.reports.models import Report
from app.review import small_areas
from bench.metering import Meter
from tests.factories import make_report
from tests.queueing import Responder, Streams
from tests.voices import Visitor
from tests.warning_making import announce_at, square

VILLAGE = "0.499,50.999,0.521,51.011"
# How many of its reports are in each part of the queue.
IN_VILLAGE = {"all": 30, "waiting": 28, "disputed": 2}


@pytest.fixture
def streams(tables: None, noon: Any) -> Streams:
    return Streams()


def around(number: int) -> None:
    """So many that wait in the tile of the village, more urgent than those in it."""
    dice = random.Random(5)
    for _ in range(number):
        make_report(lat=dice.uniform(51.1, 51.2), lon=dice.uniform(0.1, 0.8), severity="extreme")


def in_village(number: int, **wanted: Any) -> list[Report]:
    dice = random.Random(number)
    words = ["unknown", "minor", "moderate", "severe"]
    return [
        make_report(
            lat=dice.uniform(51.0, 51.01), lon=dice.uniform(0.5, 0.52), **({"severity": dice.choice(words)} | wanted)
        )
        for _ in range(number)
    ]


def assert_that_nothing_waits(page: dict[str, Any]) -> None:
    """A village without reports is said to be empty at once, whatever waits around it."""
    assert (page["items"], page["next_cursor"]) == ([], None)


@pytest.fixture
def meter(client: FlaskClient) -> Iterator[Meter]:
    meter, connection = Meter(), dynamodb.connection().client
    meter.attach(connection)
    yield meter
    meter.detach(connection)


def test_the_first_page_of_a_village_has_its_reports_and_stays_within_its_cost(
    client: FlaskClient, streams: Streams, meter: Meter
) -> None:
    around(300)
    streams.catch_up()
    assert_that_nothing_waits(Responder(client).page(area=VILLAGE))
    reports = in_village(40)
    streams.catch_up()
    responder = Responder(client)
    responder.page(area=VILLAGE)  # a process reads some rows once

    with meter.counting() as bill:
        page = responder.page(area=VILLAGE)

    assert len(page["items"]) >= 8 and page["next_cursor"]
    assert bill.reads <= 16
    assert sorted(responder.ids(area=VILLAGE)) == sorted(report.id for report in reports)


def test_the_order_is_that_of_the_whole_queue(
    client: FlaskClient, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = in_village(30)
    around(20)
    streams.catch_up()
    for number in (3, 7):
        Visitor(client).vote(reports[number].id)
    Visitor(client).flag(reports[11].id)
    for _ in range(3):
        Visitor(client).flag(reports[12].id)
    streams.catch_up()
    responder = Responder(client)
    asked = [(state, limit) for state in IN_VILLAGE for limit in (3, 20)]

    by_keys = {(state, limit): responder.ids(area=VILLAGE, state=state, limit=limit) for state, limit in asked}

    monkeypatch.setattr("app.api.review_routes.first_looks_in", lambda *_: None)
    whole = {(state, limit): responder.ids(area=VILLAGE, state=state, limit=limit) for state, limit in asked}
    assert by_keys == whole
    assert {one: len(ids) for one, ids in whole.items()} == {one: IN_VILLAGE[one[0]] for one in asked}


def test_a_row_that_a_warning_has_not_moved_yet_is_there_too(client: FlaskClient, streams: Streams) -> None:
    reports = in_village(12)
    streams.catch_up()
    announce_at(square(0.4, 50.9))

    assert sorted(Responder(client).ids(area=VILLAGE)) == sorted(report.id for report in reports)


def test_where_documents_cannot_be_read_the_tile_is(
    client: FlaskClient, streams: Streams, monkeypatch: pytest.MonkeyPatch
) -> None:
    reports = in_village(5)
    streams.catch_up()
    responder = Responder(client)

    def away(*_: Any, **__: Any) -> None:
        raise EndpointConnectionError(endpoint_url="https://dynamodb.example")

    monkeypatch.setattr(small_areas.TileDocument, "read", away)

    assert sorted(responder.ids(area=VILLAGE)) == sorted(report.id for report in reports)
