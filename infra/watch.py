"""Choose the alarms that take a deployment back: `python -m infra.watch --stack floodmanager-prod --output FILE`.

CloudFormation takes an update back if one of these goes off while it runs or in the minutes after. One that does not
exist yet would fail the update ("If a specified trigger is missing, the entire stack operation fails and is rolled
back", https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackTrigger.html), and one that rings
already would prevent the very deployment that repairs its cause: both are left out, and the second is said. Not tried
on real AWS.
"""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.aws_times import TIMES

# Five are allowed. What people notice first: answers, reports, sign-ins, the map.
TRIGGERS = ("api-error-rate", "api-errors", "file_report-errors", "sign_in-errors", "report_changed-errors")


def triggers(client: Any, stack: str) -> tuple[list[dict[str, str]], list[str]]:
    """Return the triggers for CloudFormation, and the names of alarms that ring already. Raises botocore's errors."""
    names = [f"{stack}-{name}" for name in TRIGGERS]
    found = client.describe_alarms(AlarmNames=names)["MetricAlarms"]
    calm = [{"Arn": one["AlarmArn"], "Type": "AWS::CloudWatch::Alarm"} for one in found if one["StateValue"] != "ALARM"]
    return calm, [one["AlarmName"] for one in found if one["StateValue"] == "ALARM"]


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.watch", description="What takes a deployment back?")
    reader.add_argument("--stack", required=True)
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    reader.add_argument("--minutes", type=int, default=0, help="how long to watch after the deployment")
    reader.add_argument("--output", required=True, type=Path)
    asked = reader.parse_args(arguments)
    try:
        calm, ringing = triggers(boto3.client("cloudwatch", region_name=asked.region, config=TIMES), asked.stack)
    except (BotoCoreError, ClientError) as error:
        print(f"The alarms of {asked.stack} could not be read: {error}", file=sys.stderr)
        return 1
    watched = {"MonitoringTimeInMinutes": asked.minutes, "RollbackTriggers": calm} if calm else {}
    asked.output.write_text(json.dumps(watched), encoding="utf-8")
    if ringing:
        print(f"Not watched, because they ring already: {', '.join(ringing)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
