"""Back to an earlier deployment, as docs/operations.md says. No function is called here."""

import re

from tests.deploy.cli import Service
from tests.deploy.cloud import Cloud

FUNCTION = "floodmanager-dev-api"


def life_hours(cloud: Cloud) -> str:
    told = cloud.clients("lambda").get_function_configuration(FunctionName=FUNCTION)
    return str(told["Environment"]["Variables"]["FLOOD_REPORT_LIFE_HOURS"])


def test_a_rollback_brings_back_the_deployment_of_then(cloud: Cloud, service: Service) -> None:
    service.take_any_artifact()
    first = service.run("deploy")
    service.replace("infra/stages/dev.yml", "FLOOD_REPORT_LIFE_HOURS: ''", "FLOOD_REPORT_LIFE_HOURS: 24")
    second = service.run("deploy")
    assert (first.code, second.code, life_hours(cloud)) == (0, 0, "24"), first.text + second.text

    earliest, *_ = re.findall(r"Timestamp: (\d+)", service.run("deploy", "list").text)
    said = service.run("rollback", "--timestamp", earliest)

    assert said.code == 0, said.text
    assert life_hours(cloud) == ""
