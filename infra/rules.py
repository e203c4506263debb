"""Our own rules for a packaged CloudFormation template: `python -m infra.rules FILE...` says what breaks them.

Every deployment asks before it makes anything (plugin.js), and so do the tests.
What linters of others can see is left to them (infra/lint.py). rules_rights.py holds the rules for rights and secrets,
rules_alarms.py those for alarms.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from infra import rules_alarms, rules_rights
from infra.template import Template, dead_letters, name_of, of_type, statements, target

ROOT = Path(__file__).parents[1]
DEAD_LETTERS_LIVE_S = 14 * 24 * 3600
API_TIMEOUT_S = 15
# Lambda's own advice: a message must not come again while a slow batch is still in hand and tried once more.
VISIBILITY_FACTOR = 6
# Made by the CLI; what is in it can be built again.
BUILT_AGAIN = {"ServerlessDeploymentBucket"}
LOGGED = {
    "requestId", "requestTime", "httpMethod", "path", "routeKey", "status", "responseLength", "responseLatency",
    "integrationLatency", "integrationStatus", "error.message",
}  # fmt: skip


def faults(template: Template) -> list[str]:
    """All that is wrong with a template, one sentence each; none for a right one."""
    return [f"{rule.__name__}: {fault}" for rule in RULES for fault in rule(template)]


def what_holds_data_is_kept(template: Template) -> Iterator[str]:
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue")
    for name, body in of_type(template, *kinds):
        if name not in BUILT_AGAIN and not body.get("DeletionPolicy") == body.get("UpdateReplacePolicy") == "Retain":
            yield f"{name} is lost with its stack"


def tables_are_recoverable(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::DynamoDB::Table"):
        told = body["Properties"]
        if told.get("PointInTimeRecoverySpecification") != {"PointInTimeRecoveryEnabled": True}:
            yield f"{name} has no point-in-time recovery"
        if told.get("DeletionProtectionEnabled") is not True:
            yield f"{name} can be deleted by a mistake"
        if told.get("SSESpecification") != {"SSEEnabled": True}:
            yield f"{name} is not encrypted by KMS"
        if told.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name} has a fixed capacity"


def buckets_are_private(template: Template) -> Iterator[str]:
    shut = {target(body["Properties"]["Bucket"]) for _, body in _with_tls_only(template, "AWS::S3::BucketPolicy")}
    for name, body in of_type(template, "AWS::S3::Bucket"):
        told = body["Properties"]
        if set(told.get("PublicAccessBlockConfiguration", {}).values()) != {True}:
            yield f"{name} may become public"
        if "BucketEncryption" not in told:
            yield f"{name} is not encrypted"
        if name not in shut:
            yield f"{name} answers without TLS"
        if name not in BUILT_AGAIN and told.get("VersioningConfiguration") != {"Status": "Enabled"}:
            yield f"{name} keeps no versions"


def queues_lose_nothing(template: Template) -> Iterator[str]:
    dead = dead_letters(template)
    shut = {
        target(queue)
        for _, body in _with_tls_only(template, "AWS::SQS::QueuePolicy")
        for queue in body["Properties"]["Queues"]
    }
    for name, body in of_type(template, "AWS::SQS::Queue"):
        told = body["Properties"]
        if told.get("MessageRetentionPeriod") != DEAD_LETTERS_LIVE_S:
            yield f"{name} does not keep messages for 14 days"
        if told.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"
        if name not in shut:
            yield f"{name} answers without TLS"
        if name not in dead and told.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 5:
            yield f"{name} has no dead letters after five tries or more"


def _with_tls_only(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, body in of_type(template, kind):
        conditions = [told.get("Condition") for told in statements(body) if told["Effect"] == "Deny"]
        if any(str(told.get("Bool", {}).get("aws:SecureTransport")).lower() == "false" for told in conditions if told):
            yield name, body


def streams_hold_up_nobody(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::EventSourceMapping"):
        told = body["Properties"]
        if "StartingPosition" not in told:
            continue
        if told.get("FunctionResponseTypes") != ["ReportBatchItemFailures"] or not told.get(
            "BisectBatchOnFunctionError"
        ):
            yield f"{name} repeats whole batches"
        if not 0 < told.get("MaximumRecordAgeInSeconds", -1) < 24 * 3600:
            yield f"{name} retries until the stream forgets"
        if target(told.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")) not in dead_letters(
            template
        ):
            yield f"{name} drops what it gives up"


def queues_feed_within_bounds(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::Lambda::EventSourceMapping"):
        told = body["Properties"]
        if "StartingPosition" in told:
            continue
        timeout = template["Resources"][target(told["FunctionName"])]["Properties"]["Timeout"]
        visibility = template["Resources"][target(told["EventSourceArn"])]["Properties"].get("VisibilityTimeout", 30)
        if visibility < VISIBILITY_FACTOR * timeout:
            yield f"{name}: messages come again after {visibility} s, the function may take {timeout} s"
        if told.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
            yield f"{name} repeats whole batches"
        if not told.get("ScalingConfig", {}).get("MaximumConcurrency"):
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


def functions_are_ours_and_end_in_time(template: Template) -> Iterator[str]:
    behind_api = {
        target(body["Properties"]["IntegrationUri"]) for _, body in of_type(template, "AWS::ApiGatewayV2::Integration")
    }
    for name, body in of_type(template, "AWS::Lambda::Function"):
        told = body["Properties"]
        folder, _, handler = told["Handler"].partition("/")
        if folder != "handlers" or not (ROOT / "handlers" / f"{handler.removesuffix('.handler')}.py").exists():
            yield f"{name} enters by {told['Handler']}"
        if name in behind_api and told["Timeout"] > API_TIMEOUT_S:
            yield f"{name} may take {told['Timeout']} s, longer than its caller waits"


def logs_end(template: Template) -> Iterator[str]:
    groups = dict(of_type(template, "AWS::Logs::LogGroup"))
    named = {body["Properties"]["LogGroupName"] for body in groups.values()}
    for name, body in groups.items():
        if not body["Properties"].get("RetentionInDays"):
            yield f"{name} is kept for ever"
    for name, _ in of_type(template, "AWS::Lambda::Function"):
        if f"/aws/lambda/{name_of(template, name)}" not in named:
            yield f"{name} makes a log group of its own, kept for ever"


def the_api_is_throttled_and_discreet(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::ApiGatewayV2::Stage"):
        told = body["Properties"]
        for route in (told.get("DefaultRouteSettings", {}), *told.get("RouteSettings", {}).values()):
            if not route.get("ThrottlingRateLimit") or not route.get("ThrottlingBurstLimit"):
                yield f"{name} takes as many requests as there are"
        written = told.get("AccessLogSettings", {}).get("Format", "")
        asked = {part.split('"')[0] for part in written.split("$context.")[1:]}
        if not asked or not asked <= LOGGED:
            yield f"{name} logs {sorted(asked - LOGGED) or 'nothing'}"


def the_cdn_speaks_tls_and_mixes_nobody(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::CloudFront::Distribution"):
        text = str(body)
        if "TLSv1.2_2021" not in text or "'https-only'" not in text or "allow-all" in text:
            yield f"{name} speaks without TLS 1.2"
    for name, body in of_type(template, "AWS::CloudFront::CachePolicy"):
        key = body["Properties"]["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"]
        if not {"Accept", "Authorization"} <= set(key["HeadersConfig"].get("Headers", [])):
            yield f"{name} gives one person's answer to another"
        if key["CookiesConfig"]["CookieBehavior"] != "all" or key["QueryStringsConfig"]["QueryStringBehavior"] != "all":
            yield f"{name} gives one person's answer to another"


RULES: list[Callable[[Template], Iterator[str]]] = [
    what_holds_data_is_kept,
    tables_are_recoverable,
    buckets_are_private,
    queues_lose_nothing,
    streams_hold_up_nobody,
    queues_feed_within_bounds,
    schedules_lose_nothing,
    functions_are_ours_and_end_in_time,
    logs_end,
    the_api_is_throttled_and_discreet,
    the_cdn_speaks_tls_and_mixes_nobody,
    *rules_rights.RULES,
    *rules_alarms.RULES,
]


def main(files: Sequence[str]) -> int:
    found = [fault for file in files for fault in faults(json.loads(Path(file).read_text(encoding="utf-8")))]
    for fault in found:
        print(fault, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
