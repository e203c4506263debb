"""Code and infrastructure name the same things."""

import ast
import importlib
from pathlib import Path
from typing import Any

import pytest
import yaml
from pynamodb.models import Model

from app.core.config import settings
from app.core.dynamodb import Table
from infra.local.gateway_menu import read_functions
from infra.tables import table_properties
from infra.template import Template, of_type

ROOT = Path(__file__).parents[2]
FUNCTIONS = read_functions()
ENVIRONMENT = yaml.safe_load((ROOT / "infra" / "environment.yml").read_text(encoding="utf-8"))
# The Lambda runtime sets these itself, or they choose a database or a file for a local run.
NOT_OURS = {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "FLOOD_MAP_FILE"}
# A deployment reads these from the parameter store, and from nowhere else.
SECRETS = {"FLOOD_SECRET", "FLOOD_PREVIOUS_SECRET", "FLOOD_ID_KEY", "FLOOD_TOTP_KEY", "FLOOD_MAIL_KEY"}


def models() -> list[type[Model]]:
    for file in sorted((ROOT / "app").rglob("*models.py")):
        importlib.import_module(".".join(file.relative_to(ROOT).with_suffix("").parts))
    found, pending = [], [Table]
    while pending:
        children = pending.pop().__subclasses__()
        pending += children
        found += [child for child in children if hasattr(child, "Meta") and child.__module__.startswith("app.")]
    return sorted(found, key=lambda model: model.__name__)


def variables_read() -> set[str]:
    """The first argument of every `reader.text(..)`, `.whole(..)`, `.address(..)` and so on in app/core/config.py."""
    tree = ast.parse((ROOT / "app" / "core" / "config.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    return {
        call.args[0].value
        for call in calls
        if call.func.attr in {"text", "line", "whole", "switch", "secret", "address", "place", "choice"}
        and isinstance(call.args[0], ast.Constant)
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_enters_by_a_handler_that_exists(function: str) -> None:
    module, _, name = FUNCTIONS[function]["handler"].rpartition(".")

    assert callable(getattr(importlib.import_module(module.replace("/", ".")), name))
    # Signing in and filing are the web function once more, each with a share of its own.
    assert module == f"handlers/{'api' if function in {'sign_in', 'file_report'} else function}"


def test_every_handler_is_deployed() -> None:
    written = {
        file.stem
        for file in (ROOT / "handlers").glob("*.py")
        if any(
            isinstance(node, ast.FunctionDef) and node.name == "handler" for node in ast.parse(file.read_text()).body
        )
    }

    assert written == {Path(function["handler"]).stem for function in FUNCTIONS.values()}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_variable_that_is_read_is_provided(function: str) -> None:
    assert FUNCTIONS[function]["environment"] == "${file(infra/environment.yml)}"
    assert variables_read() - NOT_OURS - SECRETS == set(ENVIRONMENT)


def test_every_setting_is_documented() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert [name for name in sorted(variables_read()) if f"`{name}`" not in text] == []


def metrics_measured() -> set[str]:
    """The first argument of every `telemetry.measure(..)` of the product."""
    texts = [file.read_text("utf-8") for room in ("app", "handlers") for file in (ROOT / room).rglob("*.py")]
    trees = [ast.parse(text) for text in texts if "telemetry.measure" in text]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = [call.args[0] for call in calls if ast.unparse(call.func) == "telemetry.measure"]
    return {ast.literal_eval(name) for name in names}


def test_every_metric_of_our_own_rings_somewhere(templates: dict[str, Template]) -> None:
    for stage, template in templates.items():
        found = [body["Properties"] for _, body in of_type(template, "AWS::CloudWatch::Alarm")]
        metrics = [
            each["MetricStat"]["Metric"] for one in found for each in one.get("Metrics", []) if "MetricStat" in each
        ]
        ours = [one for one in [*found, *metrics] if one.get("Namespace") == "FloodManager"]

        assert {one["MetricName"] for one in ours} == metrics_measured()
        # As `measure` names whose they are.
        deployments = [one["Dimensions"] for one in ours]
        assert deployments == [[{"Name": "deployment", "Value": f"floodmanager-{stage}"}]] * len(ours)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_model_finds_its_table_and_indexes(model: type[Model]) -> None:
    tables = {table["TableName"]: table for table in table_properties(settings().prefix)}

    table = tables[model.Meta.table_name]
    indexes = {index["IndexName"]: index["KeySchema"] for index in table.get("GlobalSecondaryIndexes", [])}
    for name, index in model._indexes.items():
        keys = {key["AttributeName"]: key["KeyType"] for key in indexes[name]}
        assert keys == {key.attr_name: key_type(key) for key in index.Meta.attributes.values() if is_key(key)}


def is_key(attribute: Any) -> bool:
    return bool(attribute.is_hash_key or attribute.is_range_key)


def key_type(attribute: Any) -> str:
    return "HASH" if attribute.is_hash_key else "RANGE"


def test_every_index_is_used_by_a_model() -> None:
    used = {(model.Meta.table_name, name) for model in models() for name in model._indexes}

    made = {
        (table["TableName"], index["IndexName"])
        for table in table_properties(settings().prefix)
        for index in table.get("GlobalSecondaryIndexes", [])
    }
    assert made == used
