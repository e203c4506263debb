"""Change a deployed table's indexes one at a time: `python -m infra.indexes deploy|rollback`, which plugin.js runs.

DynamoDB and CloudFormation take one new or removed index of a table in an update. So a deployment gets the template
with the next change alone, and says what is still to come. A table that is not there yet gets all its indexes at once.
An index leaves only by its name in the table's `Metadata: RetiredIndexes`, beside the index that is read in its place:
an older template that does not know it, as in a roll-back, keeps it.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from infra.template import Template, of_type

TABLE = "AWS::DynamoDB::Table"
RETIRED, CEILING = "RetiredIndexes", "OnDemandThroughput"
OF_AN_INDEX = ("IndexName", "KeySchema", "Projection")
Indexes = dict[str, dict[str, Any]]
# The answer of DescribeTable for a table's name; empty if the table does not exist.
Describe = Callable[[str], dict[str, Any]]
# The indexes of a table that are not filled yet.
Unfilled = Callable[[str], Collection[str]]


class IndexesRefused(Exception):
    """Error: no update can lead to the template. The message says what to do instead."""


@dataclass(frozen=True)
class Plan:
    """The one change of a table in a deployment, the changes after it, and any obstacle."""

    table: str
    added: str = ""
    removed: str = ""
    to_add: tuple[str, ...] = ()
    to_remove: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    hindrance: str = ""

    def lines(self) -> list[str]:
        """Return a line for the operator, and another for indexes unknown to the template; none without a change."""
        return [line for line in (self._change(), self._kept()) if line]

    def _change(self) -> str:
        waiting = (*self.to_add, *(f"the removal of {name}" for name in self.to_remove))
        to_come = f"; still to come: {', '.join(waiting)}" if waiting else ""
        if self.hindrance:
            return f"{self.table}: this deployment changes no index{to_come}. {self.hindrance}"
        if self.added:
            # The last index is filled together with everything else that is not complete yet.
            following = f"flask backfill {self.added}, then deploy again" if waiting else "flask backfill"
            return f"{self.table}: this deployment adds the index {self.added}{to_come}. Next: {following}."
        if self.removed:
            following = " Next: deploy again." if waiting else ""
            return f"{self.table}: this deployment removes the index {self.removed}{to_come}.{following}"
        return ""

    def _kept(self) -> str:
        if not self.kept:
            return ""
        return f"{self.table}: kept, though this template does not name it: {', '.join(self.kept)}."


def next_template(
    wanted: Template, deployed: Template, describe: Describe, unfilled: Unfilled
) -> tuple[Template, list[Plan]]:
    """Return the template to deploy now, and its changes of each deployed table's indexes. Raises IndexesRefused."""
    resources, plans = dict(wanted["Resources"]), []
    for name, body in of_type(wanted, TABLE):
        there = deployed["Resources"].get(name)
        if not there or there["Properties"]["TableName"] != body["Properties"]["TableName"]:
            continue
        plan = _plan(body, _indexes(there["Properties"]), describe, unfilled)
        resources[name] = _with_indexes(body, there, without={*plan.to_add, plan.removed})
        if _has_to_wait(there, resources[name], plan, describe):
            resources[name] = _with_ceiling_of(there, resources[name])
        plans.append(plan)
    return {**wanted, "Resources": resources}, plans


def _plan(body: dict[str, Any], there: Indexes, describe: Describe, unfilled: Unfilled) -> Plan:
    table, wanted = body["Properties"]["TableName"], _indexes(body["Properties"])
    if changed := [name for name in wanted if name in there and not _is_same(wanted[name], there[name])]:
        raise IndexesRefused(
            f"{table}: the index {changed[0]} is another than the deployed one, and no index can be changed. "
            "Give it a new name."
        )
    new = tuple(name for name in wanted if name not in there)
    retired = {name: successor for name, successor in _retired(body).items() if name in there and name not in wanted}
    if retired and (missing := [one for one in retired.values() if one not in there or one in unfilled(table)]):
        raise IndexesRefused(
            f"{table}: this release reads only the index {missing[0]}, which is not there or not filled yet. "
            "Deploy the previous release first, and let flask backfill end."
        )
    kept = tuple(name for name in there if name not in wanted and name not in retired)
    if not new and not retired:
        return Plan(table, kept=kept)
    if hindrance := _hindrance(table, new, describe(table)):
        return Plan(table, to_add=new, to_remove=tuple(retired), kept=kept, hindrance=hindrance)
    if new:
        return Plan(table, added=new[0], to_add=new[1:], to_remove=tuple(retired), kept=kept)
    return Plan(table, removed=next(iter(retired)), to_remove=tuple(retired)[1:], kept=kept)


def _retired(body: dict[str, Any]) -> dict[str, str]:
    """Return the removed indexes of a table, with the one that is read in place of each."""
    return dict(body.get("Metadata", {}).get(RETIRED, {}))


