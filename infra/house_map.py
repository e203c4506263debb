"""Draw the house: its rooms, what each owns, and which import which. `make house-map` writes docs/house.md.

A room is a package directly below `app/`, `handlers` besides; an arrow says that a module of one imports a module of
the other.
"""

import ast
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "house.md"
LOOSE = "app"
_HEAD = """# The house

Made by `make house-map` from the imports; a test compares. Rooms stand in the order in which they may import: a line
may use those below it, never its neighbours (`lint-imports`).

"""


def room_of(module: str) -> str:
    """Return the room of a module: `app.reports.models` is in `reports`."""
    parts = module.split(".")
    if parts[0] == "handlers":
        return "handlers"
    is_package = len(parts) > 1 and (ROOT / "app" / parts[1]).is_dir()
    return parts[1] if is_package else LOOSE


def imports_of(file: Path) -> set[str]:
    """Return our modules that a file imports, at its top or inside a function."""
    rooms = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] in ("app", "handlers"):
            rooms |= {node.module} if node.module != "app" else {f"app.{name.name}" for name in node.names}
    return rooms


def arrows() -> dict[str, dict[str, int]]:
    """Return for each room the rooms that it imports, with the number of importing files."""
    counts: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for file in sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "handlers").glob("*.py")]):
        room = room_of(".".join(file.relative_to(ROOT).with_suffix("").parts))
        for other in {room_of(module) for module in imports_of(file)} - {room}:
            counts[room][other] += 1
    return counts


def in_order() -> list[str]:
    """Return the rooms in the order of the import rules, the topmost first."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    modules = [module.strip() for layer in layers for module in layer.split("|")]
    return list(dict.fromkeys(room_of(module) for module in modules))


def plate_of(room: str) -> str:
    """Return the first paragraph of a room's docstring."""
    if room == LOOSE:
        return (
            "`factory.py` wires the rooms, `wsgi.py` is the application, `first_rooms.py` and `further_rooms.py` are "
            "what it starts with and becomes (`growing.py`), `reactions.py` says what follows a change."
        )
    file = ROOT / ("handlers" if room == "handlers" else f"app/{room}") / "__init__.py"
    text = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) if file.exists() else ""
    return " ".join((text or "").split("\n\n")[0].split())


def size_of(room: str) -> tuple[int, int]:
    """Return the numbers of a room's modules and lines."""
    folder = ROOT / ("handlers" if room == "handlers" else f"app/{room}")
    files = [file for file in folder.rglob("*.py") if file.name != "__init__.py"]
    if room == LOOSE:
        files = [file for file in (ROOT / "app").glob("*.py") if file.name != "__init__.py"]
    return len(files), sum(len(file.read_text(encoding="utf-8").splitlines()) for file in files)


def render() -> str:
    """Render the page."""
    arrow_counts = arrows()
    rooms = in_order()
    lines = ["| room | what it owns | modules | imports |", "|---|---|---|---|"]
    for room in rooms:
        modules, _ = size_of(room)
        others = ", ".join(other for other in rooms if other in arrow_counts.get(room, {}))
        lines.append(f"| `{room}` | {plate_of(room)} | {modules} | {others} |")
    graph = ["```mermaid", "flowchart TD"]
    graph += [f"  {room} --> {other}" for room in rooms for other in rooms if other in arrow_counts.get(room, {})]
    return _HEAD + "\n".join(lines) + "\n\n" + "\n".join([*graph, "```"]) + "\n"


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written.", file=sys.stderr)
