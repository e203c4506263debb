"""The demo of a local run: loaded once, and moved into the present when a day has passed."""

import os
import time

from infra.local.data_folder import DataFolder
from infra.local.processes import PYTHON, Ending, Failed, Family, await_true

NAME = "demo"
STORY = "Bath and the Avon"
WITHIN_S = 900
FAILED = "The demo data could not be loaded; the lines above say why."
DAY_S, HOUR_S = 86400, 3600


def load(folder: DataFolder, family: Family, ending: Ending) -> None:
    """Load the demo; the pass-phrases stay the same. Raises Failed."""
    _start(folder, family)
    await_true(lambda: family.code_of(NAME) is not None, ending=ending, within_s=WITHIN_S)
    if _end(folder, family) != 0:
        raise Failed(f"{FAILED} DEMO=0 starts without.")


def keep_present(folder: DataFolder, family: Family) -> str:
    """Move a loaded demo into the present when it is due, beside the running app; return a failure in words, or ""."""
    if NAME not in family.members:
        if is_due(folder):
            _start(folder, family)
        return ""
    if family.code_of(NAME) is None:
        return ""
    if _end(folder, family) == 0:
        return ""
    at = time.time() - DAY_S + HOUR_S
    os.utime(folder.demo_mark, (at, at))  # tried again in an hour
    return f"{FAILED} It stays as it is."


def is_due(folder: DataFolder) -> bool:
    """Return whether this release's demo is not in the database, or its story is a day old."""
    mark = folder.demo_mark
    if not mark.exists() or mark.read_text(encoding="utf-8").strip() != STORY:
        return True
    return time.time() - mark.stat().st_mtime >= DAY_S


def _start(folder: DataFolder, family: Family) -> None:
    family.start(NAME, [PYTHON, "-m", "flask", "--app", "app.factory", "demo", "--sign-ins", folder.sign_ins])


def _end(folder: DataFolder, family: Family) -> int | None:
    code = family.code_of(NAME)
    family.end(NAME)
    if code == 0:
        folder.demo_mark.write_text(STORY + "\n", encoding="utf-8")
    return code
