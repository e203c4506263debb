"""A cold start makes no call, and a failed one is visible, so that Lambda starts another."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = sorted(
    f"handlers.{file.stem}" for file in (ROOT / "handlers").glob("*.py") if "\ndef handler(" in file.read_text()
)
# An audit hook cannot be taken off again, and sees what goes past `socket.socket` too.
WITHOUT_NETWORK = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        raise RuntimeError(f"{event} {arguments[1:]}")
sys.addaudithook(refuse)
"""
IN_LAMBDA = {
    "AWS_LAMBDA_FUNCTION_NAME": "floodmanager-api",
    "AWS_REGION": "eu-west-2",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "RESOURCE_PREFIX": "floodmanager-import",
    "FLOOD_SECRET": "a-secret-for-tests-that-is-long-enough-to-be-taken",
    "FLOOD_ID_KEY": "an-id-key-for-tests-that-is-long-enough-to-be-taken",
}


def run(script: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run in a process whose environment holds only what Lambda gives."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FLOOD_", "RESOURCE_"))}
    command = [sys.executable, "-c", script]
    environment = bare | IN_LAMBDA | settings
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=False)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_cold_start_makes_no_network_call(function: str) -> None:
    ran = run(f"{WITHOUT_NETWORK}\nimport {function}\nprint(callable({function}.handler))")

    assert (ran.returncode, ran.stdout.strip()) == (0, "True"), ran.stderr[-2000:]


def test_naive_twin_that_asks_at_import_is_caught() -> None:
    ran = run(f"{WITHOUT_NETWORK}\nimport boto3\nboto3.client('dynamodb', 'eu-west-2').list_tables()")

    assert ran.returncode != 0
    assert "socket." in ran.stderr


def test_import_that_fails_names_what_is_missing_and_fails_again() -> None:
    twice = """
for attempt in range(2):
    try:
        import handlers.api
    except Exception as error:
        print(type(error).__name__, "FLOOD_SECRET" in str(error), "FLOOD_ID_KEY" in str(error))
"""
    ran = run(twice, FLOOD_SECRET="", FLOOD_ID_KEY="short")

    assert ran.stdout.splitlines() == ["BadSettings True True"] * 2


def test_import_that_fails_ends_the_process() -> None:
    assert run("import handlers.api", FLOOD_SECRET="").returncode != 0


def test_naive_twin_that_keeps_its_failure_is_caught() -> None:
    """As the library's own entry does: it catches what the import raised, and answers with it ever after."""
    kept = """
def handler(event, context):
    return failure
try:
    import handlers.api
except Exception as error:
    failure = {"statusCode": 500, "body": str(error)}
"""
    ran = run(kept, FLOOD_SECRET="")

    assert ran.returncode == 0
