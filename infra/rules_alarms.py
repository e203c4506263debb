"""Rules for alarms: no failure without a message to the operators."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from infra.template import Template, dead_letters, of_type, target

# Share of a function's limit, in milliseconds of a second.
LATE_MS_PER_S = 800
MOST_PERIODS, MOST_PERIOD_S = 3, 900
MOST_SILENCE_S = 3600  # of a schedule, which may call once an hour
AT_LEAST, UNDER = "GreaterThanOrEqualToThreshold", "LessThanThreshold"


class Rings(NamedTuple):
    """Condition of an alarm: the statistic, and the highest allowed threshold."""

    statistic: str
    most: float
    operator: str = AT_LEAST
    is_silence_bad: bool = False


RINGS = {
    "Errors": Rings("Sum", 1),
    "Throttles": Rings("Sum", 1),
    "5xx": Rings("Sum", 1),
    "ReadThrottleEvents": Rings("Sum", 1),
    "WriteThrottleEvents": Rings("Sum", 1),
    "SystemErrors": Rings("Sum", 1),
    "ApproximateNumberOfMessagesVisible": Rings("Maximum", 1),
    "ApproximateAgeOfOldestMessage": Rings("Maximum", 300),
    # Milliseconds; every_function_has_its_alarms has the limits of each function.
    "Duration": Rings("Maximum", 900_000),
    "IteratorAge": Rings("Maximum", 60_000),
    "Latency": Rings("p99", 3_000),
    # Without an ingest there is no figure, and every_schedule_is_missed has an alarm for that.
    "SourceAge": Rings("Maximum", 3_600),
    # Percent of what the account may run at once.
    "ResourceCount": Rings("Maximum", 80),
    "UnreadableEntries": Rings("Sum", 1),
    "UnreadableDocuments": Rings("Sum", 1),
    "UnreadableWarningDocuments": Rings("Sum", 1),
    "UnratedReports": Rings("Sum", 1),
    "UnusableIndexes": Rings("Sum", 1),
    "FoldingStopped": Rings("Sum", 1),
    "LikelyAlertsHeldBack": Rings("Sum", 1),
    "StaffSignInsNotNoted": Rings("Sum", 1),
    "Reputation.BounceRate": Rings("Maximum", 0.02),
    "Reputation.ComplaintRate": Rings("Maximum", 0.001),
    "Invocations": Rings("Sum", 1, UNDER, is_silence_bad=True),
}
# Expressions of alarms over several metrics, with the meaning of their names.
EXPRESSIONS: dict[str | None, dict[str, str]] = {
    "SUM(FILL(METRICS(), 0))": {},
    "IF(all > 0, 100 * failed / all, 0)": {"all": "Count", "failed": "5xx"},
    "100 * used / SERVICE_QUOTA(used)": {"used": "ResourceCount"},
}
Metric = tuple[str, frozenset[tuple[str, str]]]


def every_alarm_tells_somebody(template: Template) -> Iterator[str]:
    topics = {name for name, _ in of_type(template, "AWS::SNS::Topic")}
    for name, body in of_type(template, "AWS::CloudWatch::Alarm"):
        properties = body["Properties"]
        if (
            not {target(one) for one in properties.get("AlarmActions", [])} & topics
            or properties.get("ActionsEnabled") is False
        ):
            yield f"{name} notifies no one"
        if not properties.get("TreatMissingData"):
            yield f"{name} does not say what silence means"


def every_alarm_can_ring(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::CloudWatch::Alarm"):
        properties = body["Properties"]
        for fault in _deaf(properties):
            yield f"{name} {fault}"
        if not 0 < properties.get("EvaluationPeriods", 0) <= MOST_PERIODS or properties.get("DatapointsToAlarm", 1) > 1:
            yield f"{name} waits for {properties.get('EvaluationPeriods')} periods"


def _deaf(properties: dict[str, Any]) -> Iterator[str]:
    """Return why an alarm would stay silent, or ""."""
    if "MetricName" in properties:
        metrics, statistic = (
            [properties["MetricName"]],
            properties.get("Statistic") or properties.get("ExtendedStatistic"),
        )
        periods, statistics = [properties.get("Period")], {statistic}
    else:
        yield from _miscalculated(properties["Metrics"])
        stats = [one["MetricStat"] for one in properties["Metrics"] if "MetricStat" in one]
        metrics, periods = [stat["Metric"]["MetricName"] for stat in stats], [stat["Period"] for stat in stats]
        statistics = {stat["Stat"] for stat in stats}
    wanted = next((RINGS[metric] for metric in metrics if metric in RINGS), None)
    if wanted is None:
        yield f"looks at {metrics}: rules_alarms.py does not know when that is bad"
        return
    if (
        properties.get("ComparisonOperator") != wanted.operator
        or not properties.get("Threshold", math.inf) <= wanted.most
    ):
        threshold = f"{properties.get('ComparisonOperator')} {properties.get('Threshold')}"
        yield f"rings at {threshold}, not at {wanted.most} at the latest"
    if wanted.operator == UNDER and properties.get("Threshold", 0) < wanted.most:
        yield "never rings: nothing comes under its threshold"
    if statistics != {wanted.statistic}:
        yield f"takes {statistics}, which hides what {wanted.statistic} shows"
    most_s = MOST_SILENCE_S if wanted.is_silence_bad else MOST_PERIOD_S
    if any(not isinstance(period, int) or not 0 < period <= most_s for period in periods):
        yield f"looks once in {periods} s"
    if wanted.is_silence_bad and properties.get("TreatMissingData") != "breaching":
        yield "takes silence for good news"


def _miscalculated(metrics: list[dict[str, Any]]) -> Iterator[str]:
    """Return why an expression is wrong: it must be one of those known to cover all the metrics."""
    returned = [metric for metric in metrics if metric.get("ReturnData", True)]
    named = {metric["Id"]: metric["MetricStat"]["Metric"]["MetricName"] for metric in metrics if "MetricStat" in metric}
    expression = returned[0].get("Expression") if len(returned) == 1 else None
    if expression not in EXPRESSIONS:
        yield f"compares {[one.get('Expression') or one['Id'] for one in returned]}"
    elif EXPRESSIONS[expression] not in ({}, named):
        yield f"calculates with {named}"


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


def limits_of_the_account_are_watched(template: Template) -> Iterator[str]:
    """Check that the operators hear of costs, and of functions that soon no longer start."""
    if not any(metric == "ResourceCount" for metric, _ in _watched(template)):
        yield "no alarm notices that no more functions can run"
    if not list(of_type(template, "AWS::Budgets::Budget")):
        yield "there is no budget"
    if not list(of_type(template, "AWS::CloudWatch::Dashboard")):
        yield "there is no dashboard"


def every_schedule_is_missed(template: Template) -> Iterator[str]:
    watched = _watched(template)
    for _, body in of_type(template, "AWS::Events::Rule"):
        for aim in body["Properties"]["Targets"]:
            if _of("Invocations", FunctionName=target(aim["Arn"])) not in watched:
                yield f"no alarm notices the absence of {target(aim['Arn'])}"


def _of(metric: str, **dimensions: str) -> Metric:
    return metric, frozenset(dimensions.items())


def _watched(template: Template) -> set[Metric]:
    """Return the watched metrics, each with its resource."""
    return {
        (metric["MetricName"], frozenset(_dimension(one) for one in metric.get("Dimensions", [])))
        for _, body in of_type(template, "AWS::CloudWatch::Alarm")
        for metric in _metrics(body["Properties"])
    }


def _metrics(properties: dict[str, Any]) -> list[dict[str, Any]]:
    if "MetricName" in properties:
        return [properties]
    return [one["MetricStat"]["Metric"] for one in properties["Metrics"] if "MetricStat" in one]


def _dimension(one: dict[str, Any]) -> tuple[str, str]:
    value = one["Value"]
    return one["Name"], value if isinstance(value, str) else target(value) or json.dumps(value)


RULES: list[Callable[[Template], Iterator[str]]] = [
    every_alarm_tells_somebody,
    every_alarm_can_ring,
    every_function_has_its_alarms,
    every_stream_has_its_alarm,
    every_queue_has_its_alarm,
    every_table_has_its_alarms,
    the_api_has_its_alarms,
    limits_of_the_account_are_watched,
    every_schedule_is_missed,
]
