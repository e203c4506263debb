"""Planted faults: the real CLI refuses to deploy them, by CloudFormation's schema or our rules, and makes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.deploy import cloud as emulated
from tests.deploy.cli import copied_service
from tests.deploy.cloud import Cloud
from tests.deploy.conftest import left

QUEUES = "infra/queues.yml"
REDRIVE = """      RedrivePolicy:
        deadLetterTargetArn:
          Fn::GetAtt: [ErasuresDeadLetters, Arn]
        maxReceiveCount: 5
"""
NEW_FUNCTION = """
  count_drops:
    handler: handlers/end_expired.handler
    role: EndExpiredRole
    timeout: 60

resources:
"""


class Fault(NamedTuple):
    """A planted fault, and the words that the refusal must contain."""

    file: str
    old: str
    new: str
    named: str


FAULTS = {
    "unknown property": Fault(QUEUES, REDRIVE, f"{REDRIVE}      Colour: blue\n", "Colour"),
    "dangling reference": Fault(
        "infra/storage.yml", "    Value:\n      Ref: BackupsBucket\n", "    Value:\n      Ref: NoBucket\n", "NoBucket"
    ),
}
# What CloudFormation would take and our rules refuse, all in one deployment: each must be named.
AGAINST_OUR_RULES = [
    Fault("infra/iam_leaving.yml", "sqs:ReceiveMessage", "sqs:*", "EraseAccountsRole allows"),
    Fault(QUEUES, REDRIVE, "", "ErasuresQueue has no dead letters"),
    Fault("serverless.yml", "\nresources:\n", NEW_FUNCTION, "CountUnderscoredropsLambdaFunction has no alarm"),
    Fault(
        "infra/environment.yml",
        "\nFLOOD_LOG_LEVEL:",
        "\nFLOOD_SECRET: not-to-be-told\nFLOOD_LOG_LEVEL:",
        "ApiLambdaFunction has FLOOD_SECRET in its environment",
    ),
    Fault("serverless.yml", "          tumblingWindowInSeconds: 2\n", "", "has no window"),
]
# The CLI makes its own bucket and we our keys before CloudFormation can read a whole template.
BEFORE_THE_TEMPLATE = {"buckets"}


@pytest.fixture
def account() -> Iterator[Cloud]:
    with emulated.running() as cloud:
        yield cloud


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_refused_and_nothing_is_made(name: str, account: Cloud, tmp_path: Path) -> None:
    fault = FAULTS[name]
    service = copied_service(tmp_path / "service", account.url)
    service.take_any_artifact()
    service.replace(fault.file, fault.old, fault.new)

    said = service.run("deploy")

    assert said.code != 0
    assert fault.named in said.text, said.text
    assert {types for types, there in left(account).items() if there} <= BEFORE_THE_TEMPLATE


def test_what_breaks_our_rules_is_refused_with_every_reason_and_nothing_is_made(account: Cloud, tmp_path: Path) -> None:
    service = copied_service(tmp_path / "service", account.url)
    service.take_any_artifact()
    for fault in AGAINST_OUR_RULES:
        service.replace(fault.file, fault.old, fault.new)

    said = service.run("deploy")

    assert said.code != 0
    assert [fault.named for fault in AGAINST_OUR_RULES if fault.named not in said.text] == [], said.text
    assert {types for types, there in left(account).items() if there} <= BEFORE_THE_TEMPLATE
