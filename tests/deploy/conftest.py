"""One emulated account for each test module, and the service deployed into it as a person would."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from zlib import crc32

import pytest

from tests.deploy import cloud as emulated
from tests.deploy.cli import Service, copied_service
from tests.deploy.cloud import Cloud
from tests.deploy.functions import Functions

PREFIX = "floodmanager-dev"
Resources = dict[str, Any]
# Brings the stack to these resources, and gives its status and first failure.
Stack = Callable[[Resources], tuple[str, str]]


@pytest.fixture(scope="module")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """Each file's account makes resources in another order, the same in every run."""
    with emulated.running(seed=crc32(request.node.name.encode())) as account:
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


@pytest.fixture
def stack(cloud: Cloud) -> Any:
    """`stack(resources)` makes or changes the stack to hold these, and gives its status and first failure."""
    client = cloud.clients("cloudformation")
    there: list[str] = []

    def bring(resources: Resources) -> tuple[str, str]:
        act = client.update_stack if there else client.create_stack
        act(StackName="tried", TemplateBody=json.dumps({"Resources": resources}))
        there.append("tried")
        status = client.describe_stacks(StackName="tried")["Stacks"][0]["StackStatus"]
        events = client.describe_stack_events(StackName="tried")["StackEvents"]
        failures = [each["ResourceStatusReason"] for each in events if each["ResourceStatus"].endswith("FAILED")]
        return status, failures[0] if failures else ""

    yield bring
    client.delete_stack(StackName="tried")
    for url in cloud.clients("sqs").list_queues().get("QueueUrls", []):
        cloud.clients("sqs").delete_queue(QueueUrl=url)


def left(cloud: Cloud) -> dict[str, list[str]]:
    """Return the content of the account, by the physical ids that CloudFormation uses."""
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
