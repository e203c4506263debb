"""Each of our own rules refuses the fault that it is there for."""

from collections.abc import Callable
from typing import Any

import pytest

from infra.rules import RULES, faults
from infra.template import Template

Plant = Callable[[dict], object]
ROLE, AUDIT, COMMANDS = "ApiRole", "AuditChangedRole", "RunUnderscorecommandLambdaFunction"


def told(resources: dict, name: str) -> dict:
    return resources[name]["Properties"]


def statement(resources: dict, sid: str, role: str = ROLE) -> dict:
    document = told(resources, role)["Policies"][0]["PolicyDocument"]
    return next(one for one in document["Statement"] if one["Sid"] == sid)


def variables(resources: dict) -> dict:
    return told(resources, "ApiLambdaFunction")["Environment"]["Variables"]


def distribution(resources: dict) -> dict:
    return told(resources, "Cdn")["DistributionConfig"]


def photos_path(resources: dict) -> Any:
    [behaviour] = distribution(resources)["CacheBehaviors"]
    return behaviour


def cache_policy(resources: dict) -> dict:
    return told(resources, "CdnCachePolicy")["CachePolicyConfig"]


def routes(resources: dict) -> dict:
    return told(resources, "HttpApiStage")["RouteSettings"]


def let_in(resources: dict, policy: str, principal: object) -> None:
    """Beside what the policy of a queue, bucket or topic allows already."""
    asked = {"Effect": "Allow", "Principal": principal, "Action": "sqs:SendMessage", "Condition": {}}
    told(resources, policy)["PolicyDocument"]["Statement"].append(asked)


def give(resources: dict, kind: str, **properties: object) -> None:
    """Rights by a policy that is no part of a role."""
    allowed = {"Effect": "Allow", "Action": "dynamodb:Scan", "Resource": {"Fn::GetAtt": ["ReportsTable", "Arn"]}}
    document = {"Version": "2012-10-17", "Statement": allowed}
    resources["More"] = {"Type": kind, "Properties": {"PolicyDocument": document, **properties}}


def all_but(resources: dict, taken: str, left: str) -> None:
    """`NotAction` in the place of `Action`, or the like."""
    one = statement(resources, "Reports")
    one[left] = one.pop(taken)


def metric_of(resources: dict, alarm: str, number: int) -> dict:
    return told(resources, alarm)["Metrics"][number]


