"""Typed clients that others generate from the description: right programs compile and call us, wrong ones do not."""

import json
import re
import secrets
import sys
from pathlib import Path

import pytest

from tests.clients import running
from tests.clients.running import PYTHON, Failed
from tests.local.local_run import LocalRun

TYPES = "description.d.ts"
TSC = ("--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")
MYPY = (
    *(sys.executable, "-m", "mypy", "--strict", "--python-executable", str(PYTHON)),
    *("--no-incremental", "--follow-imports", "silent"),
)
USING = f'import type {{ components, paths }} from "./{TYPES}";\ntype NewReport = components["schemas"]["NewReport"];\n'
# What this generator takes for no text or file by itself.
AS_TEXT = dict.fromkeys(("application/atom+xml", "application/rss+xml", "application/cap+xml"), "text/plain")
AS_FILE = {"image/jpeg": "application/octet-stream"}
RIGHT_TS = """
const wanted: NewReport = { location: { lat: 51.3813, lon: -2.359 }, depth_cm: 30, severity: "severe" };
type Listed = paths["/v1/reports"]["get"]["responses"][200]["content"]["application/json"];
type Asked = paths["/v1/reports"]["get"]["parameters"]["query"];
const asked: Asked = { bbox: "-2.5,51.3,-2.2,51.5", severity_min: "moderate", limit: 20 };
export function titles(page: Listed): (string | null)[] {
  return page.items.flatMap((item) => ("gone" in item ? [] : [item.title]));
}
export const sent: [NewReport, Asked] = [wanted, asked];
"""
# Each with the number of the compiler's error.
WRONG_TS = {
    "a number": ("const wrong: NewReport = 42;", "TS2322"),
    "no place": ("const wrong: NewReport = { depth_cm: 30 };", "TS2741"),
    "a place of text": ('const wrong: NewReport = { location: "Bath", depth_cm: 30 };', "TS2322"),
    "an unknown word": (
        'const wrong: NewReport = { location: { lat: 1, lon: 1 }, severity: "terrible" };',
        "TS2322",
    ),
    "an unknown field": ("const wrong: NewReport = { location: { lat: 1, lon: 1 }, deep_cm: 30 };", "TS2353"),
    "a field that no answer has": (
        'const wrong = (report: components["schemas"]["Report"]) => report.depth;',
        "TS2339",
    ),
    "a path that is not there": ('type Wrong = paths["/v2/reports"];', "TS2339"),
}
RIGHT_PYTHON = """
import sys
from flood_client import AuthenticatedClient, Client
from flood_client.api.accounts import create_account, create_tokens
from flood_client.api.reports import create_report, list_reports, read_report
from flood_client.api.warnings import list_warnings
from flood_client.models import Account, Location, NewAccount, NewReport, Page, Report, SignedIn, SignIn, WarningPage

address, name, password = sys.argv[1:]
anyone = Client(base_url=address, raise_on_unexpected_status=True)
warnings = list_warnings.sync(client=anyone)
assert isinstance(warnings, WarningPage) and warnings.items[0].source
made = create_account.sync(client=anyone, body=NewAccount(username=name, password=password))
assert isinstance(made, Account), made
tokens = create_tokens.sync(client=anyone, body=SignIn(username=name, password=password))
assert isinstance(tokens, SignedIn), tokens
client = AuthenticatedClient(base_url=address, token=tokens.access_token, raise_on_unexpected_status=True)
wanted = NewReport(location=Location(lat=51.3813, lon=-2.359), depth_cm=30.0, title="Asked by a generated client")
filed = create_report.sync(client=client, body=wanted, idempotency_key=f"first-report-of-{name}")
assert isinstance(filed, Report), filed
read = read_report.sync(filed.id, client=client)
assert isinstance(read, Report) and read.depth_cm == 30 and read.title == wanted.title
page = list_reports.sync(client=client, limit=5)
assert isinstance(page, Page) and 1 <= len(page.items) <= 5
print("all answered")
"""
WRONG_PYTHON = {
    "a number": "from flood_client.models import NewReport\nwrong: NewReport = 42\n",
    "no place": "from flood_client.models import NewReport\nwrong = NewReport(depth_cm=30.0)\n",
    "a place of text": "from flood_client.models import NewReport\nwrong = NewReport(location='Bath')\n",
}


