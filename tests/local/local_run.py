"""A local run as a person starts it, for the tests that look at one from outside."""

import json
import shlex
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from infra.local.processes import kept_port

ROOT = Path(__file__).parents[2]
# Processes are waited for by what they do; only what hangs takes so long.
START_WITHIN_S = END_WITHIN_S = RELOAD_WITHIN_S = HANGS_S = 300
REPORT = {"location": {"lat": 51.0435, "lon": -2.827}, "depth_cm": 30, "title": "Water over the kerb"}


# Tests come from one network and file more than a person does.
LIMITS = dict.fromkeys(
    (
        "FLOOD_ANONYMOUS_WRITES_PER_HOUR",
        "FLOOD_ANONYMOUS_WRITES_HARD",
        "FLOOD_REGISTRATIONS_PER_HOUR",
        "FLOOD_SUBSCRIPTIONS_PER_DAY",
        "FLOOD_SIGN_IN_TRIES",
        "FLOOD_VISITORS_PER_HOUR",
        "FLOOD_NETWORK_VOTES_PER_HOUR",
        "FLOOD_NETWORK_FLAGS_PER_DAY",
        "FLOOD_PHOTOS_PER_HOUR",
        "FLOOD_NETWORK_PHOTOS_PER_HOUR",
    ),
    "100000",
)
# For runs of which nothing asks for a small place: loading the gazetteer takes longer than all else.
WITHOUT_PLACES = ("--places", "large")


# Kept for as long as the tests run, so that a run can be started again on the port of one that was killed.
_ports = ExitStack()
# A run of tests in the background ignores interrupts, and so would all that it starts.
AS_FROM_A_TERMINAL = (
    sys.executable,
    "-c",
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])",
)


@dataclass
class LocalRun:
    """One `make serve`."""

    process: subprocess.Popen[bytes]
    folder: Path
    port: int
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> str:
        return (self.folder / "endpoint").read_text().strip()

    def ask_as_printed(self, curl: str) -> tuple[int, Any]:
        """Status and JSON that a curl command of the README gets here."""
        command = shlex.split(curl.replace("http://localhost:5000", self.url))
        done = subprocess.run(
            [*command, "-w", "\n%{http_code}"], capture_output=True, text=True, timeout=HANGS_S, check=True
        )
        body, status = done.stdout.rsplit("\n", 1)
        return int(status), json.loads(body)

    def request(self, path: str, body: Any = None, *, method: str | None = None, **headers: str) -> tuple[int, Any]:
        """Status and JSON."""
        data = None if body is None else json.dumps(body).encode()
        sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        deadline = time.monotonic() + RELOAD_WITHIN_S
        while True:
            try:
                with urlopen(Request(self.url + path, data, sent, method=method), timeout=HANGS_S) as answer:
                    text = answer.read()
                    return answer.status, json.loads(text) if text else None
            except HTTPError as error:
                return error.code, json.load(error)
            except (URLError, ConnectionError):
                # The app restarts when one of its files is saved.
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.2)

    def file_report(self, key: str) -> str:
        status, report = self.request("/v1/reports", REPORT, Idempotency_Key=key)
        assert status == 201, report
        return str(report["id"])

    def await_ready(self) -> "LocalRun":
        await_true(lambda: "Data is kept in" in self.output.read_text(), START_WITHIN_S, self.process)
        return self

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(END_WITHIN_S)


def start(
    folder: Path,
    *more: str,
    module: str = "infra.local.serve",
    with_make: bool = False,
    port: int = 0,
    demo: int = 0,
    checkout: Path = ROOT,
    python: str | Path = sys.executable,
) -> LocalRun:
    """Start without a terminal; `more` arguments go to the module."""
    port = port or _ports.enter_context(kept_port())
    command = [
        python,
        "-m",
        module,
        "--port",
        str(port),
        "--data",
        str(folder),
        "--demo",
        str(demo),
        *more,
    ]
    if with_make:
        command = ["make", "serve", f"PORT={port}", f"DATA={folder}", f"DEMO={demo}"]
    output = folder.with_suffix(f".{time.monotonic_ns()}.out")
    with output.open("wb") as log:
        process = subprocess.Popen(
            [*AS_FROM_A_TERMINAL, *command],
            cwd=checkout,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return LocalRun(process, folder, port, output)


def await_true(is_so: Any, within_s: float, process: "subprocess.Popen[bytes] | None" = None) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        assert process is None or process.poll() is None, "it ended before it was ready"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


def await_none_with(text: str, within_s: float) -> list[int]:
    """The processes that are still there after that time."""
    deadline = time.monotonic() + within_s
    while (left := processes_with(text)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


def processes_with(text: str) -> list[int]:
    """The processes, of everybody, that carry this text in their command or environment."""
    assert text, "every process carries an empty text"
    numbers = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [number for number in numbers if text in everything_about(number)]


def everything_about(process: int) -> str:
    return command_of(process) + _read(Path(f"/proc/{process}/environ"))


def command_of(process: int) -> str:
    return _read(Path(f"/proc/{process}/cmdline"))


def _read(file: Path) -> str:
    try:
        return file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
