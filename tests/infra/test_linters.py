"""The linters of others refuse the faults that we leave to them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from infra.lint import LINTERS, cfn_lint, checkov, iam_lint
from infra.template import Template

Write = Callable[[str, Template], Path]
needs_linters = pytest.mark.skipif(not LINTERS.exists(), reason="parliament and checkov are not there: make check")

BROKEN = ("ErasuresQueue", "TilesTable", "ApiErrorsAlarm", "ApiLambdaFunction", "ApiRole")


def only(template: Template, *names: str) -> Template:
    """Return a template of some resources: looking through all of them takes most of a linter's time."""
    return template | {"Resources": {name: template["Resources"][name] for name in names}}


def test_cfn_lint_refuses_every_planted_fault(template: Template, write: Write) -> None:
    resources = template["Resources"]
    statements = resources["ApiRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    resources["ErasuresQueue"]["Properties"]["Nonsense"] = True
    resources["TilesTable"]["Properties"]["AttributeDefinitions"][0]["AttributeName"] = "another"
    resources["ApiErrorsAlarm"]["Properties"]["AlarmActions"] = [{"Ref": "NoTopic"}]
    resources["ApiLambdaFunction"]["Properties"]["Timeout"] = "soon"
    statements[0]["Action"] = "logs:PutLogEventz"

    told = cfn_lint([write("broken", only(template, *BROKEN))])

    wanted = (
        "'Nonsense' was unexpected",
        "E3039",
        "'NoTopic' is not one of",
        "'soon' is not of type",
        "'putlogeventz' is",
    )
    assert [part for part in wanted if part not in told] == []


@needs_linters
def test_parliament_refuses_a_right_on_the_wrong_kind_of_resource(template: Template, write: Write) -> None:
    role = template["Resources"]["EndExpiredRole"]["Properties"]["Policies"][0]["PolicyDocument"]
    role["Statement"][1]["Resource"] = {"Fn::GetAtt": ["ReportsTable", "Arn"]}

    told = iam_lint(write("wrong", template))

    assert "sqs:SendMessage" in told
    assert "No resources match" in told


@needs_linters
def test_parliament_has_nothing_against_any_stage(packaged: dict[str, Path]) -> None:
    assert {stage: iam_lint(file) for stage, file in packaged.items()} == dict.fromkeys(packaged, "")


@needs_linters
def test_checkov_refuses_a_bucket_that_may_become_public(template: Template, write: Write) -> None:
    del template["Resources"]["BackupsBucket"]["Properties"]["PublicAccessBlockConfiguration"]

    assert "CKV_AWS_53" in checkov([write("public", only(template, "BackupsBucket"))])
