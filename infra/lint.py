"""Check the templates of all stages, and that of the edge, with external linters: `python -m infra.lint`.

cfn-lint knows CloudFormation's schema, parliament which action fits which resource, checkov common mistakes. Rules that
are switched off are listed here and in checkov.yml, with the reason. Our own rules (infra/rules.py) are asked too.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.policies import policies
from infra.rules import faults

ROOT = Path(__file__).parents[1]
STAGES = sorted(file.stem for file in (ROOT / "infra/stages").glob("*.yml"))
EDGE = ROOT / "infra/edge.yml"
LINTERS = ROOT / "build/lint-env/bin"
PACKAGED = ("serverless.yml", "package.json")
TEMPLATE = "cloudformation-template-update-stack.json"
TIMEOUT_S = 600  # a guard against what never ends
# W3005: the CLI states dependencies twice. W8003: a stage's file decides conditions on purpose.
NOT_ASKED_OF_CFN_LINT = ("W3005", "W8003")
# Its data of 2025 allow ListStreams for all streams only; Lambda needs it on the stream that it reads.
NOT_ASKED_OF_PARLIAMENT = "dynamodb:ListStreams"


def package(stage: str, folder: Path) -> Path:
    """Return the template of a stage as the CLI would deploy it, without artifact and network. Raises RuntimeError.

    Works in a folder of its own: the CLI leaves its state where serverless.yml is, and would meet another run there.
    """
    parts = [f"infra/{file.name}" for kind in ("yml", "js", "txt") for file in ROOT.glob(f"infra/*.{kind}")]
    for name in ("infra/stages", *parts, *PACKAGED):
        _copy(ROOT / name, folder / name)
    for name in ("node_modules", ".venv"):
        (folder / name).symlink_to(ROOT / name)
    artifact = folder / "empty.zip"
    zipfile.ZipFile(artifact, "w").close()
    empty = {"FLOOD_ARTIFACT": str(artifact), "FLOOD_LAYER": str(artifact)}
    command = ["node_modules/.bin/serverless", "package", "--stage", stage]
    done = _run(command, folder=folder, **empty, NODE_NO_WARNINGS="1")
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return template_of(folder)


def template_of(folder: Path) -> Path:
    """Return the path where the CLI leaves the template in a packaged stage's folder."""
    return folder / ".serverless" / TEMPLATE


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)


def cfn_lint(templates: Sequence[Path]) -> str:
    """Return the findings of cfn-lint; empty if there are none."""
    ignored: list[str | Path] = ["--ignore-checks", *NOT_ASKED_OF_CFN_LINT, "--include-checks", "I3510"]
    return _complaint(_run([Path(sys.executable).with_name("cfn-lint"), *ignored, "--template", *templates]))


def iam_lint(template: Path) -> str:
    """Return the findings of parliament for the roles of a template; empty if there are none."""
    with TemporaryDirectory() as folder:
        for name, policy in policies(json.loads(template.read_text(encoding="utf-8"))).items():
            Path(folder, f"{name}.json").write_text(policy, encoding="utf-8")
        done = _run([LINTERS / "parliament", "--directory", folder, "--json"])
        findings = [line.replace(folder, "") for line in done.stdout.splitlines()]
        # Its exit status reports findings; any other output is a failure of its own.
        broken = [] if done.returncode in (0, 1) and not done.stderr else [done.stderr]
    return "\n".join([*(line for line in findings if NOT_ASKED_OF_PARLIAMENT not in line), *broken])


def checkov(templates: Sequence[Path]) -> str:
    """Return the findings of checkov; empty if there are none."""
    command: list[str | Path] = [LINTERS / "checkov", "--config-file", ROOT / "infra/checkov.yml"]
    for template in templates:
        command += ["--file", template]
    return _complaint(_run(command))


def _run(command: Sequence[str | Path], *, folder: Path = ROOT, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def _complaint(done: "subprocess.CompletedProcess[str]") -> str:
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def main() -> int:
    """Run all linters and print their findings. Returns 0 if there are none."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        packaged = list(pool.map(lambda stage: package(stage, Path(folder, stage)), STAGES))
        findings = [
            pool.submit(checkov, [*packaged, EDGE]),
            pool.submit(cfn_lint, [*packaged, EDGE]),
            *(pool.submit(iam_lint, template) for template in packaged),
        ]
        complaints = [text for answer in findings if (text := answer.result())]
        complaints += [fault for file in packaged for fault in faults(json.loads(file.read_text(encoding="utf-8")))]
    print("\n\n".join(complaints) or f"The templates are right: {', '.join(STAGES)} and the edge.")
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
