"""Rules for event sources of functions: streams, queues, schedules."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from infra.template import Template, dead_letters, of_type, target

# Lambda's own advice: a message must not come again while a slow batch is still being handled and retried.
VISIBILITY_FACTOR = 6
_ADDED, _NEW = {"eventName": ["INSERT"]}, {"eventName": ["INSERT", "MODIFY"]}
_OF_REPORTS = {"Keys": {"id": {"S": [{"prefix": "rep_"}]}}}
FAN_OUT = "FanUnderscoreoutLambdaFunction"
# Records of a table's stream that start a function; for every other pair of both, all.
WANTED: dict[tuple[str, str], list[dict[str, Any]]] = {
    ("AccountsTable", "AccountUnderscorechangedLambdaFunction"): [{"eventName": ["MODIFY", "REMOVE"]}],
    ("AuditTable", "AuditUnderscorechangedLambdaFunction"): [_ADDED],
    ("DeliveriesTable", "DeliveryUnderscoreaddedLambdaFunction"): [
        _ADDED | {"dynamodb": {"Keys": {"event": {"S": [{"prefix": "own-"}, {"prefix": "s-"}]}}}}
    ],
    ("VotesTable", "VoteUnderscorechangedLambdaFunction"): [_NEW],
    ("WarningsTable", FAN_OUT): [_NEW | {"dynamodb": {"Keys": {"id": {"S": [{"prefix": "wrn_"}]}}}}],
    ("ReportsTable", FAN_OUT): [
        _NEW | {"dynamodb": _OF_REPORTS | {"NewImage": {"status": {"S": ["verified"]}}}},
        _NEW | {"dynamodb": _OF_REPORTS | {"NewImage": {"confidence": {"S": ["likely", "high"]}}}},
    ],
}
# Functions whose runs are separated by the shard's id, which Lambda adds only with a tumbling window.
WINDOWED = {"ReportUnderscorechangedLambdaFunction"}
MOST_READERS = 2  # of a stream: with more, DynamoDB throttles its shards
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
        table, function = target(properties["EventSourceArn"]), target(properties["FunctionName"])
        patterns = [json.loads(one["Pattern"]) for one in properties.get("FilterCriteria", {}).get("Filters", [])]
        wanted = WANTED.get((table, function), [])
        if patterns != wanted:
            yield f"{name} hands over {patterns or 'everything'}, not {wanted or 'everything'}"
        if function in WINDOWED and not 0 < properties.get("TumblingWindowInSeconds", 0) <= MOST_WINDOW_S:
            yield f"{name} has no window: its function is not told the shard"


def streams_have_few_readers(template: Template) -> Iterator[str]:
    readers = Counter(target(properties["EventSourceArn"]) for _, properties in _streams(template))
    for table, count in readers.items():
        if count > MOST_READERS:
            yield f"{table} has {count} readers of its stream"


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
    streams_have_few_readers,
    queues_feed_within_bounds,
    schedules_lose_nothing,
    nothing_is_switched_off,
]
