"""Figures are printed with the date and the commit that they belong to."""

import re
import subprocess
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import measured_on


def git(root: Path, *arguments: str) -> str:
    named = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
    done = subprocess.run(["git", "-C", str(root), *named, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("1\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "Begin")
    return tmp_path


def test_commit_is_the_one_checked_out(checkout: Path) -> None:
    assert measured_on.commit(checkout) == git(checkout, "rev-parse", "--short", "HEAD")


def test_files_that_differ_from_the_commit_are_told(checkout: Path) -> None:
    (checkout / "code.py").write_text("2\n")

    assert measured_on.commit(checkout).endswith(" with changes")


def test_code_without_a_history_has_no_commit(tmp_path: Path) -> None:
    assert measured_on.commit(tmp_path) == "unknown"


def test_a_run_begins_and_ends_with_its_date_and_commit(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "records", lambda asked: iter([{"measure": "none", "figure": 1}]))
    monkeypatch.setattr(bench.environment, "enter", lambda: None)

    assert bench.main(["--only", "capacity", "--sizes", "1000000"]) == 0

    first, *_, last = capsys.readouterr().out.splitlines()
    assert re.match(
        r"Measured on \d{4}-\d\d-\d\d \d\d:\d\d UTC, commit .+, with `--only capacity --sizes 1000000`", first
    )
    assert last.startswith(first)
