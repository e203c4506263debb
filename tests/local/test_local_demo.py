"""The demo of `make serve`: when it is loaded, and what a failure does; what a starting app prints."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from infra.local import local_demo, relay
from infra.local.data_folder import DataFolder
from tests.local.local_run import HANGS_S, await_true

DAY_S = 86400


class StandIn:
    """A family whose members end as told."""

    def __init__(self, code: int | None = None) -> None:
        self.members: dict[str, Sequence[Any]] = {}
        self.code, self.started = code, 0

    def start(self, name: str, command: Sequence[Any]) -> None:
        self.members[name] = command
        self.started += 1

    def code_of(self, name: str) -> int | None:
        return self.code

    def end(self, name: str) -> None:
        del self.members[name]


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


def mark(folder: DataFolder, text: str, *, age_s: float = 0) -> None:
    folder.demo_mark.write_text(text)
    os.utime(folder.demo_mark, (time.time() - age_s,) * 2)


def test_it_is_due_where_it_is_missing_old_or_another(folder: DataFolder) -> None:
    assert local_demo.is_due(folder)
    mark(folder, "")  # as an earlier release leaves it
    assert local_demo.is_due(folder)
    mark(folder, local_demo.STORY)
    assert not local_demo.is_due(folder)
    mark(folder, local_demo.STORY, age_s=DAY_S + 1)
    assert local_demo.is_due(folder)


def test_a_running_app_moves_it_into_the_present_once_a_day(folder: DataFolder) -> None:
    family: Any = StandIn()
    mark(folder, local_demo.STORY)
    assert local_demo.keep_present(folder, family) == ""
    assert family.started == 0

    mark(folder, local_demo.STORY, age_s=DAY_S + 1)
    for family.code in (None, None, 0):
        assert local_demo.keep_present(folder, family) == ""

    assert (family.started, family.members) == (1, {})
    assert not local_demo.is_due(folder)


def test_a_failure_is_told_once_and_tried_again_in_an_hour(folder: DataFolder) -> None:
    family: Any = StandIn(code=1)
    mark(folder, local_demo.STORY, age_s=DAY_S + 1)

    told = [local_demo.keep_present(folder, family) for _ in range(4)]

    assert told == ["", f"{local_demo.FAILED} It stays as it is.", "", ""]
    assert family.started == 1
    in_an_hour = time.time() - folder.demo_mark.stat().st_mtime + 3600
    assert in_an_hour == pytest.approx(DAY_S, abs=HANGS_S)


@pytest.fixture
def printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A file in the place of the terminal."""
    file = tmp_path / "printed"
    with file.open("wb") as terminal:
        monkeypatch.setattr(relay, "STDOUT", terminal.fileno())
        yield file


@pytest.mark.parametrize(("with_held", "first"), [(True, b"early\n"), (False, b"")])
def test_what_a_start_prints_is_shown_only_if_it_fails(printed: Path, with_held: bool, first: bytes) -> None:
    passed = relay.Relay()
    with os.fdopen(os.dup(passed.log.fileno()), "wb", buffering=0) as process:
        passed.opened()
        process.write(b"early\n")
        await_true(lambda: passed._held == [b"early\n"], HANGS_S)

        passed.release(with_held=with_held)
        process.write(b"late\n")

        await_true(lambda: printed.read_bytes() == first + b"late\n", HANGS_S)
    passed.reader.join()
