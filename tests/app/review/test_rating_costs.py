"""Cost of rating: read units of each filed report, write units of a changed level, as DynamoDB bills them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from app.core import clock, dynamodb
from app.core.config import settings
from app.reports.index.consume import Change
from app.reports.models import Report
from app.review import rate
from app.review.confidence import Rating
from bench.metering import Bill, Meter
from bench.units import index_write_units, write_units
from infra.tables import table_properties
from tests.factories import make_account, make_report

Counting = Callable[[list[Report]], Bill]


@pytest.fixture
def bill_of(client: FlaskClient, noon: Any) -> Iterator[Counting]:
    """Rates reports as newly filed, and says what it cost."""
    meter, connection = Meter(), dynamodb.connection().client
    rate.rate_changed(
        [Change(None, make_report(lat=10, network="n"), clock.now_ms())]
    )  # a process reads some rows once
    meter.attach(connection)

    def count(reports: list[Report]) -> Bill:
        with meter.counting() as bill:
            rate.rate_changed([Change(None, report, clock.now_ms()) for report in reports])
        return bill

    yield count
    meter.detach(connection)


def crowd(number: int, **wanted: Any) -> list[Report]:
    """Reports beside each other, each of a person and a network of its own, with words of usual length."""
    wanted = {"title": "Water over the road by the bridge", "description": "It comes up to the kerb. " * 12} | wanted
    return [
        make_report(lat=51.5 + n * 1e-5, lon=-0.125, filer=f"v_{n}", network=f"network-{n}", **wanted)
        for n in range(number)
    ]


def test_a_report_with_none_around_it_costs_two_read_units_at_most(bill_of: Counting) -> None:
    bill = bill_of(crowd(1))

    assert (bill.reads, bill.writes) <= (2, 0)
    assert bill.rounds <= 2


def test_a_report_in_a_crowd_costs_ten_read_units_at_most(bill_of: Counting) -> None:
    *_, last = crowd(100)
    bill = bill_of([last])

    assert bill.reads <= 10
    assert (bill.writes, bill.rounds) == (0, 2)


def test_a_batch_of_a_crowd_costs_less_than_one_read_unit_a_report(bill_of: Counting) -> None:
    bill = bill_of(crowd(100))

    assert bill.reads / 100 < 1
    assert bill.writes == 0


def test_a_vote_on_a_report_of_a_stranger_is_rated_without_any_reading(bill_of: Counting) -> None:
    (before,) = crowd(1)
    after = Report.get(before.id)
    after.flooded_votes = 7
    bill = bill_of([])
    rate.rate_changed([Change(before, after, clock.now_ms())])

    assert (bill.reads, bill.writes) == (0, 0)


def test_the_record_of_a_rating_is_passed_over(bill_of: Counting, noon: Any) -> None:
    account = make_account()
    noon.shift(8 * 24 * 3600)
    (before,) = crowd(1, account_id=account.id)
    after = Report.get(before.id)
    rate._store(after, Rating("likely", 7, (("trusted_account", 4), ("neighbours", 3))))
    bill = bill_of([])
    rate.rate_changed([Change(before, after, clock.now_ms())])

    assert (bill.reads, bill.writes) == (0, 0)


def test_the_reports_of_an_account_are_read_only_where_they_matter(bill_of: Counting, noon: Any) -> None:
    account = make_account()
    noon.shift(8 * 24 * 3600)
    of_account = crowd(30, account_id=account.id, created_ms=clock.now_ms() - 5 * clock.HOUR_MS, status="verified")
    (report,) = crowd(1, account_id=account.id, id="rep_of_account")
    bill_of([report])
    assert bill_of([report]).reads <= 3

    crowd(20)
    bill = bill_of([report])

    assert Report.get(report.id).confidence == "likely"
    assert len(of_account) == 30
    assert bill.reads <= 30


def test_a_changed_level_costs_what_the_rows_indexes_cost(client: FlaskClient, noon: Any) -> None:
    (report,) = crowd(1)
    old = Report.stored_image(report.id)
    rate._store(report, Rating("likely", 7, (("trusted_account", 4), ("neighbours", 3))))
    new = Report.stored_image(report.id)
    indexes = {
        index["IndexName"]: index
        for table in table_properties(settings().prefix)
        if table["TableName"] == settings().table("reports")
        for index in table["GlobalSecondaryIndexes"]
    }

    assert old and new
    cost = {name: index_units(index, old, new) for name, index in indexes.items()}

    own = {"entries_by_cell", "entries_by_day", "entries_by_place"}
    assert {name for name, units in cost.items() if units} == own
    assert write_units(old, new) + sum(cost.values()) <= 5


def index_units(index: dict[str, Any], old: dict[str, Any], new: dict[str, Any]) -> int:
    keys = [key["AttributeName"] for key in index["KeySchema"]]
    kept = {"id", *keys, *index["Projection"].get("NonKeyAttributes", [])}
    before, after = ({name: value for name, value in image.items() if name in kept} for image in (old, new))
    if not before.keys() >= set(keys):
        return 0
    return index_write_units(before, after, keys)
