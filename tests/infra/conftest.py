"""The templates of all stages, packaged once by the real CLI."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from pathlib import Path

import pytest

from infra.lint import STAGES, package, template_of
from infra.template import Template
from tests.once import made_once


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The file of each stage's template."""
    folder = made_once(tmp_path_factory, "packaged", _package_all)
    return {stage: template_of(folder / stage) for stage in STAGES}


def _package_all(folder: Path) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda stage: package(stage, folder / stage), STAGES))


@pytest.fixture(scope="session")
def templates(packaged: dict[str, Path]) -> dict[str, Template]:
    """The template of each stage, to be read only."""
    return {stage: json.loads(file.read_text(encoding="utf-8")) for stage, file in packaged.items()}


@pytest.fixture
def template(templates: dict[str, Template]) -> Template:
    """A template of one's own, to break."""
    return deepcopy(templates["prod"])


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str, Template], Path]:
    """Writes a template into a file of that name."""
    return partial(_write, tmp_path)


def _write(folder: Path, name: str, template: Template) -> Path:
    file = folder / f"{name}.json"
    file.write_text(json.dumps(template, indent=1), encoding="utf-8")
    return file
