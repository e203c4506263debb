"""The real Serverless CLI against the emulated account, in a copy of the service's folder that a test may change."""

import os
import platform
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.serve_artifact import build_layer
from tests.deploy.cloud import REGION

ROOT = Path(__file__).parents[2]
CLI = ROOT / "node_modules" / ".bin" / "serverless"
# A guard against what never ends: a command is over when it ends.
WITHIN_S = 1800
PATIENCE = ROOT / "tests" / "deploy" / "patience"
# All that a deployment reads. The rest of the folder is linked, as a person's own would be there.
COPIED = ("app", "handlers", "infra", "serverless.yml", "requirements.txt", "requirements-photos.txt", "package.json")
LINKED = (".venv", "node_modules")


@dataclass(frozen=True)
class Said:
    """Result of a command: its exit code and its output."""

    code: int
    text: str


@dataclass
class Service:
    """A service's folder and the account that its commands go to."""

    folder: Path
    url: str
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, stage: str = "dev") -> Said:
        return self._said([CLI, *words, "--stage", stage], {})

    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FLOOD_", "RESOURCE"))
        }
        return kept | account_environment(self.url) | self.settings

    def keep_artifact(self) -> None:
        """Deploy the existing zip from now on: building it again takes time."""
        self.settings["FLOOD_ARTIFACT"] = str(self.folder / "build" / "floodmanager.zip")

    def take_layer(self, layer: Path) -> None:
        """Deploy this layer: it is built for this machine, which Lambda's own may not be like."""
        self.settings["FLOOD_LAYER"] = str(layer)

    def take_any_artifact(self) -> None:
        """Deploy a zip of one small file: for what no function is called in."""
        artifact = self.folder / "build" / "floodmanager.zip"
        artifact.parent.mkdir()
        with zipfile.ZipFile(artifact, "w") as packed:
            packed.writestr(zipfile.ZipInfo("handlers/api.py"), "")
        self.keep_artifact()
        self.take_layer(artifact)

    def python(self, *words: str, **own: str) -> Said:
        """A module of the product's own, by a person."""
        return self._said([".venv/bin/python", "-m", *words], own)

    def flask(self, *words: str, stage: str = "dev") -> Said:
        """A command of the product's, by a person, against the stage in the emulated account."""
        own = {"AWS_ENDPOINT_URL_SQS": self.url, "RESOURCE_PREFIX": f"floodmanager-{stage}"}
        return self._said([".venv/bin/flask", "--app", "app.factory", *words], own)

    def _said(self, command: list[str | Path], own: dict[str, str]) -> Said:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment() | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        return Said(done.returncode, done.stdout)

    def replace(self, file: str, old: str, new: str) -> None:
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{file} holds {old!r} {text.count(old)} times"
        path.write_text(text.replace(old, new), encoding="utf-8")


def account_environment(url: str) -> dict[str, str]:
    """Points every SDK to the emulated account, and makes the artifact for the interpreter that will run it here."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONPATH": str(PATIENCE),
        "FLOOD_RUNTIME": f"python{sys.version_info.major}.{sys.version_info.minor}",
        "FLOOD_ARCHITECTURE": {"aarch64": "arm64"}.get(platform.machine(), platform.machine()),
        "SLS_AWS_MONITORING_FREQUENCY": "200",
        "SLS_TELEMETRY_DISABLED": "1",
        "SLS_NOTIFICATIONS_MODE": "off",
        "NODE_NO_WARNINGS": "1",
    }


def copied_service(folder: Path, url: str) -> Service:
    """The service as it stands, in a folder of its own."""
    folder.mkdir(parents=True)
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, folder / name)
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    service = Service(folder, url)
    service.take_layer(build_layer())
    return service
