"""SQS as far as the rig needs it: it gives out addresses of queues and keeps what is sent to them."""

import json
import threading
from collections import defaultdict
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


class Queues(ThreadingHTTPServer):
    """Messages by queue, in the order in which they came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.address = f"http://127.0.0.1:{self.server_address[1]}"
        self.messages: dict[str, list[Any]] = defaultdict(list)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Queues

    def do_POST(self) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.headers["X-Amz-Target"].endswith("GetQueueUrl"):
            answer = {"QueueUrl": f"{self.server.address}/123456789012/{said['QueueName']}"}
        else:
            self.server.messages[said["QueueUrl"].rpartition("/")[2]].append(json.loads(said["MessageBody"]))
            answer = {"MessageId": "one"}
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Silent."""
