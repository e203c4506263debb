"""The commands that people of Serverless and Flask type, by the real CLI, on the database of this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection

import pytest

from infra.local.data_folder import PREFIX
from infra.local.database import can_keep_data, database_client
from infra.local.dynoxide import running_dynoxide
from infra.local.processes import kept_port
from infra.tables import create_tables
from tests.declared import functions
from tests.local.local_run import HANGS_S, ROOT

pytestmark = pytest.mark.skipif(not can_keep_data(), reason="dynoxide is not installed for this system")
CLI = ROOT / "node_modules" / ".bin" / "serverless"
FUNCTIONS = list(functions())
# Each call of the CLI takes seconds: a few stand for all, which `make test-long` takes.
FEW = {"api"}


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with running_dynoxide() as address:
        create_tables(database_client(address), PREFIX)
        yield address


def shell(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FLOOD_", "RESOURCE"))}
    return kept | {"NODE_NO_WARNINGS": "1", "SLS_TELEMETRY_DISABLED": "1", "FLOOD_SOURCES": "none"} | more


def typed(*words: str, **more: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [CLI, *words], cwd=ROOT, env=shell(**more), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=HANGS_S, check=False,
    )  # fmt: skip


def some_and_all(names: list[str]) -> list[object]:
    return [name if name in FEW else pytest.param(name, marks=pytest.mark.long) for name in names]


@pytest.mark.parametrize("name", some_and_all(FUNCTIONS))
def test_each_function_is_invoked_locally_with_its_sample(database: str, name: str) -> None:
    event = f"tests/events/{name}.json"

    ran = typed("invoke", "local", "-f", name, "-p", event, AWS_ENDPOINT_URL_DYNAMODB=database)

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert ran.stdout.rstrip().endswith("}")
    assert "Traceback" not in ran.stdout + ran.stderr


@pytest.mark.long
def test_without_a_database_no_account_is_called_and_it_says_what_to_do() -> None:
    ran = typed("invoke", "local", "-f", "api", "-p", "tests/events/api.json")

    assert ran.returncode == 1
    assert "No database is chosen. Run `make serve`" in ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout + ran.stderr


def test_flask_command_runs_here_as_serverless_wsgi_documents_it(database: str) -> None:
    ran = typed("wsgi", "flask", "local", "-c", "switch notice off", AWS_ENDPOINT_URL_DYNAMODB=database)

    assert ran.returncode == 0, ran.stderr
    assert "notice: null" in ran.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "line", "said"),
    [
        ("exec", "from app.core.config import settings; print(settings().prefix)", PREFIX),
        ("command", "command -v flask", str(ROOT / ".venv/bin/flask")),
    ],
)
def test_programs_run_here(database: str, kind: str, line: str, said: str) -> None:
    ran = typed("wsgi", kind, "local", "-c", line, AWS_ENDPOINT_URL_DYNAMODB=database)

    assert (ran.returncode, ran.stdout.strip()) == (0, said), ran.stderr


@pytest.mark.long
def test_exit_status_of_what_runs_here_is_that_of_the_command() -> None:
    assert typed("wsgi", "command", "local", "-c", "exit 3").returncode == 3


@pytest.mark.long
@pytest.mark.parametrize("kind", ["exec", "command"])
def test_programs_do_not_run_in_a_deployment(kind: str) -> None:
    ran = typed("wsgi", kind, "-c", "print(1)")

    assert ran.returncode == 1
    assert f'type npx serverless wsgi {kind} local -c "..."' in ran.stdout + ran.stderr


def test_the_package_serves(database: str) -> None:
    with kept_port() as port:
        command = [sys.executable, "-m", "app", "--port", str(port)]
        environment = shell(AWS_ENDPOINT_URL_DYNAMODB=database)
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as served:
            try:
                assert served.stdout
                told = next((line for line in served.stdout if f":{port}" in line), "")
                assert told, "it ended without serving"
                connection = HTTPConnection("127.0.0.1", port, timeout=HANGS_S)
                connection.request("GET", "/healthz")
                assert connection.getresponse().status == 200
                connection.close()
            finally:
                served.terminate()
