"""Our own rules for alarms: nothing fails without telling somebody."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from infra.template import Template, dead_letters, of_type, target

# Of what a function may take (milliseconds of a second).
LATE_MS_PER_S = 800
Metric = tuple[str, frozenset[tuple[str, str]]]


def every_alarm_tells_somebody(template: Template) -> Iterator[str]:
    topics = {name for name, _ in of_type(template, "AWS::SNS::Topic")}
    for name, body in of_type(template, "AWS::CloudWatch::Alarm"):
        told = body["Properties"]
        if not {target(one) for one in told.get("AlarmActions", [])} & topics or told.get("ActionsEnabled") is False:
            yield f"{name} tells nobody"
        if not told.get("TreatMissingData"):
            yield f"{name} does not say what silence means"


def every_function_has_its_alarms(template: Template) -> Iterator[str]:
    watched = _watched(template)
    late = {
        target(body["Properties"]["Dimensions"][0]["Value"]): body["Properties"]["Threshold"]
        for _, body in of_type(template, "AWS::CloudWatch::Alarm")
        if body["Properties"].get("MetricName") == "Duration"
    }
    for name, body in of_type(template, "AWS::Lambda::Function"):
        for metric in ("Errors", "Throttles", "Duration"):
            if _of(metric, FunctionName=name) not in watched:
                yield f"{name} has no alarm for {metric}"
        if late.get(name, 0) > LATE_MS_PER_S * body["Properties"]["Timeout"]:
            yield f"{name} times out before its alarm"


def every_stream_has_its_alarm(template: Template) -> Iterator[str]:
    watched = _watched(template)
    for name, body in of_type(template, "AWS::Lambda::EventSourceMapping"):
        function = target(body["Properties"]["FunctionName"])
        if "StartingPosition" in body["Properties"] and _of("IteratorAge", FunctionName=function) not in watched:
            yield f"{name} may fall behind unseen"


def every_queue_has_its_alarm(template: Template) -> Iterator[str]:
    watched, dead = _watched(template), dead_letters(template)
    for name, _ in of_type(template, "AWS::SQS::Queue"):
        metric = "ApproximateNumberOfMessagesVisible" if name in dead else "ApproximateAgeOfOldestMessage"
        if _of(metric, QueueName=name) not in watched:
            yield f"{name} has no alarm for {metric}"


def every_table_has_its_alarms(template: Template) -> Iterator[str]:
    watched = _watched(template)
    for name, body in of_type(template, "AWS::DynamoDB::Table"):
        for metric in ("ReadThrottleEvents", "WriteThrottleEvents"):
            indexes = [index["IndexName"] for index in body["Properties"].get("GlobalSecondaryIndexes", [])]
            places = [{}, *({"GlobalSecondaryIndexName": index} for index in indexes)]
            for place in places:
                if _of(metric, TableName=name, **place) not in watched:
                    yield f"{name} has no alarm for {metric} {place or ''}"
        if not any(kind == "SystemErrors" and ("TableName", name) in place for kind, place in watched):
            yield f"{name} has no alarm for SystemErrors"


def the_api_has_its_alarms(template: Template) -> Iterator[str]:
    watched = _watched(template)
    for name, _ in of_type(template, "AWS::ApiGatewayV2::Api"):
        for metric in ("5xx", "Latency"):
            if _of(metric, ApiId=name) not in watched:
                yield f"{name} has no alarm for {metric}"


def every_schedule_is_missed(template: Template) -> Iterator[str]:
    watched = _watched(template)
    for _, body in of_type(template, "AWS::Events::Rule"):
        for aim in body["Properties"]["Targets"]:
            if _of("Invocations", FunctionName=target(aim["Arn"])) not in watched:
                yield f"nobody would miss {target(aim['Arn'])}"


def _of(metric: str, **dimensions: str) -> Metric:
    return metric, frozenset(dimensions.items())


def _watched(template: Template) -> set[Metric]:
    """What the alarms look at: the metric, and of which resource."""
    return {
        (metric["MetricName"], frozenset(_dimension(one) for one in metric["Dimensions"]))
        for _, body in of_type(template, "AWS::CloudWatch::Alarm")
        for metric in _metrics(body["Properties"])
    }


def _metrics(told: dict[str, Any]) -> list[dict[str, Any]]:
    if "MetricName" in told:
        return [told]
    return [one["MetricStat"]["Metric"] for one in told["Metrics"] if "MetricStat" in one]


def _dimension(one: dict[str, Any]) -> tuple[str, str]:
    value = one["Value"]
    return one["Name"], value if isinstance(value, str) else target(value) or json.dumps(value)


RULES: list[Callable[[Template], Iterator[str]]] = [
    every_alarm_tells_somebody,
    every_function_has_its_alarms,
    every_stream_has_its_alarm,
    every_queue_has_its_alarm,
    every_table_has_its_alarms,
    the_api_has_its_alarms,
    every_schedule_is_missed,
]
