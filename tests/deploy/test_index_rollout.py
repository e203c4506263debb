"""A release with two new and three retired indexes is deployed over tables of the previous one, one index at a time.

Each test continues where the previous one ended. test_story.py shows that a fresh account gets everything at once.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.cli import Said, Service
from tests.deploy.cloud import REGION, Cloud
from tests.deploy.cloud_tables import ONE_AT_A_TIME
from tests.deploy.conftest import PREFIX
from tests.deploy.functions import Functions
from tests.deploy.read_back import faults_of

pytestmark = pytest.mark.story

BEFORE = Path(__file__).parents[1] / "samples" / "releases" / "dynamodb_before_leaving.yml"
FRAGMENT = "infra/dynamodb.yml"
TABLE = f"{PREFIX}-reports"
PLACE = {"lat": 51.0435, "lon": -2.827}
REPORT = {"location": PLACE, "depth_cm": 30, "title": "Water over the kerb", "place": "public"}
LISTS = (
    "/v1/reports",
    "/v1/reports?bbox=-2.9,51,-2.8,51.1",
    "/v1/reports?lat=51.0435&lon=-2.827&radius_km=5",
    "/v1/reports?updated_since=2026-01-01T00:00:00Z",
)
# Each time another process: one asks once a minute which indexes are complete.
AHEAD = (timedelta(minutes=2 * number) for number in count(1))
# Its name is taken by then, and it comes after the table: the deployment is taken back with the index on its way.
TAKEN = """  TakenLogGroup:
    Type: AWS::Logs::LogGroup
    DependsOn: ReportsTable
    Properties: {LogGroupName: /taken, RetentionInDays: 1}
  TilesTable:
"""


def _names(fragment: str) -> list[str]:
    table = yaml.safe_load(fragment)["Resources"]["ReportsTable"]["Properties"]
    return [index["IndexName"] for index in table["GlobalSecondaryIndexes"]]


PLACE_INDEX = {
    "IndexName": "entries_by_place",
    "KeySchema": [
        {"AttributeName": "place_shard", "KeyType": "HASH"},
        {"AttributeName": "sort", "KeyType": "RANGE"},
    ],
    "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["entry"]},
}


def _with_place(fragment: str) -> str:
    """Add the index that an earlier deployment of this release has added, as any other new one."""
    whole = yaml.safe_load(fragment)
    table = whole["Resources"]["ReportsTable"]["Properties"]
    table["AttributeDefinitions"].append({"AttributeName": "place_shard", "AttributeType": "S"})
    names = [index["IndexName"] for index in table["GlobalSecondaryIndexes"]]
    table["GlobalSecondaryIndexes"].insert(names.index("by_account"), PLACE_INDEX)
    return yaml.safe_dump(whole, sort_keys=False)


TABLES_BEFORE = _with_place(BEFORE.read_text(encoding="utf-8"))
OLD = _names(TABLES_BEFORE)
NEW = ["by_severity", "by_status"]  # made up
RETIRED = ["by_cell", "by_day", "by_change"]
LASTING = [name for name in OLD if name not in RETIRED]
ALARMS = "infra/alarms_tables.yml"
# Our rules ask for them.
ALARM = """  TriedIndexesAlarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      <<: *alarm
      AlarmName: ${self:custom.prefix}-tried-indexes
      Metrics:
        - *total
"""
METRIC = """        - Id: %s_%s
          ReturnData: false
          MetricStat:
            {<<: *sum, Metric: {<<: *%s, Dimensions: [*reports, {Name: GlobalSecondaryIndexName, Value: %s}]}}
