"""The template as the CLI deploys it keeps our own rules, in every stage."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.photos import keys
from infra.lint import EDGE, STAGES, package
from infra.rules import faults
from infra.template import Template, of_type

ROOT = Path(__file__).parents[2]
SKIPPED = re.compile(r"  # \d{4}-\d{2}-\d{2}: .{30,}\n  - (CKV_AWS_\d+)\n")
METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE")
SECRET_TEXTS = re.compile(r"AKIA[0-9A-Z]{16}|-----BEGIN|[0-9a-f]{32}")


def keys_of(value: Any, path: str = "") -> set[str]:
    if not isinstance(value, dict):
        return {path}
    return {key for name, part in value.items() for key in keys_of(part, f"{path}/{name}")}


@pytest.mark.parametrize("stage", STAGES)
def test_template_keeps_every_rule(templates: dict[str, Template], stage: str) -> None:
    assert faults(templates[stage]) == []


def test_stages_have_the_same_keys() -> None:
    files = [ROOT / f"infra/stages/{stage}.yml" for stage in STAGES]

    keys = [keys_of(yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files]

    assert STAGES == ["dev", "prod"]
    assert all(one == keys[0] for one in keys)


def test_stages_deploy_the_same_resources(templates: dict[str, Template]) -> None:
    kinds = [{name: body["Type"] for name, body in template["Resources"].items()} for template in templates.values()]

    assert all(one == kinds[0] for one in kinds)


def test_dev_suits_a_new_account(templates: dict[str, Template]) -> None:
    """It may run ten functions at once and reserve none of them."""
    functions = [body["Properties"] for _, body in of_type(templates["dev"], "AWS::Lambda::Function")]

    assert all("ReservedConcurrentExecutions" not in function for function in functions)
    assert templates["dev"]["Conditions"]["HasCdn"] == {"Fn::Equals": ["cdn: off", "cdn: on"]}
    assert templates["prod"]["Conditions"]["HasCdn"] == {"Fn::Equals": ["cdn: on", "cdn: on"]}


def test_unknown_stage_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"There are: dev, prod\. For another, copy infra/stages/dev\.yml") as raised:
        package("staging", tmp_path / "staging")

    assert "    at " not in str(raised.value)


@pytest.mark.parametrize("stage", STAGES)
def test_names_are_those_of_the_stage(templates: dict[str, Template], stage: str) -> None:
    names = [
        (key, value)
        for body in templates[stage]["Resources"].values()
        for key, value in body.get("Properties", {}).items()
        if key in ("TableName", "QueueName", "FunctionName", "TopicName", "AlarmName") and isinstance(value, str)
    ]

    assert len(names) > 40
    assert len(set(names)) == len(names)
    assert [name for _, name in names if not name.startswith(f"floodmanager-{stage}-")] == []


def test_outputs_tell_what_a_person_needs_next(templates: dict[str, Template]) -> None:
    assert {"HttpApiUrl", "CdnUrl", "DomainUrl", "AlarmsTopicArn", "BackupsBucketName"} <= templates["prod"][
        "Outputs"
    ].keys()


def test_nothing_in_the_fragments_looks_like_a_secret() -> None:
    files = [ROOT / "serverless.yml", *(ROOT / "infra").rglob("*.yml")]

    assert [file.name for file in files if SECRET_TEXTS.search(file.read_text(encoding="utf-8"))] == []


def test_every_fragment_is_plain_yaml() -> None:
    for file in (ROOT / "infra").rglob("*.yml"):
        assert isinstance(yaml.safe_load(file.read_text(encoding="utf-8")), dict)


def test_edge_turns_away_floods_of_any_method() -> None:
    acl = yaml.safe_load(EDGE.read_text(encoding="utf-8"))["Resources"]["WebAcl"]["Properties"]

    rules = {rule["Name"]: rule for rule in acl["Rules"]}
    writes, all_methods = (rules[name]["Statement"]["RateBasedStatement"] for name in ("write-rate", "request-rate"))
    spared = writes["ScopeDownStatement"]["NotStatement"]["Statement"]["RegexMatchStatement"]
    assert acl["Scope"] == "CLOUDFRONT"
    assert (writes["Limit"], writes["EvaluationWindowSec"], writes["AggregateKeyType"]) == (300, 300, "IP")
    assert [one for one in METHODS if not re.search(spared["RegexString"], one)] == ["POST", "PUT", "PATCH", "DELETE"]
    assert "ScopeDownStatement" not in all_methods
    assert all_methods["Limit"] > writes["Limit"]
    assert rules["common"]["OverrideAction"] == {"Count": {}}


def test_production_has_a_web_acl_without_another_step(templates: dict[str, Template]) -> None:
    config = templates["prod"]["Resources"]["Cdn"]["Properties"]["DistributionConfig"]

    assert config["WebACLId"]["Fn::If"][1] == "{{resolve:ssm:/floodmanager/prod/web-acl}}"
    assert templates["prod"]["Conditions"]["HasWebAcl"] != templates["dev"]["Conditions"]["HasWebAcl"]


def test_the_cdn_serves_while_photos_are_held_what_a_responder_shows_alone(templates: dict[str, Template]) -> None:
    config = templates["prod"]["Resources"]["Cdn"]["Properties"]["DistributionConfig"]
    (photos,) = [origin for origin in config["Origins"] if "S3OriginConfig" in origin]

    when, held, free = photos["OriginPath"]["Fn::If"]
    assert templates["prod"]["Conditions"][when] == {"Fn::Equals": ["photos: ", "photos: held"]}
    assert (f"{held}/photos/x/large.jpg", free) == (
        f"/{keys.public_key('x', 'large', is_held=True)}",
        {"Ref": "AWS::NoValue"},
    )


def test_every_check_that_is_skipped_has_a_reason_and_a_date() -> None:
    text = (ROOT / "infra/checkov.yml").read_text(encoding="utf-8")

    assert sorted(SKIPPED.findall(text)) == sorted(yaml.safe_load(text)["skip-check"])


def test_no_output_changes_with_each_deployment(templates: dict[str, Template]) -> None:
    """The CLI's own of a layer has the date in its path: nothing would ever count as unchanged."""
    dated = re.compile(r"\d{13}-\d{4}-\d\d-\d\d")

    assert [name for name, output in templates["prod"]["Outputs"].items() if dated.search(str(output["Value"]))] == []
