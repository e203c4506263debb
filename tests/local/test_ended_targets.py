"""Ctrl-C or SIGTERM to `make gateway` and `make bench` leaves no process; test_serve.py and test_sweeper.py try others.

Make passes on a SIGTERM of its own, but not a SIGINT.
"""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local.database import can_keep_data
from infra.local.processes import is_port_free, kept_port
from infra.local.serve_artifact import build
from tests.local.calling import call
from tests.local.local_run import (
    AS_FROM_A_TERMINAL,
    HANGS_S,
    ROOT,
    await_none_with,
    await_true,
    command_of,
    processes_with,
)

SIGNALS = [signal.SIGINT, signal.SIGTERM]
pytestmark = [
    pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are looked at as Linux shows them"),
    pytest.mark.skipif(not can_keep_data(), reason="dynoxide is not installed for this system"),
    pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name),
]


@contextmanager
def make(folder: Path, *arguments: str) -> "Iterator[subprocess.Popen[bytes]]":
    """As from a terminal; what it starts carries the folder in its environment, functions excepted."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            [*AS_FROM_A_TERMINAL, "make", *arguments],
            cwd=ROOT,
            env=kept | {"STARTED_IN": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        process.kill()  # of one that has ended nothing comes
        process.wait(HANGS_S)


def all_run(folder: Path, *programs: str) -> bool:
    commands = [command_of(one) for one in processes_with(f"STARTED_IN={folder}")]
    return all(any(program in command for command in commands) for program in programs)


def left_after(process: "subprocess.Popen[bytes]", number: signal.Signals, *marks: str) -> list[int]:
    """Return the processes that remain after a signal to make alone."""
    assert all(processes_with(mark) for mark in marks)
    process.send_signal(number)
    process.wait(HANGS_S)
    return [one for mark in marks for one in await_none_with(mark, HANGS_S)]


def test_gateway_that_is_ended_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    folder, artifact = tmp_path / "data", build()
    with kept_port() as port:
        given = (f"PORT={port}", f"DATA={folder}", "DEMO=0", f"ZIP={artifact}")
        with make(tmp_path, "gateway", *given) as process:
            await_true(lambda: "Data is kept in" in (tmp_path / "output").read_text(), HANGS_S, process)
            assert call(f"http://127.0.0.1:{port}", "/healthz").status == 200
            of_functions = f"AWS_ENDPOINT_URL_DYNAMODB={(folder / 'endpoint').read_text().strip()}"

            assert left_after(process, number, f"STARTED_IN={tmp_path}", of_functions) == []
        assert is_port_free(port)
    assert not (folder / "endpoint").exists()


def test_bench_that_is_ended_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    """In the environment of the tests: its own is a matter of installing."""
    environment = tmp_path / "environment"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin/python").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', encoding="utf-8")
    (environment / "bin/python").chmod(0o755)
    (environment / ".stamp").touch()

    with make(tmp_path, "bench", f"BENCH={environment}", "ARGS=--only near") as process:
        await_true(lambda: all_run(tmp_path, "-m bench", "dynoxide"), HANGS_S, process)

        assert left_after(process, number, f"STARTED_IN={tmp_path}") == []
