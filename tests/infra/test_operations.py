"""docs/operations.md says what the files say: each alarm, queue, table, stage value, command and price."""

import ast
import importlib
import json
import re
import shlex
import subprocess
from itertools import chain
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from botocore import xform_name
from botocore.validate import ParamValidator
from flask import Flask

from app.aws.parameters import MAIL_NAMES, NAMES, SMTP_NAMES, TOTP_NAMES
from infra import costs
from infra.cost_prices import LISTS
from infra.cost_work import Load
from infra.template import Template, of_type

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
LINES = [line.strip() for line in "\n".join(BLOCKS).splitlines()]
SPANS = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", TEXT)
STARTS = ("make ", "aws ", "npx serverless ", "python -m ", ".venv/bin/", "RESOURCE_PREFIX=")
COMMANDS = [said for said in chain(LINES, SPANS) if said.startswith(STARTS) and "..." not in said.split()[-1]]
STAGE_FILES = {stage: yaml.safe_load((ROOT / f"infra/stages/{stage}.yml").read_text()) for stage in ("dev", "prod")}
# The AWS CLI's own, which are no members of a request.
OF_THE_CLI = {"query", "output", "region", "recursive"}
# Commands that are calls of no service.
OF_THE_CLI_ALONE = ("s3", "configure", "sso")


def commands(start: str) -> list[str]:
    """The commands that begin so, after what they set for themselves."""
    return [said for said in COMMANDS if re.match(rf"(?:[A-Z_]+=\S+ )*{re.escape(start)}", said)]


