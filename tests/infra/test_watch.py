"""Alarms that take a deployment back: those that exist and are calm."""

import boto3
import pytest
from moto import mock_aws

from infra.template import Template, of_type
from infra.watch import TRIGGERS, triggers

STACK = "floodmanager-prod"


def test_an_alarm_that_rings_already_hinders_no_deployment_and_is_named() -> None:
    """Nor does one that is not there yet: CloudFormation would fail for it."""
    with mock_aws():
        client = boto3.client("cloudwatch", region_name="eu-west-2")
        for name in ("api-errors", "sign_in-errors", "another"):
            client.put_metric_alarm(
                AlarmName=f"{STACK}-{name}",
                MetricName="Errors",
                Namespace="AWS/Lambda",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1,
                Statistic="Sum",
                ComparisonOperator="GreaterThanThreshold",
            )
        client.set_alarm_state(AlarmName=f"{STACK}-sign_in-errors", StateValue="ALARM", StateReason="tried")

        calm, ringing = triggers(client, STACK)

    assert [one["Arn"].rpartition(":")[2] for one in calm] == [f"{STACK}-api-errors"]
    assert {one["Type"] for one in calm} == {"AWS::CloudWatch::Alarm"}
    assert ringing == [f"{STACK}-sign_in-errors"]


@pytest.mark.parametrize("name", TRIGGERS)
def test_each_of_these_alarms_is_deployed(templates: dict[str, Template], name: str) -> None:
    alarms = {body["Properties"]["AlarmName"] for _, body in of_type(templates["prod"], "AWS::CloudWatch::Alarm")}

    assert f"{STACK}-{name}" in alarms
    assert len(TRIGGERS) <= 5  # CloudFormation takes no more
