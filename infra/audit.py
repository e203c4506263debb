"""Compare every pinned package with the known advisories of PyPI: `python -m infra.audit`, or `make audit`.

pip-audit reads the advisories from PyPI's JSON API, which needs a network. Exit status 0: all were checked, none is
known to be vulnerable; 1: some are; 3: NOT CHECKED, for example without a network or behind an index that has no
advisories. pip-audit alone calls that a success, so a package with known holes is looked
up first: if they are not found, nothing that follows means anything.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from infra.sbom import DEPLOYED, ROOT, TOOLS, pins

# CVE-2016-10745 and others.
PLANTED = "jinja2==2.4.1"
SOUND, VULNERABLE, NOT_CHECKED = 0, 1, 3
Finding = dict[str, Any]
Run = Callable[[Path], str]


class NotChecked(Exception):
    """The advisories could not be read, or not for every package."""


def run_pip_audit(requirements: Path) -> str:
    """Return pip-audit's answer in JSON. Raises NotChecked if it gives none."""
    command = [
        str(TOOLS / "pip-audit"),
        "--strict",
        "--disable-pip",
        "--no-deps",
        "-f",
        "json",
        "-r",
        str(requirements),
    ]
    try:
        done = subprocess.run([*command, "--progress-spinner", "off"], capture_output=True, text=True, check=False)
    except OSError as error:
        raise NotChecked(f"pip-audit does not run: {error}") from error
    if not done.stdout.strip():
        raise NotChecked((done.stderr.strip().splitlines() or ["pip-audit says nothing."])[-1])
    return done.stdout


def findings(requirements: Path, run: Run) -> list[Finding]:
    """Return what is known of each pinned package. Raises NotChecked unless every one was looked up."""
    try:
        found: list[Finding] = json.loads(run(requirements))["dependencies"]
    except (ValueError, KeyError, TypeError) as error:
        raise NotChecked(f"pip-audit's answer cannot be read: {error}") from error
    checked = {one["name"].lower() for one in found if "vulns" in one and not one.get("skip_reason")}
    if lacking := sorted(_needed_here(requirements) - checked):
        raise NotChecked(f"Not looked up: {', '.join(lacking)}.")
    return found


def _needed_here(requirements: Path) -> set[str]:
    """Return the pinned packages, without those for other systems, which pip-audit leaves out."""
    for_others = {line.partition("==")[0].lower() for line in requirements.read_text().splitlines() if " ; " in line}
    return pins(requirements).keys() - for_others


def audit(files: Sequence[Path], run: Run = run_pip_audit) -> int:
    """Print what was found and return the exit status."""
    try:
        with TemporaryDirectory() as folder:
            planted = Path(folder) / "planted.txt"
            planted.write_text(f"{PLANTED}\n")
            if not any(one["vulns"] for one in findings(planted, run)):
                raise NotChecked(f"{PLANTED} has known holes, and none was found.")
        found = {file.name: findings(file, run) for file in files}
    except NotChecked as reason:
        print(f"NOT CHECKED. {reason}", file=sys.stderr)
        return NOT_CHECKED
    holes = [(name, one, hole) for name, some in found.items() for one in some for hole in one["vulns"]]
    for name, one, hole in holes:
        print(
            f"{name}: {one['name']} {one['version']}: {hole['id']}, fixed in {', '.join(hole['fix_versions']) or '?'}"
        )
    print(f"{sum(map(len, found.values()))} packages checked, {len(holes)} known holes.")
    return VULNERABLE if holes else SOUND


if __name__ == "__main__":
    raise SystemExit(audit([ROOT / name for name in sys.argv[1:]] or DEPLOYED))
