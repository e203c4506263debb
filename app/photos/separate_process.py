"""Have a photo's pixels made by a process of its own: without our credentials, and with limits that the kernel keeps.

Decoders of pictures have been taken over by pictures. A file that kills the process, or exceeds its memory or time, is
refused like any broken one, and no photo sees what is left of another.
"""

import json
import os
import signal
import subprocess  # nosec: the command is our own, and no shell is wanted
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

from app.core import telemetry
from app.photos.reasons import BROKEN, TOO_COSTLY, Refused

COMMAND = ("-P", "-S", "-B", "-m", "app.photos.clean")
WITHIN_S = 25.0
# Signals by which the kernel ends a process for what a file has made it do.
_BREAKS = (signal.SIGSEGV, signal.SIGBUS, signal.SIGABRT, signal.SIGFPE, signal.SIGILL, signal.SIGXFSZ)
_OF_THE_FILE = {int(signal.SIGXCPU): TOO_COSTLY} | {int(one): BROKEN for one in _BREAKS}


class NotMade(Exception):
    """Error: the process failed for a reason that is not the file's. A later attempt may succeed."""


class PhotoFiles(NamedTuple):
    """The files of a photo, by size, and the width and height of the large one."""

    width: int
    height: int
    files: dict[str, bytes]


def clean(content: bytes, *, within_s: float = WITHIN_S) -> PhotoFiles:
    """Return the clean pixels of an uploaded file. Raises Refused and NotMade."""
    return _make({"clean": True}, content, within_s)


def blur(content: bytes, places: Sequence[Sequence[float]], *, within_s: float = WITHIN_S) -> PhotoFiles:
    """Return the pixels of a clean large file with places blurred. Raises Refused and NotMade."""
    return _make({"blur": [list(place) for place in places]}, content, within_s)


def _make(order: dict[str, Any], content: bytes, within_s: float) -> PhotoFiles:
    sent = json.dumps(order).encode() + b"\n" + content
    try:
        done = subprocess.run(
            [sys.executable, *COMMAND],
            input=sent,
            capture_output=True,
            env=_environment(),
            timeout=within_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotMade("It took too long.") from error
    if done.returncode:
        _explain(done)
    line, _, files = done.stdout.partition(b"\n")
    told = json.loads(line)
    if "reason" in told:
        if "error" in told:
            telemetry.logger().info("photo cannot be read", extra={"error": told["error"]})
        raise Refused(told["reason"])
    at = told["lengths"][0]
    return PhotoFiles(told["width"], told["height"], {"large": files[:at], "small": files[at:]})


def _explain(done: subprocess.CompletedProcess[bytes]) -> None:
    """Raise Refused if the file ended the process, or NotMade."""
    if (code := _OF_THE_FILE.get(-done.returncode)) is not None:
        telemetry.logger().warning("photo ended its process", extra={"signal": -done.returncode})
        raise Refused(code)
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
    raise NotMade(f"It ended with {done.returncode}: {''.join(last)[:200]}")


def _environment() -> dict[str, str]:
    """Return all that the process knows of our environment: where modules and libraries are."""
    modules = os.pathsep.join(folder or os.curdir for folder in sys.path)
    libraries = os.environ.get("LD_LIBRARY_PATH", "")
    return {"PYTHONPATH": modules} | ({"LD_LIBRARY_PATH": libraries} if libraries else {})
