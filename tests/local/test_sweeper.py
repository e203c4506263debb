"""No process is left behind, however a command, its `make` or a run of tests ends."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local import sweeper
from infra.local.database import can_keep_data
from tests.local.local_run import AS_FROM_A_TERMINAL, ROOT, await_none_with, await_true, processes_with

TINY = Path(__file__).with_name("tiny")
MINUTE = 60  # only what hangs waits so long
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL]
pytestmark = pytest.mark.skipif(not sweeper.PROCESSES.is_dir(), reason="processes are looked at as Linux shows them")


def started(folder: Path, *command: str) -> "subprocess.Popen[bytes]":
    """The command at work, with all that it starts; each of them carries the folder in its environment."""
    process = subprocess.Popen(
        [*AS_FROM_A_TERMINAL, *command],
        cwd=ROOT,
        env=os.environ | {"WAITS_IN": str(folder)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    await_true((folder / "has started").exists, MINUTE, process)
    return process


def left_after(process: "subprocess.Popen[bytes]", number: signal.Signals, folder: Path) -> list[int]:
    """Return the processes that remain after a signal to this process alone."""
    assert len(processes_with(f"WAITS_IN={folder}")) > 2
    process.send_signal(number)
    process.wait(MINUTE)
    return await_none_with(f"WAITS_IN={folder}", MINUTE)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_command_that_is_ended_alone_leaves_nobody(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, str(TINY / "starts_others.py"), str(tmp_path)]
    process = started(tmp_path, sys.executable, "-m", "infra.local.sweeper", *command)

    assert left_after(process, number, tmp_path) == []


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_make_that_is_ended_alone_leaves_nobody(tmp_path: Path, number: signal.Signals) -> None:
    command = f"{sys.executable} -m infra.local.sweeper {sys.executable} {TINY / 'starts_others.py'} {tmp_path}"
    (tmp_path / "Makefile").write_text(f"wait:\n\t@exec {command}\n", encoding="utf-8")

    assert left_after(started(tmp_path, "make", "-f", str(tmp_path / "Makefile")), number, tmp_path) == []


@pytest.mark.skipif(not can_keep_data(), reason="dynoxide is not installed for this system")
def test_run_of_tests_that_is_interrupted_alone_leaves_no_worker_and_no_database(tmp_path: Path) -> None:
    waiting = [sys.executable, "-m", "pytest", "-n", "1", "-p", "no:cacheprovider", str(TINY / "waits.py")]

    assert left_after(started(tmp_path, *waiting), signal.SIGINT, tmp_path) == []


def test_whoever_does_not_listen_is_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeper, "PATIENCE_S", 0)
    deaf = "import signal, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-S", "-c", deaf],
        env={sweeper.MARK: "1:deaf"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()

        sweeper.sweep("1:deaf")

        assert process.wait(MINUTE) == -signal.SIGKILL


def test_others_with_another_mark_are_left_alone() -> None:
    with subprocess.Popen(
        [sys.executable, "-S", "-c", "import sys; print(flush=True); sys.stdin.read()"],
        env={sweeper.MARK: "1:other"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout
        process.stdout.readline()

        sweeper.sweep("1:another")

        assert process.poll() is None
