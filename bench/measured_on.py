"""Say when and of which commit figures were measured: without both it is not known whether they are still true."""

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[1]


def line(arguments: list[str]) -> str:
    """Return one line with the date, the commit, what was asked for, and the machine's kind."""
    now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    machine = f"Python {platform.python_version()}, {os.cpu_count()} cores"
    return f"Measured on {now}, commit {commit()}, with `{' '.join(arguments) or 'all parts'}`, {machine}."


def commit(root: Path = ROOT) -> str:
    """Return the short name of the commit that is checked out, and whether files differ from it."""
    try:
        name = _git(root, "rev-parse", "--short", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{name} with changes" if changed else name


def _git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()
