"""The list of deployed software is whole, and a check of advisories that checked nothing is a failure."""

import json
from pathlib import Path
from typing import Any

import pytest

from infra import audit, sbom

HOLE = {"id": "PYSEC-2019-217", "fix_versions": ["2.8.1"]}


def answer(*packages: tuple[str, list[Any]], **more: Any) -> str:
    return json.dumps(
        {"dependencies": [{"name": name, "version": "1", "vulns": holes} for name, holes in packages]} | more
    )


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.txt"
    file.write_text("Flask==3.1.2 \\\n    --hash=sha256:00\ncolorama==0.4.6 ; sys_platform == 'win32'\njinja2==3.1.6\n")
    return file


def checked(pinned: Path, said_of_pinned: str, said_of_planted: str = answer(("jinja2", [HOLE]))) -> int:
    return audit.audit([pinned], lambda file: said_of_pinned if file == pinned else said_of_planted)


def test_packages_without_advisories_are_sound(pinned: Path) -> None:
    assert checked(pinned, answer(("flask", []), ("jinja2", []))) == audit.SOUND


def test_known_hole_is_named_with_its_fix(pinned: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert checked(pinned, answer(("flask", [HOLE]), ("jinja2", []))) == audit.VULNERABLE
    assert "requirements.txt: flask 1: PYSEC-2019-217, fixed in 2.8.1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("said", "said_of_planted"),
    [
        (answer(("flask", []), ("jinja2", [])), answer(("jinja2", []))),
        (answer(("flask", [])), answer(("jinja2", [HOLE]))),
        (answer(), answer(("jinja2", [HOLE]))),
        ('{"dependencies": [{"name": "flask", "skip_reason": "not on PyPI"}]}', answer(("jinja2", [HOLE]))),
        ("No known vulnerabilities found", answer(("jinja2", [HOLE]))),
        ("", ""),
    ],
    ids=["planted hole not found", "one not looked up", "none looked up", "skipped", "no JSON", "nothing"],
)
def test_check_that_checked_nothing_fails(
    pinned: Path, capsys: pytest.CaptureFixture[str], said: str, said_of_planted: str
) -> None:
    """pip-audit alone ends with 0 here: "No known vulnerabilities found"."""
    assert checked(pinned, said, said_of_planted) == audit.NOT_CHECKED
    assert capsys.readouterr().err.startswith("NOT CHECKED.")


def test_without_the_tool_nothing_was_checked(pinned: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "TOOLS", pinned.parent)

    assert audit.audit([pinned]) == audit.NOT_CHECKED


def test_list_of_software_names_every_pin_and_every_script_of_the_pages() -> None:
    packages = sbom.pins(*sbom.DEPLOYED)
    bare = {"components": [{"name": name, "version": version} for name, version in packages.items()]}

    listed = sbom.complete(bare, packages, sbom.vendored())

    names = {component["name"] for component in listed["components"]}
    assert {"flask", "boto3", "leaflet", "swagger-ui-dist", "protomaps-leaflet"} <= names
    assert listed["metadata"]["component"]["name"] == "floodmanager"


@pytest.mark.parametrize("packages", [{"flask": "3.1.2"}, {"flask": "3.1.3", "jinja2": "1"}, {}])
def test_list_of_software_that_lacks_something_is_refused(packages: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"lacks|nothing"):
        sbom.complete({"components": [{"name": "flask", "version": "3.1.3"}]}, packages, {})
