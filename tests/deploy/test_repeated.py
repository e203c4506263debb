"""A deployment may fail at any resource: the next `make deploy` then ends well, and nothing that was stored is lost.

The same stage may be in a second region of the account. All without the CLI (operators.py); test_story.py and
test_index_rollout.py go through it.
"""

import json
from collections.abc import Collection
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest

from infra.lint import package
from infra.template import Template
from tests.deploy import cloud as emulated
from tests.deploy.cloud_templates import references
from tests.deploy.conftest import PREFIX
from tests.deploy.operators import BUCKET, DONE, Operator
from tests.deploy.read_back import faults_of

REPORT = {"id": {"S": "rep_kept"}, "title": {"S": "Water over the kerb"}}
VOTE = {"report_id": {"S": "rep_kept"}, "person": {"S": "one"}}
# Resources that the previous release did not have, and all that refer to them go too.
NEW = {"VotesTable", "VoteChangesDeadLetters", "HttpApiRoutePostMeDelete"}
SAMPLE = 2


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    file = package("dev", tmp_path_factory.mktemp("packaged") / "service")
    return dict(json.loads(file.read_text(encoding="utf-8")))


def earlier(template: Template) -> Template:
    """The previous release: without some parts, and with other settings of every function and log."""
    before = deepcopy(template)
    resources, gone = before["Resources"], set(NEW)
    while more := {name for name, body in resources.items() if gone & {*references(body)}} - gone - {"HttpApiStage"}:
        gone |= more
    for name in gone:
        del resources[name]
    before["Outputs"] = {name: body for name, body in before["Outputs"].items() if not gone & {*references(body)}}
    stage = resources["HttpApiStage"]
    stage["DependsOn"] = [name for name in stage["DependsOn"] if name not in gone]
    settings, routes = stage["Properties"]["RouteSettings"], [template["Resources"][name] for name in gone]
    for route in (body["Properties"] for body in routes if body["Type"] == "AWS::ApiGatewayV2::Route"):
        settings.pop(route["RouteKey"], None)
    for body in resources.values():
        if body["Type"] == "AWS::Lambda::Function":
            body["Properties"]["MemorySize"] += 64
        if body["Type"] == "AWS::Logs::LogGroup":
            body["Properties"]["RetentionInDays"] = 7
    return before


def names_of(template: Template) -> list[str]:
    return sorted(name for name, body in template["Resources"].items() if "Condition" not in body and name != BUCKET)


def changed(template: Template) -> list[str]:
    before = earlier(template)["Resources"]
    return [name for name in names_of(template) if template["Resources"][name] != before.get(name)]


def some(names: list[str], config: pytest.Config) -> list[str]:
    """Other ones in each run; the run's own seed repeats them."""
    return Random(config.option.order).sample(names, SAMPLE)


def fail_first(template: Template, names: Collection[str], folder: Path) -> None:
    """Fail the first deployment at each of these resources, and deploy again."""
    for name in names:
        with emulated.running(seed=len(name), linted=False) as account:
            operator = Operator(account, folder)
            failed = operator.deploy(template, fails_at=name)
            was_stored = operator.store("reports", REPORT)

            assert (failed, name) == ("UPDATE_ROLLBACK_COMPLETE", name)
            assert operator.deploy(template) in DONE, name
            assert faults_of(account.resources(PREFIX)) == []
            assert not was_stored or operator.has("reports", {"id": REPORT["id"]}), name


def fail_change(template: Template, names: Collection[str], folder: Path) -> None:
    """Fail the change from the previous release at each of these resources, and deploy again."""
    for name in names:
        with emulated.running(seed=len(name), linted=False) as account:
            operator = Operator(account, folder)
            assert operator.deploy(earlier(template)) in DONE
            operator.store("reports", REPORT)
            failed = operator.deploy(template, fails_at=name)
            # New code may have run already, before all was taken back.
            was_stored = operator.store("votes", VOTE)

            assert (failed, name) == ("UPDATE_ROLLBACK_COMPLETE", name)
            assert operator.deploy(template) in DONE, name
            assert faults_of(account.resources(PREFIX)) == []
            assert operator.has("reports", {"id": REPORT["id"]})
            assert not was_stored or operator.has("votes", VOTE), name


def test_a_first_deployment_that_fails_is_repeated(
    template: Template, pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    fail_first(template, some(names_of(template), pytestconfig), tmp_path)


def test_a_change_that_fails_is_repeated(template: Template, pytestconfig: pytest.Config, tmp_path: Path) -> None:
    fail_change(template, some(changed(template), pytestconfig), tmp_path)


@pytest.mark.long
def test_a_first_deployment_may_fail_at_each_resource(template: Template, tmp_path: Path) -> None:
    fail_first(template, names_of(template), tmp_path)


@pytest.mark.long
def test_a_change_may_fail_at_each_resource(template: Template, tmp_path: Path) -> None:
    assert set(changed(template)) > NEW
    fail_change(template, changed(template), tmp_path)


def test_a_second_region_has_a_deployment_of_its_own(template: Template, tmp_path: Path) -> None:
    """Names that are one space for all regions carry the region."""
    template = {**template, "Conditions": {**template["Conditions"], "HasCdn": {"Fn::Equals": ["on", "on"]}}}
    regions = ("eu-west-2", "eu-central-1")
    with emulated.running(linted=False) as account:
        for region in regions:
            operator = Operator(account, tmp_path, region)
            assert operator.deploy(template) in DONE, operator.failures()
        made = [account.resources(PREFIX, region) for region in regions]

        assert [fault for resources in made for fault in faults_of(resources)] == []
        assert made[0]["AuditBucket"].physical_resource_id != made[1]["AuditBucket"].physical_resource_id