"""


@pytest.fixture(scope="module")
def present(service: Service) -> str:
    """The fragment of this release, with two indexes more; and their alarms, and those of the retired ones."""
    metrics = [METRIC % (name, kind, kind, name) for name in (*RETIRED, *NEW) for kind in ("reads", "writes")]
    with (service.folder / ALARMS).open("a", encoding="utf-8") as file:
        file.write(ALARM + "".join(metrics))
    return _changed((service.folder / FRAGMENT).read_text(encoding="utf-8"), _add_new)


@pytest.fixture(scope="module")
def earlier(cloud: Cloud, service: Service, present: str) -> str:
    """Deploy the previous release's tables, then put this release's files there. Returns the deployment's timestamp."""
    (service.folder / FRAGMENT).write_text(TABLES_BEFORE, encoding="utf-8")
    said = service.run("deploy")
    assert said.code == 0, said.text
    service.keep_artifact()
    assert _statuses(cloud) == dict.fromkeys(OLD, "ACTIVE")
    (service.folder / FRAGMENT).write_text(present, encoding="utf-8")
    return _first_deployment(service)


def _first_deployment(service: Service) -> str:
    """Of those that the bucket still keeps."""
    return re.findall(r"Timestamp: (\d+)", service.run("deploy", "list").text)[0]


@pytest.fixture(scope="module")
def deployed(earlier: str) -> str:
    """For `functions`."""
    return earlier


@pytest.fixture
def deploy(service: Service, earlier: str) -> Callable[[], Said]:
    def run() -> Said:
        said = service.run("deploy")
        assert said.code == 0, said.text
        return said

    return run


Deploy = Callable[[], Said]


def _statuses(cloud: Cloud) -> dict[str, str]:
    told = cloud.clients("dynamodb").describe_table(TableName=TABLE)["Table"]
    return {index["IndexName"]: index["IndexStatus"] for index in told["GlobalSecondaryIndexes"]}


def _in_the_stack(cloud: Cloud) -> list[str]:
    found = cloud.resources(PREFIX)["ReportsTable"].properties["GlobalSecondaryIndexes"]
    return [index["IndexName"] for index in found]


def _about_indexes(said: Said) -> list[str]:
    """Without the second time, at the end."""
    return list(dict.fromkeys(line for line in said.text.splitlines() if line.startswith(f"{TABLE}: ")))


def _read(functions: Functions) -> dict[str, list[str]]:
    """The reports that each list gives, asked of a process that has just learnt which indexes are complete."""
    ahead = next(AHEAD)
    answers = {path: functions.request("GET", path, ahead=ahead) for path in LISTS}
    assert {answer.status for answer in answers.values()} == {200}, answers
    return {path: [report["id"] for report in answer.body["items"]] for path, answer in answers.items()}


def test_a_release_is_refused_while_what_it_reads_is_not_filled(cloud: Cloud, service: Service, earlier: str) -> None:
    before = cloud.resources(PREFIX).writes

    said = service.run("deploy")

    assert said.code != 0
    assert "this release reads only the index entries_by_cell, which is not there or not filled yet" in said.text
    assert cloud.resources(PREFIX).writes == before


@pytest.fixture(scope="module")
def everywhere(functions: Functions) -> dict[str, list[str]]:
    """A report that every list holds; with it, as the first one, the indexes are noted as filled."""
    filed = functions.request("POST", "/v1/reports", REPORT, Idempotency_Key="a-report-rollout-0001")
    functions.deliver_stream("report_changed")
    return {key: [filed.body["id"]] for key in LISTS}


def test_the_code_reads_tables_of_the_release_before(functions: Functions, everywhere: dict[str, list[str]]) -> None:
    assert _read(functions) == everywhere


