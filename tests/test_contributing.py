"""The recipes of CONTRIBUTING.md name files and names that exist."""

import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
RECIPES = {
    part.partition("\n")[0]: part
    for part in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]
    if part.startswith(("To add ", "To read ", "To change "))
}
# In backquotes: a path with a slash or an ending, and a constant.
PATH = re.compile(r"`((?:app|handlers|infra|tests|docs)/[\w/<>.-]*|[\w-]+\.(?:py|yml|md|html))`")
CONSTANT = re.compile(r"`(_?[A-Z][A-Z_]{3,})`")
# Named for what they are about, and not a name of our code.
NOT_OURS = {"FILE", "NAME", "ZONE"}


@cache
def code() -> str:
    files = [file for folder in ("app", "infra", "tests", "handlers") for file in (ROOT / folder).rglob("*.py")]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def is_there(path: str) -> bool:
    """Return whether a file or folder exists; `<noun>` stands for anything. A bare name may be in any folder."""
    pattern = re.sub(r"<\w+>", "*", path).rstrip("/")
    found = ROOT.glob(pattern) if "/" in pattern else (*ROOT.glob(pattern), *(ROOT / "app").rglob(pattern))
    return any(True for _ in found)


def test_there_is_a_recipe_for_what_is_added_most() -> None:
    wanted = ("a field to a report", "a route", "a page", "a source of official warnings", "a language")

    assert [noun for noun in wanted if f"To add {noun}" not in RECIPES] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_names_files_that_exist(recipe: str) -> None:
    assert [path for path in PATH.findall(RECIPES[recipe]) if not is_there(path)] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_recipe_names_constants_that_exist(recipe: str) -> None:
    named = set(CONSTANT.findall(RECIPES[recipe])) - NOT_OURS

    assert [name for name in named if not re.search(rf"^\s*{name}\b.*=|\b{name}:", code(), re.MULTILINE)] == []
