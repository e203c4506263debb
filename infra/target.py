"""Target of an artifact: a Python version and architecture of Lambda; and a matching interpreter on this machine."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RUNTIME = "python3.13"
ARCHITECTURE = "arm64"
# Names of architectures in Lambda and in wheels; the numbers are ELF's (e_machine).
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
ELF_MACHINES = {"arm64": 183, "x86_64": 62}
# 3.11 runs on Amazon Linux 2, all later ones on Amazon Linux 2023.
GLIBC_MINOR_OF_AMAZON_LINUX_2 = 26
GLIBC_MINOR_OF_AMAZON_LINUX_2023 = 34
OLDEST_MINOR = 11
START_TIMEOUT_S = 10
# Variable that names the compiling interpreter; "none" forbids any.
CHOSEN = "PACKAGE_PYTHON"


class UnknownTarget(Exception):
    """A runtime, an architecture or an interpreter does not fit. The message says which."""


@dataclass(frozen=True)
class Target:
    """A Python version such as "3.13", and an architecture in Lambda's words."""

    version: str
    architecture: str

    @classmethod
    def named(cls, runtime: str, architecture: str) -> "Target":
        """Parse Lambda's words, as in serverless.yml. Raises UnknownTarget."""
        match = re.fullmatch(r"python(3\.(\d+))", runtime)
        if not match or int(match[2]) < OLDEST_MINOR:
            raise UnknownTarget(f"{runtime} is no runtime of this product: python3.{OLDEST_MINOR} or newer is.")
        if architecture not in MACHINES:
            raise UnknownTarget(f"{architecture} is no architecture of Lambda: {' and '.join(MACHINES)} are.")
        return cls(match[1], architecture)

    @classmethod
    def here(cls) -> "Target":
        """Return this interpreter's version, on this machine's architecture."""
        machine = {"aarch64": "arm64", "AMD64": "x86_64"}.get(platform.machine(), platform.machine())
        return cls.named(f"python3.{sys.version_info.minor}", machine)

    @property
    def machine(self) -> str:
        """Return the architecture in the words of wheels."""
        return MACHINES[self.architecture]

    @property
    def tag(self) -> str:
        """Return the tag of compiled files: cpython-313."""
        return f"cpython-{self.version.replace('.', '')}"

    @property
    def glibc_minor(self) -> int:
        """Return the newest 2.x of glibc that a compiled file may require."""
        is_second = self.version == "3.11"
        return GLIBC_MINOR_OF_AMAZON_LINUX_2 if is_second else GLIBC_MINOR_OF_AMAZON_LINUX_2023


def interpreter_for(target: Target) -> Path | None:
    """Return an interpreter on this machine that starts and compiles for the target, or None.

    Architecture does not matter: byte code is the same. Raises UnknownTarget if the chosen one does not match.
    """
    if chosen := os.environ.get(CHOSEN):
        if chosen == "none":
            return None
        if not _matches(chosen, target):
            raise UnknownTarget(f"{CHOSEN} is {chosen}, which is not a Python {target.version} that starts.")
        return Path(chosen)
    return next((Path(candidate) for candidate in _candidates(target.version) if _matches(candidate, target)), None)


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    if on_path := shutil.which(f"python{version}"):
        yield on_path
    if uv := uv_command():
        asked = [uv, "python", "find", "--offline", "--managed-python", "--no-project", version]
        yield _said(asked)
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from (str(one) for one in sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"), reverse=True))


def uv_command() -> str | None:
    """Return the path of uv: beside this interpreter, else of the checkout, else on PATH."""
    near = (Path(sys.executable).with_name("uv"), Path(__file__).parents[1] / ".venv" / "bin" / "uv")
    return next((str(one) for one in near if one.exists()), None) or shutil.which("uv")


def _matches(interpreter: str, target: Target) -> bool:
    return bool(interpreter) and target.tag == _said(
        [interpreter, "-S", "-c", "import sys; print(sys.implementation.cache_tag)"]
    )


def _said(command: list[str]) -> str:
    """Return a command's one line of output; empty if it fails, as a shim does for a disabled version."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=START_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return "" if done.returncode else done.stdout.strip()