@pytest.fixture(scope="module")
def described(product: LocalRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The description as the product serves it."""
    file = tmp_path_factory.mktemp("description") / "openapi.json"
    running.run("curl", "-sSf", "-o", file, f"{product.url}/openapi.json")
    return file


@pytest.fixture(scope="module")
def types(described: Path) -> Path:
    """A folder with the types that openapi-typescript makes."""
    running.tool("openapi-typescript", described, "-o", described.with_name(TYPES))
    return described.parent


@pytest.fixture(scope="module")
def python_client(described: Path) -> Path:
    """A folder with the package that openapi-python-client makes."""
    folder = described.with_name("python")
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"content_type_overrides": AS_TEXT | AS_FILE}), encoding="utf-8")
    running.run(
        *(PYTHON.with_name("openapi-python-client"), "generate", "--path", described),
        *("--meta", "none", "--output-path", folder / "flood_client", "--fail-on-warning", "--config", "config.json"),
        cwd=folder,
    )
    return folder


@pytest.fixture(scope="module")
def judged_typescript(types: Path) -> str:
    """The compiler's words about all programs at once: each run of it reads all types."""
    programs = {"right": RIGHT_TS} | {name: program for name, (program, _) in WRONG_TS.items()}
    files = [types / f"{name.replace(' ', '_')}.ts" for name in programs]
    for file, program in zip(files, programs.values(), strict=True):
        file.write_text(f"{USING}{program}\nexport {{}};\n", encoding="utf-8")
    with pytest.raises(Failed) as failed:
        running.tool("tsc", *TSC, *files)
    return str(failed.value)


@pytest.fixture(scope="module")
def judged_python(python_client: Path) -> str:
    """The words of mypy about all programs at once. The package's own modules are not judged, only used."""
    programs = {"right": RIGHT_PYTHON} | WRONG_PYTHON
    files = [f"{name.replace(' ', '_')}.py" for name in programs]
    for file, program in zip(files, programs.values(), strict=True):
        (python_client / file).write_text(program, encoding="utf-8")
    with pytest.raises(Failed) as failed:
        running.run(*MYPY, *files, cwd=python_client)
    return str(failed.value)


def test_redocly_finds_nothing(described: Path) -> None:
    said = running.tool("redocly", "lint", described, "--extends", "recommended")

    assert "Your API description is valid" in said
    assert "warning" not in said.partition("validating")[2]


def test_spectral_finds_nothing(described: Path) -> None:
    rules = described.with_name("rules.yaml")
    rules.write_text('extends: ["spectral:oas"]\n', encoding="utf-8")

    assert "No results" in running.tool("spectral", "lint", described, "-r", rules, "--fail-severity", "hint")


def test_validator_of_specifications_finds_nothing(described: Path) -> None:
    assert f"{described}: OK" in running.run(Path(sys.executable).with_name("openapi-spec-validator"), described)


def test_right_program_in_typescript_compiles(judged_typescript: str) -> None:
    assert "right.ts(" not in judged_typescript
    assert f"{TYPES}(" not in judged_typescript


@pytest.mark.parametrize("what", WRONG_TS)
def test_wrong_program_in_typescript_does_not_compile(judged_typescript: str, what: str) -> None:
    _, error = WRONG_TS[what]

    assert re.search(rf"\b{what.replace(' ', '_')}\.ts\(\d+,\d+\): error {error}:", judged_typescript), (
        judged_typescript
    )


def test_right_program_in_python_is_typed_and_calls_us(
    judged_python: str, python_client: Path, product: LocalRun
) -> None:
    name, password = f"generated-{secrets.token_hex(4)}", "a wet november evening"
    said = running.run(PYTHON, "right.py", product.url, name, password, cwd=python_client)

    assert said == "all answered\n"
    assert "right.py:" not in judged_python


@pytest.mark.parametrize("what", WRONG_PYTHON)
def test_wrong_program_in_python_is_refused(judged_python: str, what: str) -> None:
    assert re.search(rf"^{what.replace(' ', '_')}\.py:\d+: error:", judged_python, re.MULTILINE), judged_python
