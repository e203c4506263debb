"""The steps of `make deploy` (infra/plugin.js) without the CLI, which would take seconds each time."""

import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra import adopt, index_steps, stack_state
from infra.template import Template
from tests.deploy.cloud import REGION, Cloud
from tests.deploy.cloud_kinds import Clients
from tests.deploy.cloud_stacks import Resources
from tests.deploy.conftest import PREFIX

BUCKET = "ServerlessDeploymentBucket"
DONE = ("CREATE_COMPLETE", "UPDATE_COMPLETE")


@dataclass
class Operator:
    """An operator who types `make deploy`."""

    account: Cloud
    folder: Path
    region: str = REGION

    def __post_init__(self) -> None:
        self.clients = Clients(self.account.url, self.region)
        self.clients("ssm").put_parameter(Name="/floodmanager/dev/origin-key", Value="key", Type="String")

    def deploy(self, template: Template, *, fails_at: str = "") -> str:
        """Deploy, failing at one resource; return the state that the stack ends in."""
        client, formation = self.clients, self.clients("cloudformation")
        stack_state.make_ready(formation, PREFIX, wait=lambda _: None)
        if PREFIX not in {stack["StackName"] for stack in formation.describe_stacks()["Stacks"]}:
            own = {"Resources": {BUCKET: template["Resources"][BUCKET]}}
            formation.create_stack(StackName=PREFIX, TemplateBody=json.dumps(own))
        adopt.adopt(client, template, PREFIX)
        wanted, now = self.folder / "wanted.json", self.folder / "now.json"
        wanted.write_text(json.dumps(template), encoding="utf-8")
        index_steps.deploy(client, PREFIX, wanted, now)
        bucket = self._upload(template, now)
        Resources.fails_at = fails_at
        address = f"https://s3.{self.region}.amazonaws.com/{bucket}/now.json"
        formation.update_stack(StackName=PREFIX, TemplateURL=address)
        assert not Resources.fails_at, f"{fails_at} was not changed"
        return str(formation.describe_stacks(StackName=PREFIX)["Stacks"][0]["StackStatus"])

    def _upload(self, template: Template, now: Path) -> str:
        told = self.clients("cloudformation").describe_stack_resource(StackName=PREFIX, LogicalResourceId=BUCKET)
        bucket, artifact = str(told["StackResourceDetail"]["PhysicalResourceId"]), io.BytesIO()
        with zipfile.ZipFile(artifact, "w") as packed:
            packed.writestr(zipfile.ZipInfo("handlers/api.py"), "")
        functions = [body for body in template["Resources"].values() if body["Type"] == "AWS::Lambda::Function"]
        files = {body["Properties"]["Code"]["S3Key"]: artifact.getvalue() for body in functions}
        for key, content in {**files, "now.json": now.read_bytes()}.items():
            self.clients("s3").put_object(Bucket=bucket, Key=key, Body=content)
        return bucket

    def failures(self) -> list[str]:
        """Return what CloudFormation said of resources that failed."""
        told = self.clients("cloudformation").describe_stack_events(StackName=PREFIX)["StackEvents"]
        return [each["ResourceStatusReason"] for each in told if each["ResourceStatus"].endswith("_FAILED")]

    def store(self, table: str, item: dict[str, dict[str, str]]) -> bool:
        """Store a row if the table is there; return whether it is."""
        dynamodb = self.clients("dynamodb")
        if f"{PREFIX}-{table}" not in dynamodb.list_tables()["TableNames"]:
            return False
        dynamodb.put_item(TableName=f"{PREFIX}-{table}", Item=item)
        return True

    def has(self, table: str, key: dict[str, dict[str, str]]) -> bool:
        return "Item" in self.clients("dynamodb").get_item(TableName=f"{PREFIX}-{table}", Key=key)
