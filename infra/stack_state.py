"""Bring a stack into a state that can be deployed to: `python -m infra.stack_state --stack floodmanager-prod`.

Every deployment does so first (plugin.js). Prints one line if the last operation on the stack did not end well: the
deployment is then complete, whatever the CLI believes to be unchanged.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html has the states. Not tried on AWS.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from infra.aws_times import TIMES

LOOK_EVERY_S, LOOKS = 5.0, 240
# Only deletion is possible. Nothing is left in such a stack but what is retained, which deletion leaves alone.
EMPTY = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS")
HALF_TAKEN_BACK = "UPDATE_ROLLBACK_FAILED"
WELL = ("CREATE_COMPLETE", "UPDATE_COMPLETE")
# API Gateway refuses to take back the settings of a route that is gone, and so a roll-back can end half-way. The next
# deployment writes the whole stage again, so that it may be passed over.
WRITTEN_AGAIN = "HttpApiStage"


class NotReady(Exception):
    """The stack cannot be deployed to. The message says what to do."""


def make_ready(client: Any, stack: str, *, wait: Callable[[float], None] = time.sleep) -> str:
    """Delete an empty stack, or end a roll-back that failed; return what was wrong. Raises NotReady, or botocore's."""
    state = _state(client, stack)
    if not state or state in WELL:
        return ""
    if state in EMPTY:
        client.delete_stack(StackName=stack)
        if _settled(client, stack, wait):
            raise NotReady(f"{stack} is {state} and could not be deleted: see its events.")
    elif state == HALF_TAKEN_BACK:
        failed = [
            one["LogicalResourceId"]
            for page in client.get_paginator("list_stack_resources").paginate(StackName=stack)
            for one in page["StackResourceSummaries"]
            if one["ResourceStatus"] == "UPDATE_FAILED"
        ]
        skipped = [WRITTEN_AGAIN] if WRITTEN_AGAIN in failed else []
        client.continue_update_rollback(StackName=stack, ResourcesToSkip=skipped)
        if _settled(client, stack, wait) != "UPDATE_ROLLBACK_COMPLETE":
            raise NotReady(
                f"{stack} could not be taken back: see its events for {', '.join(failed)}, then deploy again."
            )
    elif state.endswith("_IN_PROGRESS"):
        raise NotReady(f"{stack} is {state}: another deployment is at work. Wait for its end, then deploy again.")
    elif state == "DELETE_FAILED":
        raise NotReady(f"{stack} is {state}: a removal did not end. Repeat it, then deploy again.")
    return f"{stack} was {state}: this deployment is a whole one."


def _state(client: Any, stack: str) -> str:
    """Return the stack's state; empty for none."""
    try:
        return str(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" not in str(error):
            raise
        return ""


def _settled(client: Any, stack: str, wait: Callable[[float], None]) -> str:
    """Return the state once it is final; empty once the stack is gone."""
    for _ in range(LOOKS):
        state = _state(client, stack)
        if not state.endswith("_IN_PROGRESS") or state in EMPTY:
            return state
        wait(LOOK_EVERY_S)
    raise NotReady(f"{stack} is still {state} after {LOOK_EVERY_S * LOOKS:.0f} s. Wait for its end, then deploy again.")


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.stack_state", description="Can it be deployed to?")
    reader.add_argument("--stack", required=True)
    reader.add_argument("--region", default=os.environ.get("AWS_REGION", "eu-west-2"))
    asked = reader.parse_args(arguments)
    client = boto3.client("cloudformation", region_name=asked.region, config=TIMES)
    try:
        said = make_ready(client, asked.stack)
    except NotReady as error:
        print(error, file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"The state of {asked.stack} could not be read: {error}", file=sys.stderr)
        return 1
    print(said, end="\n" if said else "")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
