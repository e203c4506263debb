"""A host on loopback that gives prescribed answers, good or bad.

with Upstream(lambda asked: Reply(b"{}")) as host:
    Fetcher(host.address).get(host.address + "/path")
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from ssl import SSLContext
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request, as it came."""

    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]

    def first(self, name: str, default: str = "") -> str:
        return self.query.get(name, [default])[0]


@dataclass(frozen=True)
class Reply:
    """An answer to give; `by_hand` writes on the connection itself, for bytes that no correct server would send."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    by_hand: Callable[[socket], None] | None = None


Answering = Callable[[Asked], Reply]


class Upstream:
    """The host, for as long as the context lasts. `asked` are the requests so far."""

    def __init__(self, answering: Answering, tls: SSLContext | None = None) -> None:
        self.asked: list[Asked] = []
        self.answering = answering
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        upstream = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                asked = Asked(parts.path, parse_qs(parts.query), self.headers)  # type: ignore[arg-type]
                upstream.asked.append(asked)
                try:
                    self._send(upstream.answering(asked))
                except OSError:
                    self.close_connection = True  # the caller has hung up

            def _send(self, reply: Reply) -> None:
                if reply.by_hand is not None:
                    self.close_connection = True
                    reply.by_hand(self.connection)
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler
