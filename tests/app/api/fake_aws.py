"""Lambda's Invoke and DynamoDB's streams as botocore sees them, for what moto does not do without Docker."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Function = Callable[[Any, Any], Any]
STREAMS = "DynamoDBStreams_20120810."


class FakeAws(ThreadingHTTPServer):
    """Functions by name, and the records of the one stream there is; None for a stream that has forgotten them."""

    def __init__(self, functions: dict[str, Function], records: list[dict[str, Any]] | None) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.functions = functions
        self.records = records
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Request(BaseHTTPRequestHandler):
    server: FakeAws

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if target := self.headers.get("X-Amz-Target", ""):
            self._answer(*self._stream(target.removeprefix(STREAMS), body))
            return
        name = self.path.split("/")[3]
        try:
            self._answer(200, self.server.functions[name](body, None))
        except Exception as error:
            self._answer(200, {"errorMessage": str(error)}, {"X-Amz-Function-Error": "Unhandled"})

    def _stream(self, operation: str, body: Any) -> tuple[int, Any]:
        if self.server.records is None:
            return 400, {"__type": "com.amazonaws.dynamodb.v20120810#TrimmedDataAccessException", "message": "gone"}
        if operation == "GetShardIterator":
            return 200, {"ShardIterator": "there"}
        # As AWS does at times: a page without records, though more are to come.
        if body["ShardIterator"] == "there":
            return 200, {"Records": [], "NextShardIterator": "further"}
        return 200, {"Records": self.server.records, "NextShardIterator": "end"}

    def _answer(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(raw)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: Any) -> None:
        """Silent."""


@contextmanager
def fake_aws(functions: dict[str, Function], records: list[dict[str, Any]] | None = None) -> Iterator[FakeAws]:
    server = FakeAws(functions, records)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
