"""One emulated account for each test module, and the service deployed into it as a person would."""

import os
from collections.abc import Iterator
from pathlib import Path

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
        print(f"{os.linesep}What the functions said:{os.linesep}{running.said()[-20_000:]}")
