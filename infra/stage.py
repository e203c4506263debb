"""Stage what is deployed: our code, what it depends on, botocore's data cut down, and byte code that needs no check.

`python -m infra.stage FOLDER [--requirements FILE]` for this interpreter and system. The packager zips such a folder;
the benchmark measures it, so that what is measured is what runs.
"""

import argparse
import compileall
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from py_compile import PycInvalidationMode

from infra import botocore_data

ROOT = Path(__file__).parents[1]
OWN = ("app", "handlers")
REQUIREMENTS = ROOT / "requirements.txt"
INSTALL_TIMEOUT_S = 300
# Commands of libraries, and what their tests and type checkers need.
NOT_NEEDED = ("bin", "*/tests", "*/testing", "**/*.pyi", "**/__pycache__")


class StageFailed(Exception):
    """The folder could not be filled. Its text says why."""


def stage(folder: Path, *, requirements: Path = REQUIREMENTS) -> None:
    """Fill an empty or new folder. Raises StageFailed."""
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise StageFailed(f"{folder} is not empty.")
    install(folder, requirements)
    for name in OWN:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    _remove(folder, NOT_NEEDED)
    botocore_data.cut(folder / "botocore" / "data")
    compile_all(folder)


def install(folder: Path, requirements: Path) -> None:
    """By uv where it is there, which is quicker; else by pip. Both check every hash."""
    uv = ROOT / ".venv" / "bin" / "uv"
    wanted = ["--target", str(folder), "--require-hashes", "-r", str(requirements), "--quiet"]
    if uv.exists():
        # Copies: what is changed here must not change an installer's cache, or the environments that share it.
        command = [str(uv), "pip", "install", "--python", sys.executable, "--link-mode", "copy", *wanted]
    else:
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", "--no-compile", *wanted]
    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_TIMEOUT_S, check=False)
    if done.returncode:
        raise StageFailed(f"The dependencies could not be installed:\n{done.stderr[-2000:]}")


def _remove(folder: Path, patterns: Sequence[str]) -> None:
    for pattern in patterns:
        for found in list(folder.glob(pattern)):
            shutil.rmtree(found) if found.is_dir() else found.unlink(missing_ok=True)


def compile_all(folder: Path, *, is_strict: bool = True) -> None:
    """Byte code that is taken without looking at its source: a zip's dates never match, and looking costs too.

    Strict: a file that does not compile raises StageFailed. Libraries carry templates that are no Python.
    """
    is_whole = compileall.compile_dir(
        folder,
        quiet=2,
        workers=0,
        stripdir=folder,
        invalidation_mode=PycInvalidationMode.UNCHECKED_HASH,
    )
    if is_strict and not is_whole:
        raise StageFailed("Some file could not be compiled.")


def main(arguments: Sequence[str]) -> int:
    reader = argparse.ArgumentParser(prog="python -m infra.stage", description="Stage what is deployed.")
    reader.add_argument("folder", type=Path)
    reader.add_argument("--requirements", type=Path, default=REQUIREMENTS)
    asked = reader.parse_args(arguments)
    try:
        stage(asked.folder, requirements=asked.requirements)
    except StageFailed as failed:
        print(failed, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
