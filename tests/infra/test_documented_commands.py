"""Every command of README.md and docs/operations.md is run by a test: here, or in the file that is named for it.

Calls of the AWS CLI are the exception: test_operations.py looks at their parameters as that CLI does.
"""

import re
import shlex
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import FlaskGroup

from app.gazetteer import pack_file
from app.gazetteer.models import STORE, GazetteerBlock

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = (README, (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
PHRASE = "a wet november evening"
FLASK = ".venv/bin/flask --app app.factory "
HERE = "test_documented_commands.py"
STORY, COMMANDS = "deploy/test_story.py", "local/test_commands.py"
# For each command the test that runs it, and the words by which it does.
RUN_BY = {
    "make help": (HERE, '"help"'),
    "make serve": ("local/local_run.py", "infra.local.serve"),
    "make import": ("local/test_command.py", "infra.local.command"),
    "make ingest": ("app/test_ingest_command.py", '"ingest"'),
    "make doctor": ("app/cli/test_doctor.py", "invoke(doctor.examine"),
    "make gateway": ("local/test_gateway_product.py", "infra.local.serve_artifact"),
    "make package": ("infra/test_package.py", '"infra.package"'),
    "make deploy": (STORY, 'run("deploy")'),
    "make basemap": ("infra/test_basemap.py", "main("),
    "make storm": ("bench/test_alert_storm.py", "alert_storm"),
    "make mutate": ("infra/test_mutate.py", "mutate.main("),
    "make audit": ("infra/test_audit.py", "audit.audit("),
    "make sbom": ("infra/test_audit.py", "sbom.complete("),
    "make translations": ("app/pages/frame/test_translations.py", "translations"),
    "npx serverless deploy": (STORY, 'run("deploy")'),
    "npx serverless deploy list": (STORY, 'run("deploy", "list")'),
    "npx serverless rollback": (STORY, 'run("rollback"'),
    "npx serverless remove": (STORY, 'run("remove")'),
    "npx serverless info": ("deploy/commanding.py", 'run("info")'),
    "npx serverless logs": ("deploy/commanding.py", 'run("logs"'),
    "npx serverless metrics": ("deploy/commanding.py", 'run("metrics"'),
    "npx serverless invoke": ("deploy/commanding.py", 'run("invoke"'),
    "npx serverless invoke local": (COMMANDS, 'typed("invoke", "local"'),
    "npx serverless wsgi serve": ("local/test_serve.py", "start("),
    "npx serverless wsgi flask": ("deploy/commanding.py", 'run("wsgi", "flask", "-c"'),
    "npx serverless wsgi flask local": (COMMANDS, 'typed("wsgi", "flask", "local", "-c"'),
    "npx serverless wsgi exec local": (COMMANDS, '"exec"'),
    "npx serverless wsgi command local": (COMMANDS, '"command"'),
    "python -m app": (COMMANDS, '"-m", "app"'),
    "python -m app.cli.doctor": ("app/cli/test_doctor.py", "app.cli.doctor"),
    "python -m infra.backups": ("deploy/restoring.py", '"infra.backups"'),
    "python -m infra.costs": (HERE, '"infra.costs"'),
    "python -m infra.edge": ("infra/test_edge.py", "edge.remove("),
    "python -m infra.flask_command": ("deploy/commanding.py", '"infra.flask_command"'),
    "python -m infra.restored": ("deploy/restoring.py", '"infra.restored"'),
    "python -m infra.secrets": ("app/core/test_signing_keys.py", "secrets.main("),
    "flask run": (COMMANDS, '"-m", "app"'),
    "flask doctor": ("app/cli/test_doctor.py", "invoke(doctor.examine"),
    "flask load-gazetteer": ("app/gazetteer/test_loading.py", "load-gazetteer"),
    "flask push-static": ("app/test_push_static.py", "push-static"),
    "flask redrive": (STORY, 'flask("redrive")'),
}
# The tests themselves, and what measures.
SUITES = {f"make {verb}" for verb in "test test-runtime test-long test-deploy test-pages check bench".split()}
# Of the README, in its order; these are run by others. The key is no account's.
BY_OTHERS, STATUSES = {"run", "doctor", "load-gazetteer"}, {"end-key": 1}


def said(document: str) -> list[str]:
    """The commands of a document, in blocks and in sentences, without what they set for themselves."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", document, re.DOTALL)).splitlines()
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", document)
    return [re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line.strip()) for line in (*blocks, *spans)]


def name_of(command: str) -> str:
    """A command without its options and arguments; empty for what is none of these."""
    if found := re.match(r"make ([a-z][a-z-]*)\b(?!-)", command):
        return f"make {found[1]}"
    if command.startswith("npx serverless "):
        return " ".join(re.match(r"npx serverless(?: [a-z]+)*", command)[0].split())  # type: ignore[index]
    if found := re.match(r"(?:\.venv/bin/)?python -m ([\w.]+)", command):
        return f"python -m {found[1]}"
    found = re.match(rf"(?:{re.escape(FLASK)}|flask )([a-z][a-z-]+)", command)
    return f"flask {found[1]}" if found else ""


def of_readme() -> list[str]:
    return [line.removeprefix(FLASK) for line in said(README) if line.startswith(FLASK)]


NAMES = sorted({name for document in DOCUMENTS for line in said(document) if (name := name_of(line))})
RUN_HERE = {f"flask {line.split()[0]}" for line in of_readme()} - {f"flask {one}" for one in BY_OTHERS}


@pytest.mark.parametrize("name", NAMES)
def test_each_command_is_run_by_a_test(name: str) -> None:
    if name in SUITES or name in RUN_HERE:
        return
    file, words = RUN_BY[name]
    path = Path(__file__) if file == HERE else ROOT / "tests" / file

    assert words in path.read_text(encoding="utf-8"), f"{file} does not run {name}"


def test_no_command_is_named_that_is_documented_no_more() -> None:
    assert len(NAMES) > 50
    assert RUN_BY.keys() - set(NAMES) == set()


@pytest.fixture
def _gazetteer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every place is known, as after `load-gazetteer`."""
    known = {f"whole/{key}": content for key, content in pack_file.read_contents(pack_file.FILE)}

    def read(keys: Iterable[str]) -> dict[str, bytes]:
        return {key: zlib.compress(known[key], 1) for key in keys if key in known}

    monkeypatch.setattr(GazetteerBlock, "read", read)
    monkeypatch.setattr(GazetteerBlock, "read_current", lambda: GazetteerBlock("current/1", version="whole"))
    STORE.forget()
    yield
    STORE.forget()


@pytest.mark.usefixtures("_gazetteer")
def test_flask_commands_of_the_readme_run_in_their_order(app: Flask) -> None:
    flask = FlaskGroup(create_app=lambda: app, set_debug_flag=False)
    ran: list[tuple[str, Result]] = []
    for line in of_readme():
        words = shlex.split(line)
        if words[0] not in BY_OTHERS:
            ran.append((line, CliRunner().invoke(flask, words, input=f"{PHRASE}\n{PHRASE}\n")))

    assert len(ran) > 10
    assert [(line, one.output) for line, one in ran if one.exit_code != STATUSES.get(line.split()[0], 0)] == []


def test_make_explains_its_verbs() -> None:
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)

    explained = set(re.findall(r"^  make ([a-z-]+)", done.stdout, re.MULTILINE))
    verbs = {name.removeprefix("make ") for name in NAMES if name.startswith("make ")}
    assert verbs <= explained


def test_costs_are_told_for_a_load() -> None:
    command = [sys.executable, "-m", "infra.costs", "--requests-a-day", "100000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)

    assert "| 100,000 | 100,000, CDN |" in done.stdout
