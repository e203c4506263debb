"""The same through awslambdaric, AWS's own runtime client, against a small Runtime API: start to first answer."""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from typing import Any

from bench import cold, variants
from bench.fixed_database import Server
from bench.variants import BUILD, Variant

CHILD = Path(__file__).with_name("runtime_child.py")
LIBRARIES = str(BUILD / "references" / "libraries")
WARM = 60
TIMEOUT_S = 60


def _command(paths: Sequence[str], handler: str, server: Server) -> list[str]:
    wanted = json.dumps([*paths, LIBRARIES])
    return [sys.executable, "-S", "-s", "-P", "-B", str(CHILD), wanted, handler, str(server.port)]


def preloaded(variant: Variant, server: Server) -> list[str]:
    """Modules of the standard library that Lambda's runtime client has loaded before any handler."""
    done = subprocess.run(_command(variant.paths, "-", server), capture_output=True, text=True, check=True, timeout=60)
    names: list[str] = json.loads(done.stdout)
    return [name for name in names if name != "__main__"]


class _Api(ThreadingHTTPServer):
    """Hands out one event again and again, and notes when each answer came."""

    def __init__(self, event: dict[str, Any]) -> None:
        super().__init__(("127.0.0.1", 0), _Invocation)
        self.body = json.dumps(event).encode()
        self.handed: list[float] = []
        self.answered: list[float] = []
        self.failure = ""
        self.done = threading.Event()


class _Invocation(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Api

    def do_GET(self) -> None:
        if self.server.done.is_set():
            time.sleep(TIMEOUT_S)  # the client waits for its next event until it is ended
            return
        self.send_response(200)
        self.send_header("Lambda-Runtime-Aws-Request-Id", "bench")
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int(time.time() * 1000) + 15_000))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-2:123456789012:function:x")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.server.handed.append(time.perf_counter())
        self.wfile.write(self.server.body)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.answered.append(time.perf_counter())
        if not self.path.endswith("/response") or json.loads(body).get("statusCode") != 200:
            self.server.failure = f"{self.path}: {body[:2000]!r}"
        if self.server.failure or len(self.server.answered) > WARM:
            self.server.done.set()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def handle(self) -> None:
        with contextlib.suppress(ConnectionError):  # the client is ended while it waits for its next event
            super().handle()

    def log_message(self, *_: Any) -> None:
        """Silent."""


def _start(variant: Variant, server: Server) -> dict[str, float]:
    """One process: from its start to the first answer, and the middle of the following ones. Wall time."""
    api = _Api(variant.events["first"])
    api.daemon_threads = True
    threading.Thread(target=api.serve_forever, daemon=True).start()
    address = f"127.0.0.1:{api.server_address[1]}"
    began = time.perf_counter()
    process = subprocess.Popen(
        _command(variant.paths, variant.handler, server),
        env={**variants.lambda_environment(server.bundle), "AWS_LAMBDA_RUNTIME_API": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert api.done.wait(TIMEOUT_S), f"{variant.name} gave no answer"
        assert not api.failure, f"{variant.name}: {api.failure}"
    finally:
        process.kill()
        process.wait(10)
        api.shutdown()
        api.server_close()
    took = [after - before for before, after in zip(api.handed, api.answered, strict=False)]
    return {"runtime_start_ms": (api.answered[0] - began) * 1000, "runtime_warm_us": median(took[1:]) * 1e6}


def measure(prepared: Sequence[Variant], server: Server, rounds: int) -> Iterator[dict[str, Any]]:
    """Medians and ratios to the bare handler."""
    taken = cold.in_turns(prepared, rounds, lambda variant: _start(variant, server))
    for variant in prepared:
        told = cold.figures(taken, variant.name, ("runtime_start_ms", "runtime_warm_us"))
        yield {"measure": "runtime", "variant": variant.name, "rounds": rounds, **told}
