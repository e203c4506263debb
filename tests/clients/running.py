"""Commands of other makers, run in their own environments: build/clients (Python), build/clients-npm, the system's."""

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / "build" / "clients" / "bin" / "python"
NPM = ROOT / "build" / "clients-npm"
BESIDE = ROOT / ".venv" / "bin"
HANGS_S = 900
# None of them is to tell its maker of us, to look for a newer version, or to ask anyone but us.
QUIET = {
    "REDOCLY_TELEMETRY": "off",
    "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true",
    "NO_COLOR": "1",
    "PYTHONUNBUFFERED": "1",
    "GDAL_HTTP_TIMEOUT": "60",
}


class Failed(AssertionError):
    """A client that ended with another status than 0; its words are the message."""


def run(*command: str | Path, cwd: Path | None = None, stdin: str = "") -> str:
    """Return all that a command writes. Raises Failed if it fails."""
    words = [str(word) for word in command]
    path = os.pathsep.join((str(PYTHON.parent), os.environ["PATH"]))
    done = subprocess.run(
        words,
        input=stdin,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | QUIET | {"PATH": path},
        timeout=HANGS_S,
        check=False,
    )
    if done.returncode:
        raise Failed(f"{' '.join(words)[:300]} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout + done.stderr


def python(code: str, *arguments: str | Path, stdin: str = "") -> str:
    """Return what a program of Python writes in the clients' environment; it finds its arguments in sys.argv[1:]."""
    return run(PYTHON, "-c", code, *arguments, stdin=stdin)


def node(code: str, *arguments: str | Path, stdin: str = "") -> str:
    """Return what a module of JavaScript writes beside the clients; its arguments are process.argv.slice(1)."""
    return run("node", "--input-type=module", "-e", code, "--", *arguments, cwd=NPM, stdin=stdin)


def tool(name: str, *arguments: str | Path) -> str:
    """Return what a command of an npm package writes; paths among its arguments are absolute."""
    return run(NPM / "node_modules" / ".bin" / name, *arguments, cwd=NPM)
