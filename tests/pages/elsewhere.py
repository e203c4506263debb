"""Pages of other origins: a server beside the product, at another port of this machine."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


def _free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


# Chosen before the product starts, whose settings name it.
LISTED_PORT = _free_port()
LISTED = f"http://127.0.0.1:{LISTED_PORT}"


class _Page(BaseHTTPRequestHandler):
    """An empty page under every path."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"<!doctype html><html lang=en><title>Elsewhere</title><p>A page of another origin")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def pages_at(port: int) -> Iterator[str]:
    """Serve pages at a port, 0 for any that is free; gives their origin."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _Page)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