def test_the_packaged_template_alone_would_be_refused(cloud: Cloud, service: Service, earlier: str) -> None:
    packaged = service.run("package")
    [file] = (service.folder / ".serverless").glob("cloudformation-template-update-stack.json")

    client = cloud.clients("cloudformation")
    template = client.get_template(StackName=PREFIX)["TemplateBody"]
    # This table alone: whether others would get an index before it depends on the order.
    template["Resources"]["ReportsTable"] = json.loads(file.read_text(encoding="utf-8"))["Resources"]["ReportsTable"]
    bucket = cloud.resources(PREFIX)["ServerlessDeploymentBucket"].physical_resource_id
    cloud.clients("s3").put_object(Bucket=bucket, Key="packaged.json", Body=json.dumps(template).encode())
    client.update_stack(StackName=PREFIX, TemplateURL=f"https://s3.{REGION}.amazonaws.com/{bucket}/packaged.json")
    events = client.describe_stack_events(StackName=PREFIX)["StackEvents"]

    assert packaged.code == 0, packaged.text
    assert ONE_AT_A_TIME in [each.get("ResourceStatusReason") for each in events]
    assert _statuses(cloud) == dict.fromkeys(OLD, "ACTIVE")


def test_the_first_deployment_adds_the_first_index_and_says_what_comes_next(
    cloud: Cloud, deploy: Deploy, functions: Functions, everywhere: dict[str, list[str]]
) -> None:
    said = deploy()

    assert _statuses(cloud) == {**dict.fromkeys(OLD, "ACTIVE"), NEW[0]: "CREATING"}
    removals = ", ".join(f"the removal of {name}" for name in RETIRED)
    assert _about_indexes(said) == [
        (
            f"{TABLE}: this deployment adds the index {NEW[0]}; still to come: {NEW[1]}, {removals}. "
            f"Next: flask backfill {NEW[0]}, then deploy again."
        )
    ]
    assert _read(functions) == everywhere


def test_a_deployment_meanwhile_is_accepted_and_adds_none(cloud: Cloud, deploy: Deploy) -> None:
    said = deploy()

    assert _in_the_stack(cloud) == [*OLD, NEW[0]]
    assert f"{NEW[0]} is CREATING in DynamoDB. Next: deploy again once it is ACTIVE" in _about_indexes(said)[0]
    cloud.settle_indexes()


def test_a_failed_deployment_leaves_its_index_behind_and_the_next_one_says_how_to_go_on(
    cloud: Cloud, service: Service, deploy: Deploy
) -> None:
    cloud.clients("logs").create_log_group(logGroupName="/taken")
    service.replace(FRAGMENT, "  TilesTable:\n", TAKEN)
    failed = service.run("deploy")
    service.replace(FRAGMENT, TAKEN, "  TilesTable:\n")
    assert failed.code != 0
    assert _statuses(cloud)[NEW[1]] == "CREATING"
    assert _in_the_stack(cloud) == [*OLD, NEW[0]]

    said = deploy()
    [line] = _about_indexes(said)
    assert f"{NEW[1]} is left from a deployment that was taken back" in line
    assert _in_the_stack(cloud) == [*OLD, NEW[0]]

    _do_as_told(cloud, line)
    cloud.settle_indexes()
    assert NEW[1] not in _statuses(cloud)


def _do_as_told(cloud: Cloud, line: str) -> None:
    [(table, updates)] = re.findall(
        r"aws dynamodb update-table --table-name (\S+) --global-secondary-index-updates '(.*?)'", line
    )
    cloud.clients("dynamodb").update_table(TableName=table, GlobalSecondaryIndexUpdates=json.loads(updates))


def test_the_following_deployments_add_the_other_and_remove_the_retired_ones(
    cloud: Cloud, deploy: Deploy, functions: Functions, everywhere: dict[str, list[str]]
) -> None:
    said = [deploy().text]
    for _ in RETIRED:
        cloud.settle_indexes()
        said.append(deploy().text)
        assert _read(functions) == everywhere
    cloud.settle_indexes()

    assert f"adds the index {NEW[1]}; still to come: the removal of by_cell, the removal of by_day" in said[0]
    assert "removes the index by_cell; still to come: the removal of by_day, the removal of by_change." in said[1]
    assert "removes the index by_day; still to come: the removal of by_change. Next: deploy again." in said[2]
    assert f"{TABLE}: this deployment removes the index by_change.\n" in said[3]
    assert _statuses(cloud) == dict.fromkeys([*LASTING, *NEW], "ACTIVE")
    assert faults_of(cloud.resources(PREFIX)) == []
    assert functions.rights.refused == []