def _hindrance(table: str, new: tuple[str, ...], description: dict[str, Any]) -> str:
    """Return why the table cannot be changed now, or ""."""
    present = {index["IndexName"]: index["IndexStatus"] for index in description.get("GlobalSecondaryIndexes", [])}
    if left := [name for name in new if name in present]:
        # CloudFormation leaves the index in place when it rolls a deployment back.
        delete = f'[{{"Delete":{{"IndexName":"{left[0]}"}}}}]'
        return (
            f"{left[0]} is left from a deployment that was taken back. Next: aws dynamodb update-table "
            f"--table-name {table} --global-secondary-index-updates '{delete}', then deploy again."
        )
    if busy := [name for name, status in present.items() if status != "ACTIVE"]:
        return f"{busy[0]} is {present[busy[0]]} in DynamoDB. Next: deploy again once it is ACTIVE, or gone."
    return ""


def kept_template(earlier: Template, deployed: Template) -> tuple[Template, list[Plan]]:
    """Return an earlier deployment's template with the current indexes of the tables. Raises IndexesRefused.

    A removed index is not missed by a release that has its successor.
    """
    resources, plans = dict(earlier["Resources"]), []
    for name, body in of_type(earlier, TABLE):
        there = deployed["Resources"].get(name)
        if not there or there["Properties"]["TableName"] != body["Properties"]["TableName"]:
            continue
        table = body["Properties"]["TableName"]
        wanted, present, retired = _indexes(body["Properties"]), _indexes(there["Properties"]), _retired(there)
        gone = [one for one in wanted if one not in present]
        if missed := [one for one in gone if retired.get(one) not in wanted]:
            raise IndexesRefused(
                f"{table}: the release of then reads the index {missed[0]}, which has been removed. "
                "Check that release out and deploy it: a deployment makes the index again."
            )
        metadata = {"Metadata": there["Metadata"]} if retired else {}
        resources[name] = {**_with_indexes(body, there, without=gone), **metadata}
        plans.append(Plan(table, kept=tuple(one for one in present if one not in wanted)))
    return {**earlier, "Resources": resources}, plans


def as_described(body: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    """Return the template's table with the indexes that the table has: for an import, which changes nothing."""
    described = {index["IndexName"]: index for index in description.get("GlobalSecondaryIndexes", [])}
    if described.keys() == _indexes(body["Properties"]).keys():
        return body
    there = {
        "AttributeDefinitions": description["AttributeDefinitions"],
        "GlobalSecondaryIndexes": [{part: index[part] for part in OF_AN_INDEX} for index in described.values()],
    }
    missing = _indexes(body["Properties"]).keys() - described.keys()
    return _with_indexes(body, {"Properties": there}, without=missing)


def _with_indexes(body: dict[str, Any], there: dict[str, Any], *, without: Collection[str] = ()) -> dict[str, Any]:
    """Return the existing indexes unchanged, then those that only the template has."""
    both = {**_indexes(there["Properties"]), **_indexes(body["Properties"]), **_indexes(there["Properties"])}
    indexes = [index for name, index in both.items() if name not in without]
    keys = [body["Properties"]["KeySchema"], *(index["KeySchema"] for index in indexes)]
    used = {part["AttributeName"] for schema in keys for part in schema}
    defined = {
        one["AttributeName"]: one
        for properties in (there["Properties"], body["Properties"])
        for one in properties["AttributeDefinitions"]
    }
    properties = {
        **{name: value for name, value in body["Properties"].items() if name != "GlobalSecondaryIndexes"},
        "AttributeDefinitions": [one for name, one in defined.items() if name in used],
        **({"GlobalSecondaryIndexes": indexes} if indexes else {}),
    }
    return {**body, "Properties": properties}


def _has_to_wait(there: dict[str, Any], body: dict[str, Any], plan: Plan, describe: Describe) -> bool:
    """Return whether a new ceiling waits: DynamoDB changes throughput or an index at a time."""
    if there["Properties"].get(CEILING) == body["Properties"].get(CEILING):
        return False
    indexes = describe(plan.table).get("GlobalSecondaryIndexes", [])
    return bool(plan.added or plan.removed) or any(index["IndexStatus"] != "ACTIVE" for index in indexes)


def _with_ceiling_of(there: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return the table with the deployed ceiling."""
    properties = {name: value for name, value in body["Properties"].items() if name != CEILING}
    before = {CEILING: there["Properties"][CEILING]} if CEILING in there["Properties"] else {}
    return {**body, "Properties": {**properties, **before}}


def _indexes(properties: dict[str, Any]) -> Indexes:
    return {index["IndexName"]: index for index in properties.get("GlobalSecondaryIndexes", [])}


def _is_same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Compare projections; the order of attributes does not matter."""
    return _sorted(one) == _sorted(other)


def _sorted(index: dict[str, Any]) -> tuple[Any, ...]:
    projection = index["Projection"]
    return index["KeySchema"], projection["ProjectionType"], sorted(projection.get("NonKeyAttributes", []))
