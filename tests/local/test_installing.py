"""The first `make serve`: interrupted or run twice at once, it leaves nothing half-made that later runs would use."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.sweeper import PROCESSES
from tests.local.local_run import ROOT, await_none_with, await_true

MINUTES = 300  # only what hangs waits so long
NEEDED = ("Makefile", ".npmrc", "infra/__init__.py", "infra/local/__init__.py", "infra/local/alone.py")
NEEDED += ("infra/local/processes.py", "infra/local/sweeper.py", "infra/cli.js")
# Wait in the midst of the work until the test lets them go on.
NPM = """#!/bin/sh
echo "npm begins" >> said
mkdir -p node_modules/.bin
while test -e hold-npm; do sleep 0.05; done
echo "npm ends" >> said
"""
PYTHON = """#!/bin/sh
case "$*" in
*"-m venv"*) echo "venv begins" >> said;;
esac
if test -e hold-venv && test "$2" = venv; then
  "{python}" "$@" --without-pip
  while test -e hold-venv; do sleep 0.05; done
elif test "$2" = venv; then
  cp -R "{whole}" "$3"
else
  exec "{python}" "$@"
fi
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with pip: making one takes seconds, a copy of it none."""
    folder = tmp_path_factory.mktemp("environment") / "whole"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=MINUTES)
    return folder


@pytest.fixture
def tree(tmp_path: Path, whole: Path) -> Path:
    """A checkout of what installs, with next to nothing to be installed, and without the network."""
    for name in NEEDED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    for name in ("package.json", "package-lock.json"):
        (tmp_path / name).write_text("{}", encoding="utf-8")
    (tmp_path / "requirements-local.txt").write_text("", encoding="utf-8")
    (tmp_path / "infra/local/serve.py").write_text("print('served')\n", encoding="utf-8")
    for name, script in (("npm", NPM), ("python", PYTHON.format(python=sys.executable, whole=whole))):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        program.write_text(script, encoding="utf-8")
        program.chmod(0o755)
    return tmp_path


def serve(tree: Path, output: str) -> "subprocess.Popen[bytes]":
    """`make serve` as from a terminal, with its own process group, printing to that file."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "VIRTUAL"))}
    environment = kept | {"PATH": f"{tree / 'bin'}:{kept['PATH']}", "PIP_NO_INDEX": "1", "TREE": str(tree)}
    with (tree / output).open("wb") as printed:
        return subprocess.Popen(
            ["make", "serve", f"PY={tree / 'bin' / 'python'}"],
            cwd=tree,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def said(tree: Path) -> list[str]:
    return (tree / "said").read_text().splitlines() if (tree / "said").exists() else []


def test_two_at_once_install_once_and_for_all_and_the_second_says_that_it_waits(tree: Path) -> None:
    (tree / "hold-npm").touch()
    first = serve(tree, "first")
    await_true(lambda: "npm begins" in said(tree), MINUTES, first)

    second = serve(tree, "second")
    await_true(lambda: "Waiting for it" in (tree / "second").read_text(), MINUTES, second)
    (tree / "hold-npm").unlink()

    assert (first.wait(MINUTES), second.wait(MINUTES)) == (0, 0)
    assert "served" in (tree / "first").read_text()
    assert "served" in (tree / "second").read_text()
    assert serve(tree, "third").wait(MINUTES) == 0
    assert (tree / "third").read_text() == "served\n"
    assert sorted(said(tree)) == ["npm begins", "npm ends", "venv begins"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_half_made_environment_is_made_anew(tree: Path, number: signal.Signals) -> None:
    """Ctrl-C goes to all in the terminal's group."""
    (tree / "hold-venv").touch()
    interrupted = serve(tree, "interrupted")
    await_true((tree / ".venv/bin/python").exists, MINUTES, interrupted)

    os.killpg(interrupted.pid, number)
    interrupted.wait(MINUTES)
    left = await_none_with(f"TREE={tree}", MINUTES) if PROCESSES.is_dir() else []
    (tree / "hold-venv").unlink()
    again = serve(tree, "again")

    assert left == []
    assert again.wait(MINUTES) == 0, (tree / "again").read_text()
    assert said(tree).count("venv begins") == 2
    assert (tree / ".venv/bin/pip").exists()
    assert "served" in (tree / "again").read_text()
