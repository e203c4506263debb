"""Check our own rules for a packaged CloudFormation template: `python -m infra.rules FILE...` lists the violations.

Every deployment checks them before it makes anything (plugin.js), and so do the tests. Whatever other linters can find
is left to them (infra/lint.py). rules_events.py holds the rules for event sources, rules_web.py for incoming requests,
rules_rights.py for rights and secrets, rules_tables.py for ceilings of tables, rules_alarms.py for alarms.
"""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from infra import rules_alarms, rules_events, rules_rights, rules_tables, rules_web
from infra.template import Template, dead_letters, name_of, of_type, statements, target

ROOT = Path(__file__).parents[1]
DEAD_LETTERS_LIVE_S = 14 * 24 * 3600
API_TIMEOUT_S = 15
# Made by the CLI; its content can be built again.
BUILT_AGAIN = {"ServerlessDeploymentBucket"}
# Tables whose rows expire at the time that they hold (s). DynamoDB deletes nothing from the others.
FORGETFUL = {
    "ReportsTable",
    "SwitchesTable",
    "TokensTable",
    "ThrottlesTable",
    "AuditTable",
    "VotesTable",
    "ReviewTable",
    "DeliveriesTable",
    "SubscriptionsTable",
    "AlertEventsTable",
}
# Buckets without versions: what is deleted from them must not be there any more.
ERASING = {"PhotosBucket"}
BY_TIME = {"AttributeName": "purge_at", "Enabled": True}


def faults(template: Template) -> list[str]:
    """Return all violations in a template, one sentence each; none for a valid one."""
    return [f"{rule.__name__}: {fault}" for rule in RULES for fault in rule(template)]


def what_holds_data_is_kept(template: Template) -> Iterator[str]:
    kinds = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue")
    for name, body in of_type(template, *kinds):
        if name not in BUILT_AGAIN and not body.get("DeletionPolicy") == body.get("UpdateReplacePolicy") == "Retain":
            yield f"{name} is lost with its stack"


def tables_are_recoverable(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::DynamoDB::Table"):
        properties = body["Properties"]
        if properties.get("PointInTimeRecoverySpecification") != {"PointInTimeRecoveryEnabled": True}:
            yield f"{name} has no point-in-time recovery"
        if properties.get("DeletionProtectionEnabled") is not True:
            yield f"{name} can be deleted by a mistake"
        if properties.get("SSESpecification") != {"SSEEnabled": True}:
            yield f"{name} is not encrypted by KMS"
        if properties.get("BillingMode") != "PAY_PER_REQUEST":
            yield f"{name} has a fixed capacity"


def tables_forget(template: Template) -> Iterator[str]:
    for name, body in of_type(template, "AWS::DynamoDB::Table"):
        forgets_by = body["Properties"].get("TimeToLiveSpecification")
        if forgets_by != (BY_TIME if name in FORGETFUL else None):
            yield f"{name} forgets by {forgets_by}"


def buckets_are_private(template: Template) -> Iterator[str]:
    shut = {target(body["Properties"]["Bucket"]) for _, body in _with_tls_only(template, "AWS::S3::BucketPolicy")}
    for name, body in of_type(template, "AWS::S3::Bucket"):
        properties = body["Properties"]
        if set(properties.get("PublicAccessBlockConfiguration", {}).values()) != {True}:
            yield f"{name} may become public"
        if "BucketEncryption" not in properties:
            yield f"{name} is not encrypted"
        if name not in shut:
            yield f"{name} answers without TLS"
        versions = properties.get("VersioningConfiguration")
        if name in ERASING and versions:
            yield f"{name} keeps what was erased"
        if name not in BUILT_AGAIN | ERASING and versions != {"Status": "Enabled"}:
            yield f"{name} keeps no versions"


def queues_lose_nothing(template: Template) -> Iterator[str]:
    dead = dead_letters(template)
    shut = {
        target(queue)
        for _, body in _with_tls_only(template, "AWS::SQS::QueuePolicy")
        for queue in body["Properties"]["Queues"]
    }
    for name, body in of_type(template, "AWS::SQS::Queue"):
        properties = body["Properties"]
        if properties.get("MessageRetentionPeriod") != DEAD_LETTERS_LIVE_S:
            yield f"{name} does not keep messages for 14 days"
        if properties.get("SqsManagedSseEnabled") is not True:
            yield f"{name} is not encrypted"
        if name not in shut:
            yield f"{name} answers without TLS"
        if name not in dead and properties.get("RedrivePolicy", {}).get("maxReceiveCount", 0) < 5:
            yield f"{name} has no dead letters after five tries or more"


def _with_tls_only(template: Template, kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, body in of_type(template, kind):
        # Denied for all callers and actions.
        refused = [
            statement
            for statement in statements(body)
            if statement["Effect"] == "Deny" and statement.get("Principal") == "*"
        ]
        conditions = [one.get("Condition") for one in refused if str(one.get("Action")).endswith(":*")]
        if any(
            str(condition.get("Bool", {}).get("aws:SecureTransport")).lower() == "false"
            for condition in conditions
            if condition
        ):
            yield name, body


def functions_are_ours_and_end_in_time(template: Template) -> Iterator[str]:
    behind_api = {
        target(body["Properties"]["IntegrationUri"]) for _, body in of_type(template, "AWS::ApiGatewayV2::Integration")
    }
    for name, body in of_type(template, "AWS::Lambda::Function"):
        properties = body["Properties"]
        folder, _, handler = properties["Handler"].partition("/")
        if folder != "handlers" or not (ROOT / "handlers" / f"{handler.removesuffix('.handler')}.py").exists():
            yield f"{name} enters by {properties['Handler']}"
        if name in behind_api and properties["Timeout"] > API_TIMEOUT_S:
            yield f"{name} may take {properties['Timeout']} s, longer than its caller waits"


def logs_end(template: Template) -> Iterator[str]:
    groups = dict(of_type(template, "AWS::Logs::LogGroup"))
    named = {body["Properties"]["LogGroupName"] for body in groups.values()}
    for name, body in groups.items():
        if not body["Properties"].get("RetentionInDays"):
            yield f"{name} is kept for ever"
    for name, _ in of_type(template, "AWS::Lambda::Function"):
        if f"/aws/lambda/{name_of(template, name)}" not in named:
            yield f"{name} makes a log group of its own, kept for ever"


RULES: list[Callable[[Template], Iterator[str]]] = [
    what_holds_data_is_kept,
    tables_are_recoverable,
    tables_forget,
    buckets_are_private,
    queues_lose_nothing,
    functions_are_ours_and_end_in_time,
    logs_end,
    *rules_events.RULES,
    *rules_web.RULES,
    *rules_tables.RULES,
    *rules_rights.RULES,
    *rules_alarms.RULES,
]


def main(files: Sequence[str]) -> int:
    all_faults = [fault for file in files for fault in faults(json.loads(Path(file).read_text(encoding="utf-8")))]
    for fault in all_faults:
        print(fault, file=sys.stderr)
    return 1 if all_faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
