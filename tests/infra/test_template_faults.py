"""Each of our own rules refuses the fault that it is there for."""

from collections.abc import Callable

import pytest

from infra.rules import RULES, faults
from infra.template import Template

Plant = Callable[[dict], object]
ROLE = "ApiRole"


def told(resources: dict, name: str) -> dict:
    return resources[name]["Properties"]


def statement(resources: dict, sid: str, role: str = ROLE) -> dict:
    document = told(resources, role)["Policies"][0]["PolicyDocument"]
    return next(one for one in document["Statement"] if one["Sid"] == sid)


def variables(resources: dict) -> dict:
    return told(resources, "ApiLambdaFunction")["Environment"]["Variables"]


STREAM = "ReportUnderscorechangedEventSourceMappingDynamodbReportsTable"
QUEUE = "EraseUnderscoreaccountsEventSourceMappingSQSErasuresQueue"
RULE = "EndUnderscoreexpiredEventsRuleSchedule1"
CACHE_KEY = "ParametersInCacheKeyAndForwardedToOrigin"
# What is done to the template's resources, under the name of the rule that must see it.
PLANTS: list[tuple[str, Plant]] = [
    ("what_holds_data_is_kept", lambda r: r["ReportsTable"].pop("DeletionPolicy")),
    ("what_holds_data_is_kept", lambda r: r["ErasuresDeadLetters"].update(UpdateReplacePolicy="Delete")),
    ("what_holds_data_is_kept", lambda r: r["BackupsBucket"].pop("UpdateReplacePolicy")),
    ("tables_are_recoverable", lambda r: told(r, "TokensTable").pop("PointInTimeRecoverySpecification")),
    ("tables_are_recoverable", lambda r: told(r, "TokensTable").update(DeletionProtectionEnabled=False)),
    ("tables_are_recoverable", lambda r: told(r, "TokensTable").pop("SSESpecification")),
    ("tables_are_recoverable", lambda r: told(r, "TokensTable").update(BillingMode="PROVISIONED")),
    (
        "buckets_are_private",
        lambda r: told(r, "BackupsBucket")["PublicAccessBlockConfiguration"].update(BlockPublicAcls=0),
    ),
    ("buckets_are_private", lambda r: told(r, "BackupsBucket").pop("BucketEncryption")),
    ("buckets_are_private", lambda r: told(r, "BackupsBucket").pop("VersioningConfiguration")),
    ("buckets_are_private", lambda r: r.pop("BackupsBucketPolicy")),
    ("queues_lose_nothing", lambda r: told(r, "ErasuresQueue").pop("RedrivePolicy")),
    ("queues_lose_nothing", lambda r: told(r, "ErasuresQueue")["RedrivePolicy"].update(maxReceiveCount=1)),
    ("queues_lose_nothing", lambda r: told(r, "EndExpiredDeadLetters").update(MessageRetentionPeriod=345600)),
    ("queues_lose_nothing", lambda r: told(r, "EndExpiredDeadLetters").pop("SqsManagedSseEnabled")),
    ("queues_lose_nothing", lambda r: r.pop("ErasuresQueuePolicy")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("FunctionResponseTypes")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("BisectBatchOnFunctionError")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("MaximumRecordAgeInSeconds")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("DestinationConfig")),
    ("queues_feed_within_bounds", lambda r: told(r, "ErasuresQueue").update(VisibilityTimeout=300)),
    ("queues_feed_within_bounds", lambda r: told(r, QUEUE).pop("FunctionResponseTypes")),
    ("queues_feed_within_bounds", lambda r: told(r, QUEUE).pop("ScalingConfig")),
    ("schedules_lose_nothing", lambda r: told(r, RULE)["Targets"][0].pop("DeadLetterConfig")),
    ("schedules_lose_nothing", lambda r: r.pop("EndUnderscoreexpiredLambdaEvConf")),
    (
        "functions_are_ours_and_end_in_time",
        lambda r: told(r, "ApiLambdaFunction").update(Handler="wsgi_handler.handler"),
    ),
    (
        "functions_are_ours_and_end_in_time",
        lambda r: told(r, "ApiLambdaFunction").update(Handler="handlers/gone.handler"),
    ),
    ("functions_are_ours_and_end_in_time", lambda r: told(r, "SignUnderscoreinLambdaFunction").update(Timeout=29)),
    ("logs_end", lambda r: told(r, "ApiLogGroup").pop("RetentionInDays")),
    ("logs_end", lambda r: r.pop("ApiLogGroup")),
    ("the_api_is_throttled_and_discreet", lambda r: told(r, "HttpApiStage").pop("DefaultRouteSettings")),
    ("the_api_is_throttled_and_discreet", lambda r: told(r, "HttpApiStage").pop("AccessLogSettings")),
    (
        "the_api_is_throttled_and_discreet",
        lambda r: told(r, "HttpApiStage")["AccessLogSettings"].update(Format='"$context.querystring"'),
    ),
    ("the_cdn_speaks_tls_and_mixes_nobody", lambda r: told(r, "Cdn")["DistributionConfig"].pop("ViewerCertificate")),
    (
        "the_cdn_speaks_tls_and_mixes_nobody",
        lambda r: told(r, "CdnCachePolicy")["CachePolicyConfig"][CACHE_KEY]["HeadersConfig"].update(Headers=["Accept"]),
    ),
    (
        "the_cdn_speaks_tls_and_mixes_nobody",
        lambda r: told(r, "CdnCachePolicy")["CachePolicyConfig"][CACHE_KEY]["CookiesConfig"].update(
            CookieBehavior="none"
        ),
    ),
    (
        "every_function_has_a_role_of_its_own",
        lambda r: told(r, "ApiLambdaFunction").update(Role=told(r, "SignUnderscoreinLambdaFunction")["Role"]),
    ),
    (
        "every_function_has_a_role_of_its_own",
        lambda r: told(r, ROLE).update(ManagedPolicyArns=["arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"]),
    ),
    ("every_right_is_named", lambda r: statement(r, "Reports").update(Action="dynamodb:*")),
    ("every_right_is_named", lambda r: statement(r, "Reports").update(Resource="*")),
    (
        "every_right_is_named",
        lambda r: statement(r, "Reports").update(Resource={"Fn::Sub": "${ReportsTable.Arn}/index/*"}),
    ),
    ("every_right_is_named", lambda r: statement(r, "Reports").update(NotAction=["dynamodb:Scan"])),
    (
        "every_right_is_named",
        lambda r: told(r, "EndExpiredDeadLettersPolicy")["PolicyDocument"]["Statement"][1].update(Principal="*"),
    ),
    ("every_right_is_reviewed", lambda r: statement(r, "Reports")["Action"].append("dynamodb:Scan")),
    (
        "every_right_is_reviewed",
        lambda r: statement(r, "Send", "EndExpiredRole").update(Resource={"Ref": "AlarmsTopic"}),
    ),
    ("every_right_is_reviewed", lambda r: r.update(OtherRole=r["ApiRole"])),
    ("functions_are_called_by_those_named", lambda r: told(r, "ApiLambdaPermissionHttpApi").pop("SourceArn")),
    ("no_secret_is_written_down", lambda r: variables(r).update(FLOOD_SECRET="")),
    ("no_secret_is_written_down", lambda r: variables(r).update(FLOOD_ID="{{resolve:ssm:/floodmanager/prod/id-key}}")),
    ("every_alarm_tells_somebody", lambda r: told(r, "ApiErrorsAlarm").pop("AlarmActions")),
    ("every_alarm_tells_somebody", lambda r: told(r, "ApiErrorsAlarm").update(ActionsEnabled=False)),
    ("every_alarm_tells_somebody", lambda r: told(r, "ApiErrorsAlarm").pop("TreatMissingData")),
    ("every_function_has_its_alarms", lambda r: r.pop("EraseAccountsThrottlesAlarm")),
    ("every_function_has_its_alarms", lambda r: told(r, "ApiDurationAlarm").update(Threshold=15000)),
    ("every_function_has_its_alarms", lambda r: r.update(NewLambdaFunction=r["ApiLambdaFunction"])),
    ("every_stream_has_its_alarm", lambda r: r.pop("AccountChangedLagAlarm")),
    ("every_queue_has_its_alarm", lambda r: r.pop("ErasuresQueueAgeAlarm")),
    ("every_queue_has_its_alarm", lambda r: r.pop("EndExpiredDeadLettersAlarm")),
    ("every_table_has_its_alarms", lambda r: r.pop("TilesTableAlarm")),
    ("every_table_has_its_alarms", lambda r: told(r, "ReportsThrottledAlarm")["Metrics"].pop()),
    ("the_api_has_its_alarms", lambda r: r.pop("ApiErrorRateAlarm")),
    ("every_schedule_is_missed", lambda r: r.pop("EndExpiredSilenceAlarm")),
]


@pytest.mark.parametrize(("rule", "plant"), PLANTS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(PLANTS)])
def test_rule_refuses_its_planted_fault(template: Template, rule: str, plant: Plant) -> None:
    plant(template["Resources"])

    assert {fault.split(":")[0] for fault in faults(template)} >= {rule}


def test_every_rule_is_shown_to_refuse_something() -> None:
    assert {rule for rule, _ in PLANTS} == {rule.__name__ for rule in RULES}
