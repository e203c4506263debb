"""Write the list of all third-party software that is deployed, as CycloneDX: `python -m infra.sbom`, or `make sbom`.

cyclonedx-py reads the pinned requirements of the functions and of their layer; the scripts that pages bring along are
added by their folders. A list that lacks a pinned package is an error.
"""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.core.config import VERSION

ROOT = Path(__file__).parents[1]
TOOLS = ROOT / "build/audit-env/bin"
DEPLOYED = (ROOT / "requirements.txt", ROOT / "requirements-photos.txt")
VENDORED = ROOT / "app/pages/static/vendor"
SBOM = ROOT / "build/sbom.cdx.json"
# Of the folders' names in VENDORED; npm has swagger-ui's files under another name.
NPM_NAMES = {"swagger-ui": "swagger-ui-dist"}
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
Document = dict[str, Any]


def pins(*requirements: Path) -> dict[str, str]:
    """Return the pinned packages of requirements files with their versions."""
    return {name.lower(): version for file in requirements for name, version in _PIN.findall(file.read_text())}


def vendored(folder: Path = VENDORED) -> dict[str, str]:
    """Return the npm packages whose files pages use, with their versions."""
    named = (path.name.rpartition("-") for path in sorted(folder.iterdir()) if path.is_dir())
    return {NPM_NAMES.get(name, name): version for name, _, version in named}


def complete(document: Document, packages: dict[str, str], scripts: dict[str, str]) -> Document:
    """Return the document with the scripts and our own name. Raises ValueError if it lacks a pinned package."""
    listed = {component["name"].lower(): component.get("version") for component in document.get("components", ())}
    if lacking := sorted(name for name, version in packages.items() if listed.get(name) != version):
        raise ValueError(f"The list lacks {', '.join(lacking)}.")
    if not packages:
        raise ValueError("No package is pinned: there is nothing to list.")
    added = [
        {
            "type": "library",
            "bom-ref": f"pkg:npm/{name}@{version}",
            "name": name,
            "version": version,
            "purl": f"pkg:npm/{name}@{version}",
        }
        for name, version in scripts.items()
    ]
    product = {"type": "application", "bom-ref": "floodmanager", "name": "floodmanager", "version": VERSION}
    metadata = document.get("metadata", {}) | {"component": product}
    return document | {"metadata": metadata, "components": [*document["components"], *added]}


def main() -> int:
    """Write build/sbom.cdx.json and print the number of components."""
    command = [str(TOOLS / "cyclonedx-py"), "requirements", "-", "--of", "JSON", "--output-reproducible"]
    pinned = "\n".join(file.read_text() for file in DEPLOYED)
    done = subprocess.run(command, input=pinned, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return done.returncode
    document = complete(json.loads(done.stdout), pins(*DEPLOYED), vendored())
    SBOM.parent.mkdir(exist_ok=True)
    SBOM.write_text(json.dumps(document, indent=1) + "\n")
    print(f"{SBOM.relative_to(ROOT)}: {len(document['components'])} components.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
