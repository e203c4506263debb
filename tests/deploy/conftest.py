"""One emulated account for each test module, and the service deployed into it as a person would."""

from collections.abc import Iterator

import pytest

from tests.deploy import cloud as emulated
from tests.deploy.cli import Service, copied_service
from tests.deploy.cloud import Cloud
from tests.deploy.functions import Functions

PREFIX = "floodmanager-dev"


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    with emulated.running() as account:
        yield account


@pytest.fixture(scope="module")
def service(cloud: Cloud, tmp_path_factory: pytest.TempPathFactory) -> Service:
    return copied_service(tmp_path_factory.mktemp("service") / "floodmanager", cloud.url)


@pytest.fixture(scope="module")
def deployed(service: Service) -> str:
    """Deployed once, from nothing; gives what the CLI said."""
    said = service.run("deploy")
    assert said.code == 0, said.text
    return said.text


@pytest.fixture(scope="module")
def functions(cloud: Cloud, deployed: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Functions]:
    with Functions(cloud, tmp_path_factory.mktemp("functions"), PREFIX) as running:
        yield running
        print(f"\nWhat the functions said:\n{running.said()[-20_000:]}")


def left(cloud: Cloud) -> dict[str, list[str]]:
    """What is in the account, by the physical ids that CloudFormation uses."""
    ask = cloud.clients
    return {
        "tables": ask("dynamodb").list_tables()["TableNames"],
        "buckets": [each["Name"] for each in ask("s3").list_buckets()["Buckets"]],
        "queues": ask("sqs").list_queues().get("QueueUrls", []),
        "functions": [each["FunctionName"] for each in ask("lambda").list_functions()["Functions"]],
        "roles": [each["RoleName"] for each in ask("iam").list_roles()["Roles"]],
        "apis": [each["ApiId"] for each in ask("apigatewayv2").get_apis()["Items"]],
        "alarms": [each["AlarmName"] for each in ask("cloudwatch").describe_alarms()["MetricAlarms"]],
        "topics": [each["TopicArn"] for each in ask("sns").list_topics()["Topics"]],
        "rules": [each["Name"] for each in ask("events").list_rules()["Rules"]],
        "log groups": [each["logGroupName"] for each in ask("logs").describe_log_groups()["logGroups"]],
    }
