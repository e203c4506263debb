"""Instances of Lambda functions, as processes: `python -m tests.rig.worker SOCKET MODULE...`.

The modules are imported once; each connection to the socket then gets a process of its own, forked from there. It is
told `MODULE:FUNCTION`, says its process id, and handles one event at a time until the connection ends.
"""

import importlib
import json
import os
import signal
import socket
import sys
from typing import Any

from app.core import dynamodb


def main(path: str, *modules: str) -> None:
    if patience := os.environ.get("RIG_PATIENCE_S"):
        dynamodb.CONNECT_TIMEOUT_S = dynamodb.READ_TIMEOUT_S = int(patience)
        dynamodb.CALL_S = dynamodb.WAIT_S = 2 * int(patience)
    for module in modules:
        importlib.import_module(module)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries the dead
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(path)
        door.listen(64)
        while True:
            connection, _ = door.accept()
            if os.fork() == 0:
                door.close()
                serve(connection)
                os._exit(0)
            connection.close()


def serve(connection: socket.socket) -> None:
    with connection, connection.makefile("rwb") as lines:
        module, _, name = lines.readline().decode().strip().partition(":")
        handler = getattr(sys.modules[module], name)
        lines.write(f"{os.getpid()}\n".encode())
        lines.flush()
        for line in lines:
            lines.write(json.dumps(_run(handler, json.loads(line))).encode() + b"\n")
            lines.flush()


def _run(handler: Any, event: Any) -> dict[str, Any]:
    try:
        return {"returned": handler(event, None)}
    except Exception as error:  # as the Lambda runtime does
        return {"raised": f"{type(error).__name__}: {error}"[:300]}


if __name__ == "__main__":
    main(*sys.argv[1:])
