"""schemathesis asks the running product for what its description promises, as each role, and finds nothing.

It takes the examples of the description and follows its links; in the long run also at its bounds, and by chance.
What it is not asked: schemathesis.toml. `make test` asks the same library more, in its own process
(tests/security/test_schemathesis.py).
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients import running
from tests.clients.running import ROOT
from tests.local.local_run import LocalRun

CONFIG = ROOT / "tests" / "clients" / "schemathesis.toml"
PASSWORD = "a wet november evening by the weir"
ROLES = {
    "resident": "",
    "responder": "create-responder",
    "admin": "create-admin",
}
SEED = "1"
# The phases, and at most how many requests of a kind each makes.
SHORT, LONG = ("examples,stateful", "3"), ("examples,coverage,fuzzing,stateful", "20")
# These would end the sign-in by which all others are asked.
KEEPS_SIGN_IN = ("--exclude-operation-id", "end_tokens", "--exclude-operation-id", "end_session")


@pytest.fixture(scope="module")
def signed_in(empty_product: LocalRun) -> dict[str, tuple[str, ...]]:
    """The options by which each role is asked as; every account is new."""
    return {"anonymous": ()} | {role: (*KEEPS_SIGN_IN, "-H", sign_in(empty_product, role)) for role in ROLES}


def sign_in(product: LocalRun, role: str) -> str:
    account = {"username": f"asks-as-{role}", "password": PASSWORD}
    if command := ROLES[role]:
        flask(product, command, account["username"], "--password", PASSWORD)
    else:
        assert product.request("/v1/accounts", account)[0] == 201
    status, tokens = product.request("/v1/tokens", account)
    assert status == 200, tokens
    return f"Authorization: Bearer {tokens['access_token']}"


def flask(product: LocalRun, *command: str) -> None:
    area = ("--area", "Bath") if command[0] == "create-responder" else ()
    module = (sys.executable, "-m", "infra.local.command", "--data", str(product.folder))
    subprocess.run([*module, *command, *area], cwd=ROOT, check=True, timeout=running.HANGS_S, capture_output=True)


def asked(product: LocalRun, options: tuple[str, ...], phases: str, most: str, folder: Path) -> str:
    """Return what schemathesis says. Raises running.Failed if it finds something."""
    return running.run(
        *(Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG),
        *("run", f"{product.url}/openapi.json", "--phases", phases, "-n", most, "--seed", SEED),
        *("--no-color", "--generation-database", "none", *options),
        cwd=folder,
    )


def requests_in(said: str) -> int:
    found = re.search(r"(\d+) generated", said)
    assert found, said
    return int(found[1])


@pytest.mark.parametrize("role", ["anonymous", *ROLES])
def test_nothing_is_found_by_examples_and_links(
    empty_product: LocalRun, signed_in: dict[str, tuple[str, ...]], tmp_path: Path, role: str
) -> None:
    said = asked(empty_product, signed_in[role], *SHORT, tmp_path)

    assert requests_in(said) > 100
    assert is_still_signed_in(empty_product, signed_in[role])


@pytest.mark.long
@pytest.mark.parametrize("role", ["anonymous", *ROLES])
def test_nothing_is_found_at_the_bounds_and_by_chance(
    empty_product: LocalRun, signed_in: dict[str, tuple[str, ...]], tmp_path: Path, role: str
) -> None:
    said = asked(empty_product, signed_in[role], *LONG, tmp_path)

    assert requests_in(said) > 4000
    assert is_still_signed_in(empty_product, signed_in[role])


def is_still_signed_in(product: LocalRun, options: tuple[str, ...]) -> bool:
    """Return whether a token is as good as at the beginning; where none was sent there is nothing to lose."""
    if not options:
        return True
    token = options[-1].removeprefix("Authorization: ")
    return product.request("/v1/me", Authorization=token)[0] == 200
