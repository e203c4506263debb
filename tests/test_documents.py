"""Documents name what is there: files, rooms, functions, and the order of imports."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

from infra.house_map import in_order

ROOT = Path(__file__).parents[1]
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
IMPORT_ORDER = ARCHITECTURE.split("## Import order")[1].split("\n## ")[0]
# In backquotes: a path with a folder and an ending of source text. Settings and URLs have none of these folders.
FOLDERS = "app|handlers|infra|tests|bench|docs"
PATH = re.compile(rf"`((?:{FOLDERS})/[\w/.-]*\.(?:py|yml|md|html|js|css|csv|txt))`")
FOLDER = re.compile(rf"`((?:{FOLDERS})/(?:[\w-]+/)*)`")


def layers() -> list[str]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    return next(list(contract["layers"]) for contract in contracts if contract["type"] == "layers")


def functions() -> set[str]:
    """All functions that are deployed: of serverless.yml and of its fragments."""
    found = set()
    for file in (ROOT / "serverless.yml", *(ROOT / "infra").glob("functions_*.yml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        declared = content.get("functions", content)
        parts = declared if isinstance(declared, list) else [declared]
        found |= {name for part in parts if isinstance(part, dict) for name, one in part.items() if "handler" in one}
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_document_names_files_that_exist(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = {*PATH.findall(text), *FOLDER.findall(text)}

    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_order_of_imports_is_the_one_that_is_checked() -> None:
    written = re.findall(r"^\d+\. ((?:`[\w.]+`(?:, )?)+)", IMPORT_ORDER, re.MULTILINE)

    assert [re.findall(r"`([\w.]+)`", line) for line in written] == [layer.split(" | ") for layer in layers()]


def test_readme_says_where_each_room_is() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").split("## Where things are")[1].split("\n## ")[0]
    rooms = [room for room in in_order() if room not in ("handlers", "app")]

    assert len(rooms) > 15
    assert [room for room in rooms if f"`app/{room}/`" not in table] == []


def test_architecture_names_each_function() -> None:
    assert len(functions()) > 15
    assert [name for name in sorted(functions()) if f"`{name}`" not in ARCHITECTURE] == []


def test_each_table_is_on_the_door_plate_of_its_room() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "app").rglob("*.py"))
    tables = set(re.findall(r'settings\(\)\.table\("([a-z-]+)"\)', code))
    plates = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "app").rglob("__init__.py"))

    assert len(tables) > 10
    assert [table for table in sorted(tables) if not re.search(rf"\b{table}\b", plates)] == []
