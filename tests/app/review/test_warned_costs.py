"""Cost of warnings that begin and end over reports, as DynamoDB bills it: bounded for each report and each run."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import dynamodb
from app.review import warned_areas
from app.warnings.sources.message import Act
from bench.metering import Bill, Meter
from tests.factories import make_report
from tests.queueing import Streams
from tests.warning_making import announce_at, square

Running = Callable[[], Bill]


@pytest.fixture
def run(client: FlaskClient, noon: Any) -> Iterator[Running]:
    """Lets a minute pass and its function follow the warnings, and says what that cost."""
    meter, connection = Meter(), dynamodb.connection().client
    warned_areas.follow()  # a process reads some rows once
    meter.attach(connection)

    def count() -> Bill:
        noon.shift(60)
        with meter.counting() as bill:
            warned_areas.follow()
        return bill

    yield count
    meter.detach(connection)


def crowd(number: int) -> None:
    """So many reports that wait in one town, with words of usual length, and their rows in the queue."""
    words = {"title": "Water over the road by the bridge", "description": "It comes up to the kerb. " * 12}
    for one in range(number):
        make_report(lat=51.45 + 0.001 * (one % 20), lon=-0.12 + 0.001 * (one // 20), **words)
    Streams().catch_up()


def test_a_minute_in_which_no_warning_changes_costs_two_read_units(run: Running) -> None:
    crowd(20)
    announce_at(square(), "E")
    for _ in range(3):
        run()

    bill = run()

    assert (bill.reads, bill.writes) <= (3, 0)


def test_a_report_under_a_new_warning_costs_two_writes_once_and_little_reading_twice(run: Running) -> None:
    crowd(100)
    run()
    announce_at(square(), "E")

    first, second, third = run(), run(), run()

    assert first.reads <= 3 * 100
    assert (first.calls["DeleteItem"], first.calls["UpdateItem"], first.calls["PutItem"]) == (100, 100, 3)
    assert second.reads <= 2 * 100
    assert (second.calls["DeleteItem"], second.calls["UpdateItem"], second.calls["PutItem"]) == (0, 0, 1)
    assert third.writes == 0


def test_the_end_of_a_warning_costs_no_more(run: Running) -> None:
    crowd(100)
    announce_at(square(), "E")
    run(), run(), run()
    announce_at(square(), "E", act=Act.END)

    first = run()

    assert first.reads <= 3 * 100
    assert (first.calls["DeleteItem"], first.calls["UpdateItem"]) == (100, 100)