def test_nothing_has_to_be_filled_again(service: Service) -> None:
    said = service.flask("backfill")

    assert (said.code, "Complete: everything was already." in said.text) == (0, True), said.text


def test_a_rollback_to_the_release_before_changes_no_index_and_answers_the_same(
    cloud: Cloud,
    service: Service,
    deploy: Deploy,
    earlier: str,
    functions: Functions,
    everywhere: dict[str, list[str]],
) -> None:
    said = service.run("rollback", "--timestamp", earlier)

    assert said.code == 0, said.text
    assert f"{TABLE}: kept, though this template does not name it: {', '.join(NEW)}." in said.text
    assert _statuses(cloud) == dict.fromkeys([*LASTING, *NEW], "ACTIVE")
    assert _read(functions) == everywhere
    assert _about_indexes(deploy()) == []


def test_a_changed_index_under_its_name_is_refused_before_anything_is_done(
    cloud: Cloud, service: Service, present: str
) -> None:
    before = cloud.resources(PREFIX).writes
    _put(service, _changed(present, lambda table: _index(table, NEW[0]).update(Projection={"ProjectionType": "ALL"})))

    said = service.run("deploy")

    assert said.code != 0
    assert f"the index {NEW[0]} is another than the deployed one" in said.text
    assert cloud.resources(PREFIX).writes == before


def test_no_rollback_to_a_release_that_reads_a_removed_index(
    cloud: Cloud, service: Service, deploy: Deploy, present: str
) -> None:
    """The first deployments had one of the two new indexes, and not the other that is read in its place."""
    _put(service, _changed(present, _retire_first))
    removed = deploy()
    cloud.settle_indexes()
    before = cloud.resources(PREFIX).writes

    said = service.run("rollback", "--timestamp", _first_deployment(service))
    unknown = service.run("rollback", "--timestamp", "1700000000000")

    assert f"removes the index {NEW[0]}." in removed.text
    assert (said.code, unknown.code) == (1, 1)
    assert f"the release of then reads the index {NEW[0]}, which has been removed" in said.text
    assert "Couldn't find a deployment for the timestamp" in unknown.text
    assert cloud.resources(PREFIX).writes == before


def _put(service: Service, fragment: str) -> None:
    (service.folder / FRAGMENT).write_text(fragment, encoding="utf-8")


def _changed(fragment: str, change: Callable[[dict[str, Any]], None]) -> str:
    whole = yaml.safe_load(fragment)
    change(whole["Resources"]["ReportsTable"])
    return yaml.safe_dump(whole, sort_keys=False)


def _add_new(table: dict[str, Any]) -> None:
    for name in NEW:
        key = name.removeprefix("by_")
        table["Properties"]["AttributeDefinitions"].append({"AttributeName": key, "AttributeType": "S"})
        schema = [{"AttributeName": key, "KeyType": "HASH"}, {"AttributeName": "sort", "KeyType": "RANGE"}]
        index = {"IndexName": name, "KeySchema": schema, "Projection": {"ProjectionType": "KEYS_ONLY"}}
        table["Properties"]["GlobalSecondaryIndexes"].append(index)


def _index(table: dict[str, Any], name: str) -> dict[str, Any]:
    [found] = [index for index in table["Properties"]["GlobalSecondaryIndexes"] if index["IndexName"] == name]
    return found


def _retire_first(table: dict[str, Any]) -> None:
    table["Metadata"]["RetiredIndexes"][NEW[0]] = NEW[1]
    table["Properties"]["GlobalSecondaryIndexes"].remove(_index(table, NEW[0]))
    definitions = table["Properties"]["AttributeDefinitions"]
    definitions.remove({"AttributeName": NEW[0].removeprefix("by_"), "AttributeType": "S"})
