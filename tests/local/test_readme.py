"""Every command of the README is known to the Makefile, the CLI or Flask; `test_serve.py` sends its requests."""

import re
import shlex
from pathlib import Path

import pytest
from flask import Flask

from tests.local.local_run import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.replace("\\\n", " ").strip().splitlines()
]
KEY = "6e7f0c1a-5d1b-4f43-9f5e-2a4c8d1e9b70"  # what `uuidgen` may say
CURLS = [command.replace("$(uuidgen)", KEY) for command in COMMANDS if command.startswith("curl")]
OTHERS = [command for command in COMMANDS if not command.startswith("curl")]


def test_readme_has_the_three_requests_and_the_sign_in() -> None:
    assert len(CURLS) == 4


@pytest.mark.parametrize("command", [command for command in OTHERS if command.startswith("make")])
def test_each_make_target_of_the_readme_exists(command: str) -> None:
    target = shlex.split(command)[1]

    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", [command for command in OTHERS if command.startswith(".venv/bin/flask")])
def test_each_flask_command_of_the_readme_exists(app: Flask, command: str) -> None:
    name = shlex.split(command)[3]

    known = app.test_cli_runner().invoke(args=["--help"]).output

    assert name in ("run", "routes") or re.search(rf"^  {name} ", known, re.MULTILINE)


def test_links_of_the_readme_lead_to_files() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / Path(target)).exists(), target
