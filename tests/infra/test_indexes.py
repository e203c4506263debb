"""One change of a deployed table's indexes in a deployment, and none in a roll-back."""

from typing import Any

import pytest

from infra.indexes import IndexesRefused, as_described, kept_template, next_template
from infra.template import Template

NAME = "floodmanager-dev-rows"


def index(name: str, key: str, *projected: str) -> dict[str, Any]:
    projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": [*projected]}
    return {
        "IndexName": name,
        "KeySchema": [{"AttributeName": key, "KeyType": "HASH"}],
        "Projection": projection if projected else {"ProjectionType": "KEYS_ONLY"},
    }


TOWN, RIVER, YEAR = index("by_town", "town"), index("by_river", "river"), index("by_year", "year")
COLOUR = index("by_colour", "colour")
RETIRED = {"by_town": "by_year", "by_river": "by_year"}


def template(*indexes: dict[str, Any], retired: dict[str, str] | None = None, name: str = NAME) -> Template:
    keys = ["id", *dict.fromkeys(part["AttributeName"] for one in indexes for part in one["KeySchema"])]
    properties = {
        "TableName": name,
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        **({"GlobalSecondaryIndexes": [*indexes]} if indexes else {}),
    }
    table = {"Type": "AWS::DynamoDB::Table", "Properties": properties}
    metadata = {"Metadata": {"RetiredIndexes": retired}} if retired else {}
    return {"Resources": {"RowsTable": {**table, **metadata}, "Queue": {"Type": "AWS::SQS::Queue"}}}


def description(**statuses: str) -> dict[str, Any]:
    there = [one for one in (TOWN, RIVER, YEAR, COLOUR) if one["IndexName"] in statuses]
    used = [one["KeySchema"][0]["AttributeName"] for one in there]
    return {
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in ("id", *used)],
        "GlobalSecondaryIndexes": [one | {"IndexStatus": statuses[one["IndexName"]]} for one in there],
    }


def names(changed: Template) -> list[str]:
    return [one["IndexName"] for one in table_of(changed).get("GlobalSecondaryIndexes", [])]


def table_of(changed: Template) -> dict[str, Any]:
    properties: dict[str, Any] = changed["Resources"]["RowsTable"]["Properties"]
    return properties


def defined(changed: Template) -> list[str]:
    return [one["AttributeName"] for one in table_of(changed)["AttributeDefinitions"]]


def following(
    wanted: Template, deployed: Template, unfilled: tuple[str, ...] = (), **statuses: str
) -> tuple[Template, list[str]]:
    """The template to deploy, and all that is said of it."""
    told = statuses or dict.fromkeys(names(deployed) if deployed["Resources"] else [], "ACTIVE")
    changed, plans = next_template(wanted, deployed, lambda _: description(**told), lambda _: unfilled)
    return changed, [line for plan in plans for line in plan.lines()]


@pytest.mark.parametrize(
    ("wanted", "status", "waits"),
    [((TOWN,), "ACTIVE", False), ((TOWN,), "CREATING", True), ((TOWN, RIVER), "ACTIVE", True)],
)
def test_a_ceiling_waits_until_no_index_is_on_its_way(wanted: tuple[Any, ...], status: str, waits: bool) -> None:
    """DynamoDB changes throughput or an index at a time, and a deployment must not fail because of it."""
    ceiling = {"MaxReadRequestUnits": 8000, "MaxWriteRequestUnits": 2000}
    new = template(*wanted)
    table_of(new)["OnDemandThroughput"] = ceiling

    changed, _ = following(new, template(TOWN), by_town=status)

    assert ("OnDemandThroughput" not in table_of(changed)) == waits


def test_a_table_that_is_not_there_gets_all_its_indexes() -> None:
    wanted = template(TOWN, RIVER, YEAR)

    assert following(wanted, {"Resources": {}}) == (wanted, [])
    assert following(wanted, template(name="another"))[0] == wanted


def test_a_table_that_is_there_gets_its_new_indexes_one_by_one() -> None:
    wanted, deployed, said = template(TOWN, RIVER, YEAR), template(), []
    for _ in range(3):
        deployed, lines = following(wanted, deployed)
        said.append((names(deployed), defined(deployed), *lines))

    assert said == [
        (
            ["by_town"],
            ["id", "town"],
            (
                f"{NAME}: this deployment adds the index by_town; still to come: by_river, by_year. "
                "Next: flask backfill by_town, then deploy again."
            ),
        ),
        (
            ["by_town", "by_river"],
            ["id", "town", "river"],
            (
                f"{NAME}: this deployment adds the index by_river; still to come: by_year. "
                "Next: flask backfill by_river, then deploy again."
            ),
        ),
        (
            ["by_town", "by_river", "by_year"],
            ["id", "town", "river", "year"],
            f"{NAME}: this deployment adds the index by_year. Next: flask backfill.",
        ),
    ]
    assert following(wanted, deployed) == (wanted, [])


def test_other_changes_of_the_table_and_of_the_rest_go_along() -> None:
    wanted = template(TOWN, RIVER)
    table_of(wanted)["BillingMode"] = "PAY_PER_REQUEST"

    changed, _ = following(wanted, template())

    assert table_of(changed)["BillingMode"] == "PAY_PER_REQUEST"
    assert changed["Resources"]["Queue"] == {"Type": "AWS::SQS::Queue"}
    assert names(wanted) == ["by_town", "by_river"]


