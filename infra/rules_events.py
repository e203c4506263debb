"""Rules for event sources of functions: streams, queues, schedules."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from infra.template import Template, dead_letters, of_type, target

# Lambda's own advice: a message must not come again while a slow batch is still being handled and retried.
VISIBILITY_FACTOR = 6
# Records of a table's stream that start its function; for every other table, all.
WANTED: dict[str, list[dict[str, Any]]] = {
    "AccountsTable": [{"eventName": ["MODIFY", "REMOVE"]}],
    "AuditTable": [{"eventName": ["INSERT"]}],
    "DeliveriesTable": [{"eventName": ["INSERT"], "dynamodb": {"Keys": {"event": {"S": [{"prefix": "own-"}]}}}}],
    "VotesTable": [{"eventName": ["INSERT", "MODIFY"]}],
}
# Functions whose runs are separated by the shard's id, which Lambda adds only with a tumbling window.
WINDOWED = {"ReportsTable"}
MOST_WINDOW_S = 30


def streams_hold_up_nobody(template: Template) -> Iterator[str]:
    for name, properties in _streams(template):
        halves = properties.get("BisectBatchOnFunctionError") is True
        if properties.get("FunctionResponseTypes") != ["ReportBatchItemFailures"] or not halves:
            yield f"{name} repeats whole batches"
        if not 0 < properties.get("MaximumRecordAgeInSeconds", -1) < 24 * 3600:
            yield f"{name} retries until the stream forgets"
        given_up_to = properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
        if target(given_up_to) not in dead_letters(template):
            yield f"{name} drops what it gives up"


def streams_hand_over_what_is_wanted(template: Template) -> Iterator[str]:
    for name, properties in _streams(template):
        table = target(properties["EventSourceArn"])
        patterns = [json.loads(one["Pattern"]) for one in properties.get("FilterCriteria", {}).get("Filters", [])]
        if patterns != WANTED.get(table, []):
            yield f"{name} hands over {patterns or 'everything'}, not {WANTED.get(table) or 'everything'}"
        if table in WINDOWED and not 0 < properties.get("TumblingWindowInSeconds", 0) <= MOST_WINDOW_S:
            yield f"{name} has no window: its function is not told the shard"


def queues_feed_within_bounds(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::EventSourceMapping"):
        properties = body["Properties"]
        if "StartingPosition" in properties:
            continue
        timeout = template["Resources"][target(properties["FunctionName"])]["Properties"]["Timeout"]
        visibility = template["Resources"][target(properties["EventSourceArn"])]["Properties"].get(
            "VisibilityTimeout", 30
        )
        if visibility < VISIBILITY_FACTOR * timeout:
            yield f"{name}: messages come again after {visibility} s, the function may take {timeout} s"
        if properties.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} repeats whole batches"
        if not properties.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield f"{name} may take all that the account can run at once"


def schedules_lose_nothing(template: Template) -> Iterator[str]:
    caught = {
        target(body["Properties"]["FunctionName"])
        for _, body in of_type(template, "AWS::Lambda::EventInvokeConfig")
        if body["Properties"].get("DestinationConfig", {}).get("OnFailure")
    }
    for name, body in of_type(template, "AWS::Events::Rule"):
        for aim in body["Properties"]["Targets"]:
            if target(aim.get("DeadLetterConfig", {}).get("Arn")) not in dead_letters(template):
                yield f"{name} drops what it cannot deliver"
            if target(aim["Arn"]) not in caught:
                yield f"{target(aim['Arn'])} drops what it gives up"


def nothing_is_switched_off(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::EventSourceMapping"):
        if body["Properties"].get("Enabled", True) is not True:
            yield f"{name} brings no events"
    for name, body in of_type(template, "AWS::Events::Rule"):
        if body["Properties"].get("State", "ENABLED") != "ENABLED":
            yield f"{name} does not call"
    for name, body in of_type(template, "AWS::Lambda::Function"):
        if body["Properties"].get("ReservedConcurrentExecutions") == 0:
            yield f"{name} may not run at all"


def _streams(template: Template) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, body in of_type(template, "AWS::Lambda::EventSourceMapping"):
        if "StartingPosition" in body["Properties"]:
            yield name, body["Properties"]


RULES: list[Callable[[Template], Iterator[str]]] = [
    streams_hold_up_nobody,
    streams_hand_over_what_is_wanted,
    queues_feed_within_bounds,
    schedules_lose_nothing,
    nothing_is_switched_off,
]
