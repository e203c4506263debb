"""Names are checked before anything is made; they differ between regions where they must; a deployed one stays."""

import json
from copy import deepcopy

import pytest

from infra import names
from infra.template import Template


def renamed(template: Template, stage: str) -> Template:
    return dict(json.loads(json.dumps(template).replace("floodmanager-prod", f"floodmanager-{stage}")))


@pytest.mark.parametrize("stage", ["prod", "dev", "city-2", "staging-kendal"])
def test_the_names_of_usual_stages_fit_in_every_region(templates: dict[str, Template], stage: str) -> None:
    assert names.faults(renamed(templates["prod"], stage), f"floodmanager-{stage}") == []


@pytest.mark.parametrize(
    ("stage", "told"),
    [
        (
            "staging-of-the-whole-county",
            "BackupsBucket: floodmanager-staging-of-the-whole-county-backups-000000000000-",
        ),
        ("my_stage", "The stage may have lower-case letters, digits and hyphens"),
        ("Prod", "BackupsBucket: floodmanager-Prod-backups-000000000000-ap-southeast-1 has other characters"),
        ("prod-", "ends in no hyphen"),
    ],
)
def test_a_stage_whose_names_would_be_refused_is_named(templates: dict[str, Template], stage: str, told: str) -> None:
    assert told in "\n".join(names.faults(renamed(templates["prod"], stage), f"floodmanager-{stage}"))


def test_names_that_are_one_space_for_all_regions_carry_the_region(templates: dict[str, Template]) -> None:
    for body in templates["prod"]["Resources"].values():
        if body["Type"] in names.BEYOND_THE_REGION and names.given(body) is not None:
            assert names.resolved(names.given(body), "eu-west-1") != names.resolved(names.given(body), "eu-west-2")


def test_no_role_has_a_name_of_its_own(templates: dict[str, Template]) -> None:
    """CloudFormation gives each another, also in a second region."""
    roles = [body["Properties"] for body in templates["prod"]["Resources"].values() if body["Type"] == "AWS::IAM::Role"]

    assert roles
    assert not [role for role in roles if "RoleName" in role]


def test_a_stage_that_is_deployed_keeps_its_names(templates: dict[str, Template]) -> None:
    """A bucket cannot be renamed: another one would be made, and the copies of the audit would stay behind."""
    wanted, deployed = templates["prod"], deepcopy(templates["prod"])
    for logical_id, body in deployed["Resources"].items():
        if before := names.former(names.given(body)) if body["Type"] in names.RULES else None:
            deployed["Resources"][logical_id] = names.with_name(body, before)

    kept = names.kept(wanted, deployed)

    assert kept["Resources"] == deployed["Resources"]
    assert kept["Resources"] != wanted["Resources"]
    assert names.kept(wanted, {"Resources": {}}) == wanted
