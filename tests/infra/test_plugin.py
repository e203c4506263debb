"""Before anything is made the region is said with its source, and a protected stage has an address for alarms."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONFIG = "[default]\nregion = eu-west-1\n\n[profile flood]\noutput = json\nregion=us-west-2\n[profile bare]\n"
# The plugin before a deployment, in an account where only these regions have the stack; prints what it says.
DEPLOYS = """
const Plugin = require('./infra/plugin.js');
const said = [];
const serverless = {
  service: { service: 'floodmanager' },
  classes: { Error },
  getProvider: () => ({ getStage: () => 'prod', options: {} }),
};
const plugin = new Plugin(serverless, {}, { log: { notice: (line) => said.push(line) }, writeText() {} });
plugin.isDeployed = async (region) => JSON.parse(process.env.THERE).includes(region);
plugin.sayRegion().catch((error) => said.push(error.message)).then(() => console.log(JSON.stringify(said)));
"""


def node(script: str, folder: Path, **variables: str) -> Any:
    config = folder / "config"
    config.write_text(CONFIG, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environment = kept | {"AWS_CONFIG_FILE": str(config), "NODE_NO_WARNINGS": "1"} | variables
    done = subprocess.run(
        ["node", "-e", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600, check=True
    )
    return json.loads(done.stdout)


def test_the_option_comes_before_the_environment_and_that_before_the_profile(tmp_path: Path) -> None:
    asks = (
        "const { namedRegion } = require('./infra/region.js'); const found = [];"
        "const ask = (variables, options) => { for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE'])"
        " delete process.env[name]; Object.assign(process.env, variables); found.push(namedRegion(options).region); };"
        "ask({ AWS_REGION: 'ca-central-1' }, { region: 'ap-south-1' });"
        "ask({ AWS_REGION: 'ca-central-1', AWS_PROFILE: 'flood' });"
        "ask({ AWS_DEFAULT_REGION: 'sa-east-1', AWS_PROFILE: 'flood' });"
        "ask({ AWS_PROFILE: 'flood' }); ask({}, { 'aws-profile': 'flood' }); ask({}); ask({ AWS_PROFILE: 'bare' });"
        "console.log(JSON.stringify(found));"
    )

    found = node(asks, tmp_path)

    assert found == ["ap-south-1", "ca-central-1", "sa-east-1", "us-west-2", "us-west-2", "eu-west-1", "eu-west-2"]


def test_the_region_is_said_with_what_names_it(tmp_path: Path) -> None:
    said = node(DEPLOYS, tmp_path, THERE="[]", AWS_REGION="ca-central-1")

    assert said == ["floodmanager-prod goes to ca-central-1: AWS_REGION names it."]


def test_a_profile_makes_no_second_deployment_by_itself(tmp_path: Path) -> None:
    """Earlier releases went to eu-west-2, whatever the profile said."""
    refused = node(DEPLOYS, tmp_path, THERE='["eu-west-2"]', AWS_PROFILE="flood")
    taken = node(DEPLOYS, tmp_path, THERE='["us-west-2"]', AWS_PROFILE="flood")

    assert "is deployed in eu-west-2, and not in us-west-2" in refused[-1]
    assert taken == ["floodmanager-prod goes to us-west-2: the profile flood names it."]


def test_a_protected_stage_without_an_address_for_alarms_is_not_deployed(tmp_path: Path) -> None:
    asks = (
        "const Plugin = require('./infra/plugin.js'); const ask = (stage) => { const serverless = {"
        " service: { service: 'floodmanager', custom: { stage } }, classes: { Error },"
        " getProvider: () => ({ getStage: () => 'prod', options: {} }) };"
        " try { new Plugin(serverless, {}, {}).checkAddress(); return ''; } catch (error) { return error.message; } };"
        "console.log(JSON.stringify([[true, ''], [true, 'water@example.org'], [false, '']].map("
        "([deletion_protection, alarm_email]) => ask({ deletion_protection, alarm_email }))));"
    )

    refused, *taken = node(asks, tmp_path)

    assert "alarm_email: water@example.org" in refused
    assert taken == ["", ""]
