"""The accountant against cases whose price is known, and against dynoxide's own ConsumedCapacity."""

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from app.core import dynamodb
from bench.expressions import Expression, Unknown
from bench.metering import Meter
from bench.units import index_write_units, item_size, read_units, units_of_read, write_units


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"id": {"S": "rep_1"}}, 7),
        ({"id": {"S": "ü"}}, 4),
        ({"n": {"N": "0"}}, 2),
        ({"n": {"N": "123"}}, 4),
        ({"n": {"N": "-123"}}, 5),
        ({"n": {"N": "1700"}}, 3),
        ({"n": {"N": "-0.12"}}, 4),
        ({"b": {"B": b"abc"}}, 4),
        ({"t": {"BOOL": True}}, 2),
        ({"s": {"SS": ["ab", "c"]}}, 4),
        ({"l": {"L": [{"S": "ab"}]}}, 7),
        ({"m": {"M": {"a": {"S": "b"}}}}, 7),
    ],
)
def test_size_of_an_item_counts_names_and_values(item: dict, size: int) -> None:
    assert item_size(item) == size


@pytest.mark.parametrize(("size", "units"), [(0, 0.5), (1, 0.5), (4096, 0.5), (4097, 1.0), (1 << 20, 128.0)])
def test_read_is_paid_by_half_units_of_four_kilobytes(size: int, units: float) -> None:
    assert read_units(size) == units
    assert read_units(size, consistent=True) == units * 2


def test_batch_rounds_each_item_and_pays_for_the_missing() -> None:
    request = {"RequestItems": {"tiles": {"Keys": [{"tile": {"S": name}} for name in "abc"]}}}
    small, large = {"tile": {"S": "a"}}, {"tile": {"S": "b"}, "body": {"B": b"x" * 4096}}

    assert units_of_read("BatchGetItem", request, {"Responses": {"tiles": [small, large]}}) == 0.5 + 1.0 + 0.5


def test_query_that_filtered_is_not_guessed_at() -> None:
    with pytest.raises(AssertionError):
        units_of_read("Query", {}, {"Items": [], "Count": 0, "ScannedCount": 3})


def test_write_is_paid_by_the_larger_image() -> None:
    small, large = {"id": {"S": "a"}}, {"id": {"S": "a"}, "text": {"S": "x" * 2000}}

    assert (write_units(None, small), write_units(large, small), write_units(small, large)) == (1, 2, 2)


def test_index_is_written_only_when_its_entry_changes() -> None:
    here, there = {"id": {"S": "a"}, "cell": {"S": "1"}}, {"id": {"S": "a"}, "cell": {"S": "2"}}

    costs = [
        index_write_units(old, new, ["cell"]) for old, new in ((None, here), (here, here), (here, there), (here, None))
    ]

    assert costs == [1, 0, 2, 1]


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("#0 = :0", True),
        ("attribute_not_exists (#0)", False),
        ("(attribute_not_exists (#0) OR #0 < :1)", True),
        ("#0 BETWEEN :0 AND :1", True),
        ("#0 > :0", False),
    ],
)
def test_condition_holds_as_in_dynamodb(text: str, *, holds: bool) -> None:
    request = {
        "ExpressionAttributeNames": {"#0": "n"},
        "ExpressionAttributeValues": {":0": {"N": "5"}, ":1": {"N": "10"}},
    }

    assert Expression(text, request).holds({"n": {"N": "5"}}) is holds


def test_unknown_expression_is_refused() -> None:
    with pytest.raises(Unknown):
        Expression("#0 LIKE :0", {"ExpressionAttributeNames": {"#0": "n"}}).holds({})


def test_query_costs_what_dynoxide_says(dynoxide: str) -> None:
    from tests.factories import make_report

    cells = {make_report(lat=51.5, lon=-0.12, title="x" * number).cell for number in range(1, 61)}
    (cell,) = cells
    asked = {
        "TableName": "floodmanager-test-reports",
        "IndexName": "entries_by_cell",
        "KeyConditionExpression": "cell = :cell",
        "ExpressionAttributeValues": {":cell": {"S": cell}},
        "ReturnConsumedCapacity": "TOTAL",
    }

    answer = boto3.client("dynamodb").query(**asked)

    assert answer["Count"] == 60
    assert units_of_read("Query", asked, answer) == answer["ConsumedCapacity"]["CapacityUnits"] > 1


def test_meter_leaves_a_client_as_it_found_it() -> None:
    """A process has one client: what a meter leaves on it fails the tests that come after."""
    client, sent = boto3.client("dynamodb", region_name="eu-west-1"), (dynamodb.in_one_round, dynamodb.at_once)
    meter = Meter()

    meter.attach(client)
    meter.detach(client)
    client.meta.events.register("before-call.dynamodb", lambda **_: (AWSResponse("", 200, {}, None), {"Item": {}}))

    assert client.get_item(TableName="any", Key={"id": {"S": "any"}}) == {"Item": {}}
    assert meter.bill.calls == {}
    assert (dynamodb.in_one_round, dynamodb.at_once) == sent