STREAM = "ReportUnderscorechangedEventSourceMappingDynamodbReportsTable"
ACCOUNTS = "AccountUnderscorechangedEventSourceMappingDynamodbAccountsTable"
QUEUE = "EraseUnderscoreaccountsEventSourceMappingSQSErasuresQueue"
EVERYBODY = ("*", {"AWS": "*"}, {"AWS": ["*"]}, {"CanonicalUser": "*"}, {"Service": "*"}, {"AWS": {"Fn::Sub": "*"}})
POLICIES = ("EndExpiredDeadLettersPolicy", "BackupsBucketPolicy", "AlarmsTopicPolicy")
KEY = "{{resolve:ssm:/floodmanager/prod/secret}}"
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
    ("tables_forget", lambda r: told(r, "ReportsTable").pop("TimeToLiveSpecification")),
    ("tables_forget", lambda r: told(r, "TokensTable")["TimeToLiveSpecification"].update(Enabled=False)),
    ("tables_forget", lambda r: told(r, "ThrottlesTable")["TimeToLiveSpecification"].update(AttributeName="end_at")),
    ("tables_forget", lambda r: told(r, "AccountsTable").update(TimeToLiveSpecification={"Enabled": True})),
    (
        "buckets_are_private",
        lambda r: told(r, "BackupsBucket")["PublicAccessBlockConfiguration"].update(BlockPublicAcls=0),
    ),
    ("buckets_are_private", lambda r: told(r, "BackupsBucket").pop("BucketEncryption")),
    ("buckets_are_private", lambda r: told(r, "BackupsBucket").pop("VersioningConfiguration")),
    ("buckets_are_private", lambda r: r.pop("BackupsBucketPolicy")),
    ("buckets_are_private", lambda r: told(r, "PhotosBucket").update(VersioningConfiguration={"Status": "Enabled"})),
    ("queues_lose_nothing", lambda r: told(r, "ErasuresQueue").pop("RedrivePolicy")),
    ("queues_lose_nothing", lambda r: told(r, "ErasuresQueue")["RedrivePolicy"].update(maxReceiveCount=1)),
    ("queues_lose_nothing", lambda r: told(r, "EndExpiredDeadLetters").update(MessageRetentionPeriod=345600)),
    ("queues_lose_nothing", lambda r: told(r, "EndExpiredDeadLetters").pop("SqsManagedSseEnabled")),
    ("queues_lose_nothing", lambda r: r.pop("ErasuresQueuePolicy")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("FunctionResponseTypes")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("BisectBatchOnFunctionError")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("MaximumRecordAgeInSeconds")),
    ("streams_hold_up_nobody", lambda r: told(r, STREAM).pop("DestinationConfig")),
    ("streams_hand_over_what_is_wanted", lambda r: told(r, STREAM).pop("TumblingWindowInSeconds")),
    ("streams_hand_over_what_is_wanted", lambda r: told(r, ACCOUNTS).pop("FilterCriteria")),
    (
        "streams_hand_over_what_is_wanted",
        lambda r: told(r, STREAM).update(FilterCriteria={"Filters": [{"Pattern": '{"eventName":["INSERT"]}'}]}),
    ),
    ("streams_have_few_readers", lambda r: r.update(Third=r[STREAM])),
    ("nothing_is_switched_off", lambda r: told(r, STREAM).update(Enabled=False)),
    ("nothing_is_switched_off", lambda r: told(r, QUEUE).update(Enabled="false")),
    ("nothing_is_switched_off", lambda r: told(r, RULE).update(State="DISABLED")),
    ("nothing_is_switched_off", lambda r: told(r, "ApiLambdaFunction").update(ReservedConcurrentExecutions=0)),
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
    ("the_api_is_throttled", lambda r: told(r, "HttpApiStage").pop("DefaultRouteSettings")),
    ("the_api_is_throttled", lambda r: told(r, "HttpApiStage").pop("RouteSettings")),
    ("the_api_is_throttled", lambda r: routes(r).pop("POST /v1/tokens")),
    ("the_api_is_throttled", lambda r: routes(r)["POST /register"].pop("ThrottlingBurstLimit")),
    ("the_api_is_throttled", lambda r: routes(r)["POST /v1/tokens"].update(ThrottlingRateLimit=2000)),
    ("the_api_is_throttled", lambda r: routes(r)["POST /v1/accounts"].update(ThrottlingBurstLimit=4000)),
    (
        "the_api_is_throttled",
        lambda r: told(r, "HttpApiStage")["DefaultRouteSettings"].update(ThrottlingRateLimit=1_000_000),
    ),
    ("ceilings_starve_nobody", lambda r: told(r, "ReportsTable").pop("OnDemandThroughput")),
    ("ceilings_starve_nobody", lambda r: told(r, "TilesTable")["OnDemandThroughput"].update(MaxReadRequestUnits=10)),
    ("ceilings_starve_nobody", lambda r: told(r, "VotesTable")["OnDemandThroughput"].update(MaxWriteRequestUnits=10)),
    (
        "ceilings_starve_nobody",
        lambda r: told(r, "ReportsTable")["GlobalSecondaryIndexes"][0].pop("OnDemandThroughput"),
    ),
    ("filing_is_shed_last", lambda r: routes(r).pop("POST /v1/reports")),
    ("filing_is_shed_last", lambda r: routes(r)["POST /report"].update(ThrottlingRateLimit=10)),
    ("filing_is_shed_last", lambda r: r.pop("HttpApiRoutePostReport")),
    (
        "filing_is_shed_last",
        lambda r: told(r, "HttpApiRoutePostV1Reports").update(Target=told(r, "HttpApiRouteDefault")["Target"]),
    ),
    ("the_stage_waits_for_its_routes", lambda r: r["HttpApiStage"]["DependsOn"].remove("HttpApiRoutePostV1Tokens")),
    ("the_stage_waits_for_its_routes", lambda r: r["HttpApiStage"].update(DependsOn="HttpApiRouteDefault")),
    ("the_stage_waits_for_its_routes", lambda r: routes(r).update({"POST /nowhere": routes(r)["POST /v1/tokens"]})),
    ("operators_alone_run_commands", lambda r: told(r, QUEUE).update(FunctionName={"Ref": COMMANDS})),
    ("operators_alone_run_commands", lambda r: told(r, RULE)["Targets"][0].update(Arn={"Ref": COMMANDS})),
    ("functions_have_no_door_of_their_own", lambda r: r.update(Door={"Type": "AWS::Lambda::Url", "Properties": {}})),
    ("the_api_logs_discreetly", lambda r: told(r, "HttpApiStage").pop("AccessLogSettings")),
    (
        "the_api_logs_discreetly",
        lambda r: told(r, "HttpApiStage")["AccessLogSettings"].update(Format='"$context.querystring"'),
    ),
    ("the_cdn_speaks_tls", lambda r: distribution(r).pop("ViewerCertificate")),
    (
        "the_cdn_mixes_nobody",
        lambda r: cache_policy(r)[CACHE_KEY]["HeadersConfig"].update(Headers=["Accept"]),
    ),
    (
        "the_cdn_mixes_nobody",
        lambda r: cache_policy(r)[CACHE_KEY]["CookiesConfig"].update(Cookies=["lang"]),
    ),
    (
        "the_cdn_mixes_nobody",
        lambda r: cache_policy(r)[CACHE_KEY]["QueryStringsConfig"].update(QueryStringBehavior="none"),
    ),
    ("the_cdn_mixes_nobody", lambda r: told(r, "CdnPhotosPolicy")["CachePolicyConfig"].update(MaxTTL=3600)),
    ("the_cdn_mixes_nobody", lambda r: photos_path(r).update(TargetOriginId="api")),
    ("the_cdn_shows_of_buckets_photos_alone", lambda r: photos_path(r).update(PathPattern="/*")),
    ("the_cdn_shows_of_buckets_photos_alone", lambda r: distribution(r)["Origins"][1].pop("OriginAccessControlId")),
    ("the_cdn_keeps_only_what_it_may", lambda r: cache_policy(r).update(MinTTL=1)),
    ("the_cdn_keeps_only_what_it_may", lambda r: cache_policy(r).update(DefaultTTL=86400)),
    (
        "the_cdn_keeps_only_what_it_may",
        lambda r: distribution(r)["DefaultCacheBehavior"].update(CachePolicyId="658327ea-f89d-4fab-a63d-7e88639e58f6"),
    ),
    ("the_cdn_keeps_only_what_it_may", lambda r: distribution(r)["CustomErrorResponses"][1].pop("ErrorCachingMinTTL")),
    (
        "every_function_has_a_role_of_its_own",
        lambda r: told(r, "ApiLambdaFunction").update(Role="arn:aws:iam::123456789012:role/administrator"),
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
    ("every_right_is_named", lambda r: statement(r, "Copies", AUDIT).update(Action="s3:GetObject")),
    ("every_right_is_named", lambda r: statement(r, "Copies", AUDIT).update(Resource="arn:aws:s3:::*")),
    ("every_right_is_named", lambda r: statement(r, "Photos").update(Resource={"Fn::Sub": "${PhotosBucket.Arn}/*"})),
    ("every_right_is_named", lambda r: statement(r, "Photos").update(Action="s3:PutObjectAcl")),
    ("every_right_is_named", lambda r: statement(r, "Reports").update(NotAction=["dynamodb:Scan"])),
    ("every_right_is_named", lambda r: all_but(r, "Action", "NotAction")),
    ("every_right_is_named", lambda r: all_but(r, "Resource", "NotResource")),
    ("every_right_is_reviewed", lambda r: all_but(r, "Action", "NotAction")),
    ("every_right_is_reviewed", lambda r: all_but(r, "Resource", "NotResource")),
    ("every_right_is_reviewed", lambda r: statement(r, "Reports").update(Effect="Deny")),
    (
        "every_right_is_reviewed",
        lambda r: statement(r, "ReadSecrets")["Resource"].append(statement(r, "ReadTotpKey", "SignInRole")["Resource"]),
    ),
    ("rights_lie_in_roles_alone", lambda r: give(r, "AWS::IAM::Policy", PolicyName="more", Roles=[{"Ref": ROLE}])),
    ("rights_lie_in_roles_alone", lambda r: give(r, "AWS::IAM::ManagedPolicy", Roles=[{"Ref": ROLE}])),
    ("rights_lie_in_roles_alone", lambda r: give(r, "AWS::IAM::RolePolicy", RoleName={"Ref": ROLE})),
    *(
        ("nobody_is_let_in_but_services", lambda r, policy=policy, who=who: let_in(r, policy, who))
        for policy in POLICIES
        for who in EVERYBODY
    ),
    ("nobody_is_let_in_but_services", lambda r: let_in(r, POLICIES[0], {"AWS": "123456789012"})),
    (
        "nobody_is_let_in_but_services",
        lambda r: told(r, "AlarmsTopicPolicy")["PolicyDocument"]["Statement"][0].pop("Condition"),
    ),
    (
        "nobody_is_let_in_but_services",
        lambda r: told(r, ROLE)["AssumeRolePolicyDocument"]["Statement"][0].update(Principal={"AWS": ["*"]}),
    ),
    ("every_right_is_reviewed", lambda r: statement(r, "Reports")["Action"].append("dynamodb:Scan")),
    (
        "every_right_is_reviewed",
        lambda r: statement(r, "Send", "EndExpiredRole").update(Resource={"Ref": "AlarmsTopic"}),
    ),
    ("every_right_is_reviewed", lambda r: r.update(OtherRole=r["ApiRole"])),
    ("functions_are_called_by_those_named", lambda r: told(r, "ApiLambdaPermissionHttpApi").pop("SourceArn")),
    ("functions_are_called_by_those_named", lambda r: told(r, "ApiLambdaPermissionHttpApi").update(Principal="*")),
    ("no_secret_is_written_down", lambda r: variables(r).update(FLOOD_SECRET="")),
    ("no_secret_is_written_down", lambda r: told(r, "ApiLambdaFunction").update(Description=KEY)),
    ("no_secret_is_written_down", lambda r: told(r, "ApiLogGroup").update(Tags=[{"Key": "key", "Value": KEY}])),
    ("no_secret_is_written_down", lambda r: distribution(r).update(Comment=KEY)),
    (
        "no_secret_is_written_down",
        lambda r: distribution(r)["Origins"][0]["OriginCustomHeaders"][0].update(HeaderValue=KEY),
    ),
    ("no_secret_is_written_down", lambda r: variables(r).update(FLOOD_ID="{{resolve:ssm:/floodmanager/prod/id-key}}")),
    ("every_alarm_tells_somebody", lambda r: told(r, "ApiErrorsAlarm").pop("AlarmActions")),
    ("every_alarm_tells_somebody", lambda r: told(r, "ApiErrorsAlarm").update(ActionsEnabled=False)),
    ("every_alarm_tells_somebody", lambda r: told(r, "ApiErrorsAlarm").pop("TreatMissingData")),
    (
        "every_alarm_can_ring",
        lambda r: told(r, "ApiErrorsAlarm").update(ComparisonOperator="GreaterThanThreshold"),
    ),
    ("every_alarm_can_ring", lambda r: told(r, "ApiErrorsAlarm").update(Statistic="Minimum")),
    ("every_alarm_can_ring", lambda r: told(r, "ApiErrorsAlarm").update(Threshold=1000)),
    ("every_alarm_can_ring", lambda r: told(r, "ApiErrorsAlarm").update(EvaluationPeriods=100)),
    ("every_alarm_can_ring", lambda r: told(r, "ApiErrorsAlarm").update(Period=86400)),
    ("every_alarm_can_ring", lambda r: told(r, "ApiLatencyAlarm").update(ExtendedStatistic="p1")),
    ("every_alarm_can_ring", lambda r: told(r, "ErasuresDeadLettersAlarm").update(Statistic="SampleCount")),
    ("every_alarm_can_ring", lambda r: told(r, "EndExpiredSilenceAlarm").update(Threshold=0)),
    ("every_alarm_can_ring", lambda r: told(r, "EndExpiredSilenceAlarm").update(TreatMissingData="notBreaching")),
    ("every_alarm_can_ring", lambda r: told(r, "CleanPhotoSilenceAlarm").update(Period=7200)),
    ("every_alarm_can_ring", lambda r: told(r, "SourcesSilentAlarm").update(MetricName="SourceAgeInDays")),
    ("every_alarm_can_ring", lambda r: told(r, "EntriesUnreadableAlarm").update(Threshold=100)),
    ("every_alarm_can_ring", lambda r: metric_of(r, "TilesTableAlarm", 0).update(Expression="SUM(FILL([m1], 0))")),
    ("every_alarm_can_ring", lambda r: metric_of(r, "TilesTableAlarm", 0).update(Expression="MIN(METRICS())")),
    ("every_alarm_can_ring", lambda r: metric_of(r, "TilesTableAlarm", 1).pop("ReturnData")),
    ("every_alarm_can_ring", lambda r: metric_of(r, "TilesTableAlarm", 1)["MetricStat"].update(Stat="Minimum")),
    ("every_alarm_can_ring", lambda r: metric_of(r, "ApiErrorRateAlarm", 1).update(Id="other")),
    ("every_function_has_its_alarms", lambda r: r.pop("EraseAccountsThrottlesAlarm")),
    ("every_function_has_its_alarms", lambda r: told(r, "ApiDurationAlarm").update(Threshold=15000)),
    ("every_function_has_its_alarms", lambda r: r.update(NewLambdaFunction=r["ApiLambdaFunction"])),
    ("every_stream_has_its_alarm", lambda r: r.pop("AccountChangedLagAlarm")),
    ("every_queue_has_its_alarm", lambda r: r.pop("ErasuresQueueAgeAlarm")),
    ("every_queue_has_its_alarm", lambda r: r.pop("EndExpiredDeadLettersAlarm")),
    ("every_table_has_its_alarms", lambda r: r.pop("TilesTableAlarm")),
    ("every_table_has_its_alarms", lambda r: told(r, "ReportsThrottledAlarm")["Metrics"].pop()),
    ("the_api_has_its_alarms", lambda r: r.pop("ApiErrorRateAlarm")),
    ("limits_of_the_account_are_watched", lambda r: r.pop("ConcurrencyAlarm")),
    ("limits_of_the_account_are_watched", lambda r: r.pop("Budget")),
    ("limits_of_the_account_are_watched", lambda r: r.pop("Dashboard")),
    ("every_alarm_can_ring", lambda r: told(r, "ConcurrencyAlarm").update(Threshold=100)),
    ("every_schedule_is_missed", lambda r: r.pop("EndExpiredSilenceAlarm")),
]


@pytest.mark.parametrize(("rule", "plant"), PLANTS, ids=[f"{rule}-{n}" for n, (rule, _) in enumerate(PLANTS)])
def test_rule_refuses_its_planted_fault(template: Template, rule: str, plant: Plant) -> None:
    plant(template["Resources"])

    assert {fault.split(":")[0] for fault in faults(template)} >= {rule}


def test_secret_in_an_output_is_refused(template: Template) -> None:
    template["Outputs"]["Key"] = {"Value": KEY}

    assert faults(template) == ["no_secret_is_written_down: a secret is written into Outputs"]


def test_every_rule_is_shown_to_refuse_something() -> None:
    assert {rule for rule, _ in PLANTS} == {rule.__name__ for rule in RULES}
