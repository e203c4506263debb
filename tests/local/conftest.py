"""A gateway before tiny functions, for the tests of the gateway itself."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.gateway import Gateway, running
from tests.local.calling import TINY


@pytest.fixture(scope="session")
def tiny_zip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("artifact") / "tiny.zip"
    with zipfile.ZipFile(file, "w") as packed:
        for source in TINY.glob("*.py"):
            packed.write(source, source.name)
    return file


def tiny_api(tiny_zip: Path, folder: Path, kind: str) -> Iterator[Gateway]:
    menu = TINY / "serverless.yml"
    with (folder / "log").open("wb") as log, running(tiny_zip, {}, kind=kind, menu=menu, log=log) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def http_api(tiny_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    yield from tiny_api(tiny_zip, tmp_path_factory.mktemp("http"), "http")


@pytest.fixture(scope="module")
def rest_api(tiny_zip: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    yield from tiny_api(tiny_zip, tmp_path_factory.mktemp("rest"), "rest")
