"""Commands of the CLI: what is typed leads to this machine, to our own commands in a deployment, or to a sentence."""

import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from app.cli import remote
from handlers import run_command
from infra import flask_command

ROOT = Path(__file__).parents[2]
# The plugin with the library's place taken, and what it would start instead of starting it.
CARRIES_OUT = """
const Commands = require('./infra/commands.js');
const library = new (class ServerlessWSGI {})();
const said = [];
const aws = { naming: { getStackName: () => 'floodmanager-dev' }, getRegion: () => 'eu-west-2' };
const serverless = {
  classes: { Error }, processedInput: { commands: ['wsgi'] }, service: { functions: {} },
  pluginManager: { plugins: [library] }, getProvider: () => aws,
};
const plugin = new Commands(serverless, {});
plugin.spawn = (program) => (said.push(program), { status: 3 });
plugin.hooks.initialize();
(async () => {
  for (const asked of JSON.parse(process.env.ASKED))
    await library.invokeHandler(...asked).catch((error) => said.push(error.message));
  console.log(JSON.stringify([said, process.exitCode]));
  process.exitCode = 0;
})();
"""


def node(script: str, **variables: str) -> Any:
    environment = {"PATH": os.environ["PATH"], "NODE_NO_WARNINGS": "1"} | variables
    done = subprocess.run(
        ["node", "-e", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=True
    )
    return json.loads(done.stdout)


def carried_out(*asked: tuple[str, str, bool]) -> Any:
    return node(CARRIES_OUT, ASKED=json.dumps(asked))


def test_dash_c_is_the_command_of_wsgi_and_everywhere_else_what_it_was() -> None:
    asks = (
        "const { understood } = require('./infra/cli.js');"
        "console.log(JSON.stringify(JSON.parse(process.env.ASKED).map(understood)));"
    )
    asked: list[list[str]] = [["wsgi", "flask", "local", "-c", "routes"], ["deploy", "-c", "other.yml"], []]

    told = node(asks, ASKED=json.dumps(asked))

    assert told == [["wsgi", "flask", "local", "--command", "routes"], *asked[1:]]


def test_what_is_local_runs_here_by_our_own_environment_with_its_exit_status() -> None:
    said, status = carried_out(("flask", "audit", True), ("exec", "print(1)", True), ("command", "ls", True))

    assert said == [
        [".venv/bin/python", "-m", "infra.flask_command", "here", "--", "audit"],
        [".venv/bin/python", "-c", "print(1)"],
        ["/bin/sh", "-c", "ls"],
    ]
    assert status == 3


def test_flask_without_local_goes_to_the_deployment_of_the_stage() -> None:
    said, _ = carried_out(("flask", "switch", False))

    place = ["--prefix", "floodmanager-dev", "--region", "eu-west-2"]
    assert said == [[".venv/bin/python", "-m", "infra.flask_command", "there", *place, "--", "switch"]]


@pytest.mark.parametrize("command", ["exec", "command"])
def test_no_program_runs_in_a_deployment_and_one_sentence_says_what_to_type(command: str) -> None:
    [sentence], _ = carried_out((command, "print(1)", False))

    assert sentence == (
        f'No deployed code runs what an event says: type npx serverless wsgi {command} local -c "..." for this '
        "machine, or npx serverless wsgi flask -c with one of our own commands for the deployment."
    )


class Lambda:
    """The service with our function in it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked = error, list[str]()

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803 - as boto3 names them
        self.asked.append(FunctionName)
        if self.error:
            raise self.error
        answer = run_command.handler(json.loads(Payload), None)
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}


@pytest.fixture
def service(tables: None, monkeypatch: pytest.MonkeyPatch) -> Lambda:
    there = Lambda()
    monkeypatch.setattr(boto3, "client", lambda *_, **__: there)
    return there


def typed(line: str) -> int:
    return flask_command.main(["there", "--prefix", "floodmanager-dev", "--", line])


def test_a_line_runs_in_the_function_and_prints_what_it_prints(
    service: Lambda, capsys: pytest.CaptureFixture[str]
) -> None:
    status = typed('switch notice on --text "en=The bridge is closed."')

    assert (status, service.asked) == (0, ["floodmanager-dev-run_command"])
    assert "The bridge is closed." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("create-admin warden --password secret", "RESOURCE_PREFIX=floodmanager-dev .venv/bin/flask"),
        ("", "Name one of the commands that run in a deployment: audit, end-key"),
        ("--help", "Name one of the commands"),
        ("switch 'x", "no command line"),
    ],
)
def test_what_does_not_run_there_is_not_even_sent(
    service: Lambda, line: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert typed(line) == remote.MISUSED

    assert sentence in capsys.readouterr().err
    assert service.asked == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("ResourceNotFoundException", "deploy this release first, or name --stage and --region"),
        ("AccessDeniedException", "needs lambda:InvokeFunction on that function"),
        ("ServiceException", "Look what was done before you repeat it"),
    ],
)
def test_what_aws_refuses_is_said_with_what_to_do(
    service: Lambda, code: str, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    service.error = ClientError({"Error": {"Code": code, "Message": "no"}}, "Invoke")

    assert typed("switch") == 1
    assert sentence in capsys.readouterr().err


def test_a_lost_answer_is_not_asked_for_again(service: Lambda, capsys: pytest.CaptureFixture[str]) -> None:
    service.error = ReadTimeoutError(endpoint_url="https://lambda")

    assert typed("invite") == 1
    assert len(service.asked) == 1
    assert flask_command.TIMES.retries == {"total_max_attempts": 1, "mode": "standard"}  # type: ignore[attr-defined]
    assert "Look what was done" in capsys.readouterr().err