def section(title: str) -> str:
    return re.split(r"^## ", TEXT.split(f"## {title}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]


def rows(title: str) -> list[list[str]]:
    """The rows of a section's tables, without heads."""
    found = [line for line in section(title).splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in found]


def figure(alarm: dict[str, Any]) -> str:
    """Format an alarm's threshold and period as the document does."""
    period = alarm.get("Period") or next(one["MetricStat"]["Period"] for one in alarm["Metrics"] if "MetricStat" in one)
    under = "under " if alarm["ComparisonOperator"].startswith("LessThan") else ""
    return f"{under}{alarm['Threshold']:,} in {period * alarm['EvaluationPeriods'] // 60} min"


def alarms(template: Template, stage: str) -> dict[str, str]:
    found = (body["Properties"] for _, body in of_type(template, "AWS::CloudWatch::Alarm"))
    return {one["AlarmName"].removeprefix(f"floodmanager-{stage}-"): figure(one) for one in found}


@pytest.mark.parametrize("stage", STAGE_FILES)
def test_every_alarm_has_its_row_with_its_figure(templates: dict[str, Template], stage: str) -> None:
    told = {
        name: at
        for names, at, *_ in rows("6. Alarms, and what to do")
        for name in re.findall(r"`([\w-]+)`", names)
        if re.fullmatch(r".* in \d+ min", at)
    }

    assert told == alarms(templates[stage], stage)


def test_every_queue_table_and_function_is_named(templates: dict[str, Template]) -> None:
    kinds = {
        "AWS::SQS::Queue": "QueueName",
        "AWS::DynamoDB::Table": "TableName",
        "AWS::Lambda::Function": "FunctionName",
    }
    created = section("1. First deployment")

    for kind, name in kinds.items():
        for _, body in of_type(templates["prod"], kind):
            assert f"`{body['Properties'][name].removeprefix('floodmanager-prod-')}`" in created


def test_counts_of_what_is_created_are_right(templates: dict[str, Template]) -> None:
    kinds = {"Lambda functions": "AWS::Lambda::Function", "DynamoDB tables": "AWS::DynamoDB::Table"} | {
        "SQS queues": "AWS::SQS::Queue",
        "buckets": "AWS::S3::Bucket",
        "alarms": "AWS::CloudWatch::Alarm",
    }

    for said, kind in kinds.items():
        found = re.search(rf"^\| {said}.*? \| (\d+)", section("1. First deployment"), re.MULTILINE)
        assert found and int(found[1]) == len(list(of_type(templates["prod"], kind))), said


def test_what_stays_after_a_removal_is_said(templates: dict[str, Template]) -> None:
    retained = [body["Type"] for body in templates["prod"]["Resources"].values() if "DeletionPolicy" in body]

    assert sorted(set(retained)) == ["AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::SQS::Queue"]
    assert [retained.count(kind) for kind in sorted(set(retained))] == [15, 3, 22]
    assert (
        "the fifteen tables, the twenty-two queues, the backups bucket, the audit's bucket and that of photos, the "
        "parameters" in section("10. Removal")
    )


def test_every_value_of_a_stage_is_told_as_it_is() -> None:
    told = {
        name: dict(zip(STAGE_FILES, values, strict=False))
        for names, *cells in rows("3. Stages")
        for name, *values in zip(
            re.findall(r"`(\w+)`", names), *([one.strip() for one in cell.split(",")] for cell in cells), strict=False
        )
    }
    names = set(re.findall(r"`(\w+)`", section("3. Stages")))

    for stage, values in STAGE_FILES.items():
        assert values.keys() <= names
        for name, value in values.items():
            if isinstance(value, int) or value is None:
                assert told[name][stage] == json.dumps(value), name


def test_every_key_of_the_parameter_store_has_its_row() -> None:
    assert [names.strip("`") for names, *_ in rows("4. Keys")] == [
        *(*NAMES[:-1], *TOTP_NAMES, *MAIL_NAMES, *SMTP_NAMES, NAMES[-1])
    ]


@pytest.mark.parametrize("command", commands("make "))
def test_each_make_target_exists(command: str) -> None:
    target = shlex.split(command)[1]

    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("command", [said for said in COMMANDS if "python -m " in said])
def test_each_module_exists_and_knows_its_words(command: str) -> None:
    _, module, *words = shlex.split(command)[command.startswith("RESOURCE") :]
    module, words = words[0], words[1:]
    source = Path(importlib.import_module(module).__file__ or "").read_text(encoding="utf-8")
    texts = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}

    assert {word for word in words[:1] if not word.startswith("-")} <= texts
    assert {word for word in words if word.startswith("--") and word != "--"} <= texts


@pytest.mark.parametrize("command", [said for said in COMMANDS if "bin/flask" in said])
def test_each_flask_command_exists(app: Flask, command: str) -> None:
    name = command.split("app.factory ")[1].split(maxsplit=1)[0]

    assert re.search(rf"^  {name} ", app.test_cli_runner().invoke(args=["--help"]).output, re.MULTILINE)


def test_the_cli_knows_each_of_its_commands_and_options() -> None:
    asks = "const all = require('serverless/lib/cli/commands-schema'); const named = ([name, of]) => "
    tells = (
        "[name, Object.keys(of.options || {})]; const { wsgi } = new (require('serverless-wsgi'))({}, {}).commands;"
        "const ours = Object.entries(wsgi.commands).map(([name, of]) => [`wsgi ${name}`, of]);"
        "console.log(JSON.stringify([...all, ...ours].map(named)))"
    )
    done = subprocess.run(
        ["node", "-e", asks + tells], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True
    )
    known = dict(json.loads(done.stdout))

    for command in commands("npx serverless "):
        words = shlex.split(command.removeprefix("npx serverless "))
        count = next((place for place, word in enumerate(words) if word.startswith("-")), len(words))
        asked = {word.removeprefix("--") for word in words if word.startswith("--")}
        assert asked <= {*known[" ".join(words[:count])], "stage"}, command


@pytest.mark.parametrize("command", [said for said in commands("aws ") if said.split()[1] not in OF_THE_CLI_ALONE])
def test_aws_knows_each_call_and_takes_its_parameters(command: str) -> None:
    """As the CLI looks at them before it sends them: each is known and of its kind, and none that is needed lacks."""
    filled = re.sub(r"\bARN\b", "arn:aws:service:eu-west-2:123456789012:thing", command)
    service, call, *words = shlex.split(re.sub(r"\$\(.*?\)|\$noun", "X", filled))[1:]
    session = botocore.session.get_session()
    model = session.get_service_model("s3" if service == "s3api" else service)
    if call == "wait":
        waiters = session.get_waiter_model(service)
        names = {xform_name(name, "-"): name for name in waiters.waiter_names}
        call = xform_name(waiters.get_waiter(names[words.pop(0)]).operation, "-")
    operation = {xform_name(name, "-"): name for name in model.operation_names}[call]
    shape = model.operation_model(operation).input_shape

    # Without any parameter a call is only named.
    report = ParamValidator().validate(typed(words, shape), shape) if shape and words else None

    assert not report or not report.has_errors(), report.generate_report()


def typed(words: list[str], shape: Any) -> dict[str, Any]:
    """The parameters of a call as they are typed."""
    names = {xform_name(name, "-"): name for name in shape.members}
    told: dict[str, Any] = {}
    while words:
        option = words.pop(0).removeprefix("--")
        values = []
        while words and not words[0].startswith("--"):
            values.append(words.pop(0))
        if option not in OF_THE_CLI:
            name = names[option] if option in names else names[option.removeprefix("no-")]
            told[name] = value_of(values, shape.members[name]) if values else option in names
    return told


def value_of(values: list[str], shape: Any) -> Any:
    """One value as its shape wants it: JSON, the CLI's short form `Name=value,Name=value`, or as it stands."""
    text = " ".join(values)
    if text.startswith(("{", "[")):
        return json.loads(text)
    if shape.type_name == "list":
        return [value_of([value], shape.member) for value in values]
    if shape.type_name == "structure":
        pairs = (part.partition("=") for part in text.split(","))
        return {name: value_of([value], shape.members[name]) for name, _, value in pairs}
    kinds: dict[str, Any] = {"integer": int, "long": int, "double": float, "boolean": lambda word: word == "true"}
    return kinds.get(shape.type_name, str)(text)


def test_aws_commands_are_in_the_document() -> None:
    assert len(commands("aws ")) > 15


def test_links_lead_somewhere() -> None:
    heads = {
        re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }

    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        file, _, anchor = target.partition("#")
        assert not file or (ROOT / "docs" / file).exists(), target
        assert not anchor or file or anchor in heads, target


def test_costs_are_those_of_the_formula() -> None:
    loads = [Load(count, hits) for count in (1e3, 1e5, 1e7) for hits in (None, costs.HITS)]

    assert costs.table(loads) in TEXT


def test_every_price_is_told() -> None:
    table = section("2. What it costs").split("| price, eu-west-2", 1)[1]
    told = {float(figure) for figure in re.findall(r"(?<![\w.])\d+\.\d+", table)}

    assert set(costs.PRICES.values()) - told == set()
    assert [date for _, date in LISTS.values() if date.removeprefix("look ") not in TEXT.replace("**", "")] == []


def test_metrics_of_alarms_are_counted_as_they_are(templates: dict[str, Template]) -> None:
    found = [body["Properties"] for _, body in of_type(templates["prod"], "AWS::CloudWatch::Alarm")]
    metrics = sum(1 if "MetricName" in one else sum("MetricStat" in each for each in one["Metrics"]) for one in found)

    assert metrics == costs.ALARM_METRICS