@pytest.mark.parametrize("status", ["CREATING", "DELETING"])
def test_while_an_index_is_on_its_way_the_next_one_waits(status: str) -> None:
    changed, [line] = following(template(TOWN, RIVER), template(TOWN), by_town=status)

    assert names(changed) == ["by_town"]
    assert line == (
        f"{NAME}: this deployment changes no index; still to come: by_river. "
        f"by_town is {status} in DynamoDB. Next: deploy again once it is ACTIVE, or gone."
    )


def test_an_index_left_from_what_was_taken_back_is_named_with_the_command_that_removes_it() -> None:
    changed, [line] = following(template(TOWN, RIVER), template(), by_town="CREATING")

    assert names(changed) == []
    assert line.endswith(
        "by_town is left from a deployment that was taken back. Next: aws dynamodb update-table "
        f"""--table-name {NAME} --global-secondary-index-updates '[{{"Delete":{{"IndexName":"by_town"}}}}]', """
        "then deploy again."
    )


def test_a_changed_index_is_refused_before_anything_is_done() -> None:
    with pytest.raises(IndexesRefused, match=r"the index by_town is another than the deployed one.*a new name"):
        following(template(index("by_town", "town", "depth")), template(TOWN))


def test_the_order_of_what_is_projected_is_no_change() -> None:
    deployed = template(index("by_town", "town", "depth", "title"))

    changed, lines = following(template(index("by_town", "town", "title", "depth")), deployed)

    assert (changed, lines) == (deployed, [])


def test_an_index_that_the_template_does_not_name_stays() -> None:
    changed, [line] = following(template(TOWN), template(TOWN, RIVER))

    assert (names(changed), defined(changed)) == (["by_town", "by_river"], ["id", "town", "river"])
    assert line == f"{NAME}: kept, though this template does not name it: by_river."


def test_retired_indexes_go_one_by_one_after_the_new_ones_have_come() -> None:
    wanted, deployed, said = template(YEAR, COLOUR, retired=RETIRED), template(TOWN, RIVER, YEAR), []
    for _ in range(3):
        deployed, lines = following(wanted, deployed)
        said.append((names(deployed), defined(deployed), *lines))

    assert said == [
        (
            ["by_town", "by_river", "by_year", "by_colour"],
            ["id", "town", "river", "year", "colour"],
            (
                f"{NAME}: this deployment adds the index by_colour; still to come: the removal of by_town, "
                "the removal of by_river. Next: flask backfill by_colour, then deploy again."
            ),
        ),
        (
            ["by_river", "by_year", "by_colour"],
            ["id", "river", "year", "colour"],
            (
                f"{NAME}: this deployment removes the index by_town; still to come: the removal of by_river. "
                "Next: deploy again."
            ),
        ),
        (["by_year", "by_colour"], ["id", "year", "colour"], f"{NAME}: this deployment removes the index by_river."),
    ]
    assert following(wanted, deployed)[1] == []


@pytest.mark.parametrize(("there", "unfilled"), [((TOWN, RIVER), ()), ((TOWN, YEAR), ("by_year",))])
def test_no_release_comes_to_a_table_without_what_it_reads_in_place_of_a_retired_index(
    there: tuple[dict[str, Any], ...], unfilled: tuple[str, ...]
) -> None:
    with pytest.raises(IndexesRefused, match="only the index by_year, which is not there or not filled yet"):
        following(template(YEAR, retired=RETIRED), template(*there), unfilled)


def test_what_is_filled_is_not_asked_once_the_retired_indexes_are_gone() -> None:
    wanted = template(YEAR, retired=RETIRED)

    assert following(wanted, wanted, ("by_year",)) == (wanted, [])


def test_an_earlier_deployment_comes_back_with_the_indexes_of_now() -> None:
    earlier = template(TOWN)

    kept, [plan] = kept_template(earlier, template(TOWN, RIVER, YEAR))

    assert (names(kept), defined(kept)) == (["by_town", "by_river", "by_year"], ["id", "town", "river", "year"])
    assert plan.lines() == [f"{NAME}: kept, though this template does not name it: by_river, by_year."]
    assert kept_template(earlier, template(TOWN))[0] == earlier


def test_an_earlier_deployment_that_reads_a_removed_index_does_not_come_back() -> None:
    for now in (template(RIVER), template(YEAR, RIVER, retired=RETIRED)):
        with pytest.raises(IndexesRefused, match="reads the index by_town, which has been removed"):
            kept_template(template(TOWN, RIVER), now)


def test_an_earlier_deployment_that_reads_the_successor_comes_back_without_the_removed_index() -> None:
    earlier, now = template(TOWN, YEAR), template(YEAR, COLOUR, retired=RETIRED)

    kept, [plan] = kept_template(earlier, now)
    again, _ = kept_template(earlier, kept)

    assert (names(kept), defined(kept)) == (["by_year", "by_colour"], ["id", "year", "colour"])
    assert plan.lines() == [f"{NAME}: kept, though this template does not name it: by_colour."]
    assert again == kept
    assert names(following(template(YEAR, COLOUR, retired=RETIRED), kept)[0]) == ["by_year", "by_colour"]


def test_an_import_repeats_the_indexes_that_the_table_has() -> None:
    body = template(TOWN, YEAR)["Resources"]["RowsTable"]

    imported = {"Resources": {"RowsTable": as_described(body, description(by_town="ACTIVE", by_river="ACTIVE"))}}

    assert (names(imported), defined(imported)) == (["by_town", "by_river"], ["id", "town", "river"])
    assert table_of(imported)["GlobalSecondaryIndexes"] == [TOWN, RIVER]
    assert as_described(body, description(by_town="ACTIVE", by_year="ACTIVE")) is body
