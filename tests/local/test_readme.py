"""Every command of the README is run, or known to the Makefile, the CLI or Flask."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from infra.local.database import can_keep_data
from tests.local.local_run import ROOT, LocalRun, start

README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.replace("\\\n", " ").strip().splitlines()
]
KEY = "6e7f0c1a-5d1b-4f43-9f5e-2a4c8d1e9b70"  # what `uuidgen` may say
CURLS = [command.replace("$(uuidgen)", KEY) for command in COMMANDS if command.startswith("curl")]
OTHERS = [command for command in COMMANDS if not command.startswith("curl")]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalRun]:
    if not can_keep_data():
        pytest.skip("dynoxide is not installed for this system")
    run = start(tmp_path_factory.mktemp("readme") / "data", demo=1).await_ready()
    yield run
    run.end()


def test_readme_has_the_three_requests_and_the_sign_in() -> None:
    assert len(CURLS) == 4


def test_each_request_of_the_readme_succeeds_as_printed(running: LocalRun) -> None:
    for curl in CURLS:
        status, said = running.ask_as_printed(curl)

        assert status in (200, 201), said
        assert said


def test_edited_report_under_the_key_of_the_readme_is_refused_as_it_says(running: LocalRun) -> None:
    [filing] = [curl for curl in CURLS if "Idempotency-Key" in curl]
    edited = filing.replace("Water over", "Water below")

    answers = [running.ask_as_printed(curl)[1] for curl in (filing, edited)]

    assert [answer.get("status") for answer in answers] == ["pending", 422]
    assert KEY not in running.output.read_text()


def test_printed_block_is_what_serve_prints(running: LocalRun) -> None:
    [block] = re.findall(r"```text\n(.*?)```", README, re.DOTALL)
    printed = running.output.read_text().replace(f":{running.port}", ":5000")

    for line in block.split("    resident")[0].strip().splitlines():
        assert line.strip() in printed


@pytest.mark.parametrize("command", [command for command in OTHERS if command.startswith("make")])
def test_each_make_target_of_the_readme_exists(command: str) -> None:
    target = shlex.split(command)[1]

    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", [command for command in OTHERS if "flask" in command])
def test_each_flask_command_of_the_readme_exists(app: Flask, command: str) -> None:
    name = shlex.split(command)[3]

    known = app.test_cli_runner().invoke(args=["--help"]).output

    assert name in ("run", "routes") or re.search(rf"^  {name} ", known, re.MULTILINE)


def test_links_of_the_readme_lead_to_files() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / Path(target)).exists(), target
