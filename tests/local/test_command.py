"""`make import` on the database of a local run, which it starts when nothing else has."""

import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.database import can_keep_data
from infra.local.processes import ROOT

pytestmark = pytest.mark.skipif(not can_keep_data(), reason="dynoxide is not installed for this system")
ROWS = """\
id,lat,lon,observed_at,severity,title
1,51.0852,-2.9590,2026-02-06T04:00:00Z,severe,Water in the lane
2,51.0700,-2.9170,2026-02-06T05:00:00Z,moderate,Road closed
"""


def run_import(folder: Path, file: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "infra.local.command", "--data", str(folder), "import", str(file), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "two reports.csv"
    made.write_text(ROWS)
    return made


def test_what_was_imported_is_there_the_next_time(tmp_path: Path, file: Path) -> None:
    first = run_import(tmp_path / "data", file, "--format", "csv")

    second = run_import(tmp_path / "data", file, "--format", "csv", "--active-hours", "2")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert first.stdout.startswith("2 created")
    assert second.stdout.startswith("0 created, 2 already there")
    assert (tmp_path / "data" / "stream.json").exists()
    assert not (tmp_path / "data" / "endpoint").exists()


def test_command_that_fails_tells_so(tmp_path: Path, file: Path) -> None:
    ran = run_import(tmp_path / "data", file, "--format", "a-fax")

    assert ran.returncode == 2
    assert "a-fax" in ran.stderr
