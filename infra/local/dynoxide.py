"""Run dynoxide with its data in memory while a block lasts: for tests and measurements."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.processes import LOOPBACK, ROOT, kept_port

DYNOXIDE = ROOT / "node_modules/@dynoxide/linux-x64/dynoxide"
LOOK_EVERY_S = 0.02


@contextmanager
def running_dynoxide() -> Iterator[str]:
    """Yield its address when it listens there."""
    with dynoxide_process() as (address, _):
        yield address


@contextmanager
def dynoxide_process() -> Iterator[tuple[str, int]]:
    """Yield its address when it listens there, and the number of its process."""
    with kept_port() as port:
        command = [str(DYNOXIDE), "--host", LOOPBACK, "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not is_answered(port):
                if server.poll() is not None:
                    raise RuntimeError(f"dynoxide has ended at once with code {server.returncode}")
                time.sleep(LOOK_EVERY_S)
            yield f"http://{LOOPBACK}:{port}", server.pid
        finally:
            server.kill()  # it stores nothing, and would wait for idle connections
            server.wait()


def is_answered(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0
